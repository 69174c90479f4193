// What adapters promise, tried in a process under the library: statistics that count, a release
// that releases, knobs that work. Judges counts and bytes, never time.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include "allocators/probe/knob_rows.h"
#include "harness/run/file_origin.h"
#include "harness/run/library.h"

namespace probe {

void PrintTo(const KnobRow& row, std::ostream* out) { *out << row.knob << " of " << row.allocator; }

namespace {

constexpr std::int64_t kMiB = 1 << 20;
constexpr std::int64_t kLiveBytes = 32 * kMiB / 1000 * 1000;  // what the scenario `adapter` holds

using Told = std::map<std::string, std::int64_t>;

// "a=b c=d" as settings; the text must outlive them.
std::vector<lab::Setting> settings_of(std::string_view text) {
  std::vector<lab::Setting> settings;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    const std::size_t equals = word.find('=');
    settings.push_back({word.substr(0, equals), word.substr(equals + 1)});
    text.remove_prefix(std::min(text.size(), word.size() + 1));
  }
  return settings;
}

Told tell(const lab::Allocator& allocator, const std::string& knobs, std::string_view scenario,
          std::string_view bytes = "0") {
  const lab::ResolvedLibrary library = lab::find_library(allocator);
  std::string unsupported;
  std::vector<std::string> command{"env"};
  for (const auto& [name, value] :
       lab::knob_environment(allocator, settings_of(knobs), &unsupported))
    command.push_back(name + "=" + value);
  EXPECT_EQ(unsupported, "");
  if (library.preload) command.push_back("LD_PRELOAD=" + library.path);
  const auto program = std::filesystem::canonical("/proc/self/exe").parent_path() / "adapter_probe";
  for (const auto& word :
       {program.string(), std::string(allocator.name), std::string(scenario), std::string(bytes)})
    command.push_back(word);
  int exit_code = 0;
  std::istringstream lines(lab::output_of(command, exit_code));
  EXPECT_EQ(exit_code, 0);
  Told told;
  for (std::string name, value; lines >> name && std::getline(lines, value);)
    told[name] = lab::number_from(std::string_view(value).substr(1)).value_or(0);
  return told;
}

const lab::Allocator* allocator_of(std::string_view name) {
  return lab::find_registered<lab::Allocator>(name);
}

std::vector<const lab::Allocator*> all_allocators() {
  std::vector<const lab::Allocator*> found;
  for (auto* entry = lab::Registration<lab::Allocator>::first(); entry; entry = entry->next())
    found.push_back(&entry->item());
  return found;
}

class Adapter : public testing::TestWithParam<const lab::Allocator*> {
 protected:
  void SetUp() override {
    const lab::ResolvedLibrary library = lab::find_library(allocator());
    if (!library.available) GTEST_SKIP() << library.reason;
    told_ = tell(allocator(), "", "adapter");
  }
  const lab::Allocator& allocator() const { return *GetParam(); }
  bool has(const std::string& name) const { return told_.contains(name); }
  std::int64_t grown(const std::string& metric, const std::string& when) {
    return told_[when + "." + metric] - told_["start." + metric];
  }
  Told told_;
};

TEST_P(Adapter, tells_a_version_when_it_claims_to) {
  EXPECT_EQ(has("version"), allocator().version != nullptr);
}

TEST_P(Adapter, puts_only_metrics_that_are_declared) {
  for (const auto& [name, value] : told_) {
    if (!name.starts_with("live.")) continue;
    const std::string metric = name.substr(5);
    const auto is_it = [&](const lab::Metric& one) { return one.name == metric; };
    const bool of_the_probe = metric == "rss_anon_bytes" || metric == "vsz_bytes" ||
                              metric == "huge_bytes" || metric == "maps_count";
    EXPECT_TRUE(of_the_probe || std::ranges::any_of(lab::kStatisticsMetrics, is_it) ||
                std::ranges::any_of(allocator().metrics, is_it))
        << metric;
  }
}

TEST_P(Adapter, counts_the_bytes_of_live_blocks) {
  if (!has("live.allocator_live_bytes")) GTEST_SKIP() << "the allocator does not tell";
  EXPECT_GE(grown("allocator_live_bytes", "live"), kLiveBytes);
  EXPECT_LE(grown("allocator_live_bytes", "live"), kLiveBytes * 11 / 10);
  EXPECT_LE(std::abs(grown("allocator_live_bytes", "freed")), kMiB);
}

TEST_P(Adapter, counts_at_least_the_live_bytes_as_mapped) {
  if (!has("live.allocator_mapped_bytes")) GTEST_SKIP() << "the allocator does not tell";
  EXPECT_GE(told_["live.allocator_mapped_bytes"], kLiveBytes);
}

TEST_P(Adapter, releases_most_of_what_is_free) {
  if (allocator().release == nullptr) GTEST_SKIP() << "the allocator has no such call";
  EXPECT_EQ(told_["released"], 1);
  // mimalloc 2 keeps the free pages of a segment in which one block lives.
  if (allocator().name == "mimalloc") GTEST_SKIP() << "depends on the version";
  EXPECT_LE(grown("rss_anon_bytes", "release"), kLiveBytes / 4);
}

TEST_P(Adapter, has_a_row_for_every_knob) {
  for (const lab::KnobRule& rule : allocator().knobs) {
    const auto has_row = [&](const auto& row) {
      return row.allocator == allocator().name &&
             row.knob.substr(0, row.knob.find('=')) == rule.knob;
    };
    EXPECT_TRUE(std::ranges::any_of(kKnobRows, has_row) ||
                std::ranges::any_of(kUntriedKnobs, has_row))
        << rule.knob;
  }
}

INSTANTIATE_TEST_SUITE_P(Every, Adapter, testing::ValuesIn(all_allocators()),
                         [](const auto& instance) { return std::string(instance.param->name); });

bool transparent_huge_pages_are_off() {
  std::ifstream file("/sys/kernel/mm/transparent_hugepage/enabled");
  std::string text;
  return !std::getline(file, text) || text.find("[never]") != text.npos;
}

class Knob : public testing::TestWithParam<KnobRow> {};

TEST_P(Knob, has_its_effect) {
  const KnobRow& row = GetParam();
  const lab::Allocator* allocator = allocator_of(row.allocator);
  ASSERT_NE(allocator, nullptr);
  const lab::ResolvedLibrary library = lab::find_library(*allocator);
  if (!library.available) GTEST_SKIP() << library.reason;
  if (row.knob.starts_with("huge_pages") && transparent_huge_pages_are_off())
    GTEST_SKIP() << "the kernel has transparent huge pages switched off";

  const std::string base(row.base), measure(row.measure);
  const Told without = tell(*allocator, base, row.scenario, row.bytes);
  const Told with = tell(*allocator, base + (base.empty() ? "" : " ") + std::string(row.knob),
                         row.scenario, row.bytes);
  ASSERT_TRUE(without.contains(measure) && with.contains(measure)) << measure;
  if (row.effect == Effect::lowers) EXPECT_LT(with.at(measure), without.at(measure)) << measure;
  else EXPECT_GT(with.at(measure), without.at(measure)) << measure;
}

INSTANTIATE_TEST_SUITE_P(Every, Knob, testing::ValuesIn(kKnobRows), [](const auto& instance) {
  const std::string_view knob = instance.param.knob;
  return std::string(instance.param.allocator) + "_" + std::string(knob.substr(0, knob.find('=')));
});

}  // namespace
}  // namespace probe
