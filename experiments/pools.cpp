// Question: does a pool of the program's own save cost and memory for objects that die together?
// Method:   requests; each makes thousands of small objects, frees a share early and the rest at
//           its end; each also replaces a block of a session that outlives it. Objects come from
//           malloc, a std::pmr pool or a region; session blocks from malloc.
// Ideal:    after the first request the allocator is asked for session blocks only.
// Watch:    the pools' own work is in the time, but not in the calls that reach the allocator.
#include <span>

#include "experiments/workload/describe.h"
#include "experiments/workload/pool_source.h"

namespace lab {
namespace {

constexpr std::size_t kSessionBlocks = 64;
constexpr std::size_t kSessionBytes = 200;

struct Object {
  std::size_t* start;
  std::size_t bytes;
};

// Makes, uses and drops the objects of one request.
template <class Source>
void serve_request(Source& source, Rng& rng, std::uint64_t early_percent,
                   std::span<Object> objects) {
  for (Object& object : objects) {
    const std::size_t bytes = 16 + rng.below(241);
    object = {static_cast<std::size_t*>(source.take(bytes)), bytes};
    *object.start = bytes;
    if (rng.below(100) >= early_percent) continue;
    source.give_back(object.start, bytes);
    object.start = nullptr;
  }
  for (const Object& object : objects)
    if (object.start != nullptr) source.give_back(object.start, object.bytes);
  source.end_of_request();
}

template <class Source>
void serve(Context& lab) {
  const std::int64_t requests = lab.param("requests");
  const auto early_percent = static_cast<std::uint64_t>(lab.param("early_percent"));
  const auto count = static_cast<std::size_t>(lab.param("objects"));
  const std::span objects(lab.scratch_array<Object>(count), count);
  void** session = lab.scratch_array<void*>(kSessionBlocks);
  Rng rng = lab.rng();
  RequestLog log;

  lab.mark("first");
  Source source(log);
  const auto serve_all = [&](std::int64_t times) {
    for (std::int64_t i = 0; i < times; ++i) {
      void*& block = session[rng.below(kSessionBlocks)];
      if (block != nullptr) log.free(block, kSessionBytes);
      serve_request(source, rng, early_percent, objects);
      block = log.malloc(kSessionBytes);
    }
    log.report(lab);
  };
  serve_all(kSessionBlocks);
  lab.mark("serve");
  serve_all(requests);
  lab.statistics();
  lab.mark("release");
  lab.release_free_memory();
  lab.mark("end");
}

void run(Context& lab) {
  if (lab.is("source", "monotonic")) return serve<MonotonicSource>(lab);
  if (lab.is("source", "pool")) return serve<PoolSource>(lab);
  if (lab.is("source", "region")) return serve<RegionSource>(lab);
  serve<MallocSource>(lab);
}

constexpr Param kParams[] = {
    {"source", "token", "where the objects of a request come from", "malloc monotonic pool region"},
    {"early_percent", "percent", "share of the objects that die before the request ends", "50",
     "0 50"},
    {"objects", "count", "objects of one request", "200", "4000", "1000 10000"},
    {"requests", "count", "requests served in the measured phase", "20", "250", "5000"},
};
constexpr std::string_view kPhases[] = {"first", "serve", "release"};
constexpr Ideal kIdeals[] = {
    {"release", "allocations_count", nothing, kExact},
    {"release", "frees_count", nothing, kExact},
};
constexpr View kPlots[] = {
    {.title = "Calls that reach the allocator while serving",
     .metric = "allocations_count",
     .phase = "serve",
     .x = "source",
     .facet = "early_percent"},
    {.title = "Time to serve the same requests",
     .metric = "wall_ns",
     .phase = "serve",
     .x = "source",
     .facet = "early_percent"},
    {.title = "Memory held while serving",
     .metric = "rss_anon_bytes",
     .phase = "serve",
     .x = "source",
     .facet = "early_percent",
     .since_start = true},
    {.title = "Page faults while serving",
     .metric = "minor_faults_count",
     .phase = "serve",
     .x = "source",
     .facet = "early_percent"},
};
constexpr std::string_view kClaims[] = {"pool-helps"};

constexpr Experiment pools{
    .name = "pools",
    .family = "pool",
    .question =
        "Does a pool of the program's own save cost and memory for objects that die "
        "together?",
    .method =
        "Requests of thousands of small objects from malloc, a std::pmr pool or a region, beside "
        "session "
        "blocks that outlive them.",
    .params = kParams,
    .phases = kPhases,
    .ideals = kIdeals,
    .plots = kPlots,
    .table = {.title = "Calls that reach the allocator while serving",
              .metric = "allocations_count",
              .phase = "serve",
              .x = "source",
              .facet = "early_percent"},
    .claims = kClaims,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(pools);

}  // namespace
}  // namespace lab
