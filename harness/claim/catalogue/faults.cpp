// Claims about what page faults cost, and how files come into memory.
#include "harness/claim/catalogue/judging.h"

namespace lab::claims {
namespace {

constexpr std::int64_t kPageBytes = 4096;
constexpr std::int64_t kPages = 230;

Finding no_disk_no_major(const Runs& runs) {
  const auto anonymous = runs.value("source=anonymous", "touch", "major_faults_count");
  const auto cached = runs.value("source=cached_file", "touch", "major_faults_count");
  const auto minor = runs.value("source=anonymous", "touch", "minor_faults_count") +
                     runs.value("source=cached_file", "touch", "minor_faults_count");
  return expect(anonymous == 0 && cached == 0 && minor > 0,
                count(minor, "minor fault") + " and " + count(anonymous + cached, "major fault"),
                "minor faults only", "memory or a cached file needed the disk");
}

Finding evicted_is_major(const Runs& runs) {
  const auto major = runs.value("source=evicted_file", "touch", "major_faults_count");
  return expect(major >= kPages * 9 / 10,
                count(major, "major fault") + " for " + count(kPages, "evicted page"),
                "one for each page, when nothing is read ahead", "the pages came without the disk");
}

Finding swapped_is_major(const Runs& runs) {
  const auto major = runs.value("written_percent=200", "read", "major_faults_count");
  return expect(major > 0, count(major, "major fault") + " to read swapped pages", "some",
                "swapped pages came back without the disk");
}

Finding churn_faults(const Runs& runs, std::string_view where) {
  const auto faults = runs.value(where, "more_rounds", "minor_faults_count");
  const auto rounds = runs.value(where, "more_rounds", "allocations_count") / 4;
  const auto each = runs.value(where, "first_round", "minor_faults_count");
  return expect(
      faults * 10 >= rounds * each * 8,
      count(faults, "fault") + " in " + count(rounds, "round") + " of " + std::to_string(each),
      "as many in every round as in the first", "blocks were reused");
}

Finding churn_is_quiet(const Runs& runs, std::string_view where) {
  const auto faults = runs.value(where, "more_rounds", "minor_faults_count");
  const auto each = runs.value(where, "first_round", "minor_faults_count");
  return expect(faults * 10 <= each, count(faults, "fault") + " after the first two rounds",
                "nearly none", "it faulted on");
}

Finding default_churn(const Runs& runs) { return churn_faults(runs, ""); }
Finding pinned_churn(const Runs& runs) { return churn_faults(runs, ""); }
Finding raised_churn(const Runs& runs) { return churn_is_quiet(runs, ""); }
Finding pooled_churn(const Runs& runs) { return churn_is_quiet(runs, ""); }

Finding mapping_loads_nothing(const Runs& runs) {
  constexpr std::string_view kWhere = "touched=all";
  const auto resident = runs.grown(kWhere, "map", "rss_file_bytes");
  const auto faults = runs.value(kWhere, "map", "minor_faults_count") +
                      runs.value(kWhere, "map", "major_faults_count");
  return expect(resident <= 16 * kPageBytes && faults <= 2,
                bytes(resident) + " resident and " + count(faults, "fault") + " after mmap",
                "nothing", "mmap loaded pages");
}

Finding access_loads_all(const Runs& runs) {
  constexpr std::string_view kWhere = "touched=all";
  const auto resident = runs.change(kWhere, "map", "touch", "rss_file_bytes");
  return expect(resident >= 256 * kPageBytes,
                bytes(resident) + " resident after touching 256 pages", "256 pages",
                "touched pages are not resident");
}

Finding sixteen_around(const Runs& runs) {
  constexpr std::string_view kWhere = "touched=one";
  const auto resident = runs.change(kWhere, "map", "touch", "rss_file_bytes");
  const auto faults = runs.value(kWhere, "touch", "minor_faults_count");
  return expect(resident == 16 * kPageBytes && faults == 1,
                bytes(resident) + " resident after " + count(faults, "fault") + " of one byte",
                "16 pages after one fault", "another number of pages is mapped around");
}

constexpr Predicate kMinorMajor[] = {
    {"minor", "anonymous memory and cached files need no disk", "minor_major",
     "source=anonymous,cached_file pages=230", "exact", judged<no_disk_no_major>},
    {"major", "an evicted file does", "minor_major", "source=evicted_file pages=230", "a tenth",
     judged<evicted_is_major>},
    {"swap", "swapped memory does", "swap_out", "written_percent=200", "any",
     judged<swapped_is_major>},
};
constexpr Claim minor_major{"minor-major", "faults", "Minor faults need no disk, major faults do.",
                            "the notes",   "any",    "",
                            kMinorMajor};
LAB_REGISTER_CLAIM(minor_major);

constexpr Predicate kChurn[] = {
    {"default", "with default thresholds every round faults", "large_churn",
     "block_bytes=4MiB source=malloc mmap_threshold_bytes=absent trim_threshold_bytes=absent",
     "a fifth", judged<default_churn>},
    {"pinned_low", "with the threshold pinned to 128 KiB every round faults", "large_churn",
     "block_bytes=4MiB source=malloc mmap_threshold_bytes=128KiB trim_threshold_bytes=absent",
     "a fifth", judged<pinned_churn>},
    {"raised", "raising both thresholds removes it", "large_churn",
     "block_bytes=4MiB source=malloc mmap_threshold_bytes=32MiB trim_threshold_bytes=1GiB",
     "a tenth of one round", judged<raised_churn>},
    {"pool", "a pool removes it", "large_churn",
     "block_bytes=4MiB source=pool mmap_threshold_bytes=absent trim_threshold_bytes=absent",
     "a tenth of one round", judged<pooled_churn>},
};
constexpr Claim mmap_churn_faults{
    "mmap-churn-faults",
    "faults",
    "malloc and free of large blocks fault on every round; a higher threshold or a pool cures it.",
    "the notes",
    "any",
    "glibc",
    kChurn};
LAB_REGISTER_CLAIM(mmap_churn_faults);

constexpr Predicate kFileLazy[] = {
    {"map", "after mmap nothing is resident", "file_mapping",
     "pages=256 cache=cached access=normal touched=all", "16 pages", judged<mapping_loads_nothing>},
    {"touch", "after access the pages are", "file_mapping",
     "pages=256 cache=cached access=normal touched=all", "exact", judged<access_loads_all>},
};
constexpr Claim mmap_file_lazy{
    "mmap-file-lazy", "faults", "Mapping a file loads nothing; its pages come at first access.",
    "the notes",      "any",    "",
    kFileLazy};
LAB_REGISTER_CLAIM(mmap_file_lazy);

constexpr Predicate kFaultAround[] = {
    {"one_byte", "one byte read makes 16 pages resident", "file_mapping",
     "pages=256 cache=cached access=normal touched=one", "exact", judged<sixteen_around>},
};
constexpr Claim fault_around{
    "fault-around", "faults", "A read fault on a cached file maps 16 pages.", "kernel", "any", "",
    kFaultAround};
LAB_REGISTER_CLAIM(fault_around);

}  // namespace
}  // namespace lab::claims
