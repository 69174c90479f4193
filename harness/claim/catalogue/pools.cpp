// Claims about pools that a program owns.
#include "harness/claim/catalogue/rounds.h"

namespace lab::claims {
namespace {

// The same requests served from malloc and from the two pools.
struct Served {
  std::int64_t plain;
  std::int64_t monotonic;
  std::int64_t pool;

  std::int64_t worse_pool() const { return std::max(monotonic, pool); }
  std::string words(std::string (*word)(std::int64_t)) const {
    return word(monotonic) + " (monotonic), " + word(pool) + " (pool), " + word(plain) +
           " (malloc)";
  }
};

Served counted(const Runs& runs, std::string_view metric) {
  return {runs.value("source=malloc", "serve", metric),
          runs.value("source=monotonic", "serve", metric),
          runs.value("source=pool", "serve", metric)};
}

Finding fewer_calls(const Runs& runs) {
  const Served calls = counted(runs, "allocations_count");
  return expect(calls.worse_pool() * 5 <= calls.plain,
                calls.words([](std::int64_t n) { return count(n, "allocation"); }),
                "at most a fifth of malloc's", "the pool passes most requests on");
}

Finding no_more_faults(const Runs& runs) {
  const Served faults = counted(runs, "minor_faults_count");
  return expect(faults.worse_pool() <= faults.plain + 16,
                faults.words([](std::int64_t n) { return count(n, "fault"); }),
                "at most 16 more than with malloc",
                "the pool's chunks are large: they go back to the kernel and fault anew each time");
}

Finding no_more_memory(const Runs& runs) {
  const Served held{runs.grown("source=malloc", "serve", "rss_anon_bytes"),
                    runs.grown("source=monotonic", "serve", "rss_anon_bytes"),
                    runs.grown("source=pool", "serve", "rss_anon_bytes")};
  return expect(held.worse_pool() <= held.plain + held.plain / 10, held.words(mib),
                "at most a tenth more than with malloc",
                "the pool rounds up, and gives nothing back before its end");
}

// A region keeps its largest chunk from request to request.
Finding region_costs_less(const Runs& runs) {
  const auto calls = runs.value("source=region", "serve", "allocations_count");
  const auto faults = runs.value("source=region", "serve", "minor_faults_count");
  const auto plain_calls = runs.value("source=malloc", "serve", "allocations_count");
  const auto plain_faults = runs.value("source=malloc", "serve", "minor_faults_count");
  return expect(calls * 5 <= plain_calls && faults <= plain_faults + 16,
                count(calls, "allocation") + " and " + count(faults, "fault") + ", " +
                    count(plain_calls, "allocation") + " and " + count(plain_faults, "fault") +
                    " (malloc)",
                "at most a fifth of the allocations and 16 more faults",
                "the region gives its chunks back between requests");
}

constexpr std::string_view kPoints = "source=malloc,monotonic,pool,region early_percent=50";
constexpr Predicate kPoolHelps[] = {
    {"calls", "a pool asks the allocator less often", "pools", kPoints, "a fifth",
     judged<fewer_calls>},
    {"faults", "a pool takes no more page faults", "pools", kPoints, "16 faults",
     judged<no_more_faults>},
    {"memory", "a pool holds no more memory", "pools", kPoints, "a tenth", judged<no_more_memory>},
    {"region", "a region that is reset between requests costs less than malloc", "pools", kPoints,
     "a fifth; 16 faults", judged<region_costs_less>},
};
constexpr Claim pool_helps{
    "pool-helps",
    "pools",
    "Allocating from a pool the process owns reduces fragmentation and cost.",
    "the notes",
    "any",
    "all",
    kPoolHelps};
LAB_REGISTER_CLAIM(pool_helps);

}  // namespace
}  // namespace lab::claims
