// Question: does a pool of the program's own save cost and memory for objects that die together?
// Method:   requests; each makes thousands of small objects, frees a share early and the rest at
//           its end; each also replaces a block of a session that outlives it. Objects come from
//           malloc, a std::pmr pool or a region; session blocks from malloc.
// Ideal:    after the first request the allocator is asked for session blocks only.
// Watch:    the pools' own work is in the time, but not in the calls that reach the allocator.
#include "experiments/workload/describe.h"
#include "experiments/workload/request_server.h"

namespace lab {
namespace {

template <class Source>
void serve(Context& lab) {
  RequestServer<Source> server(lab, static_cast<std::size_t>(lab.param("objects")),
                               static_cast<std::uint64_t>(lab.param("early_percent")));
  RequestLog log;

  lab.mark("first");
  Source source(log);
  server.serve(lab, source, log, RequestServer<Source>::kSessionBlocks);
  lab.mark("serve");
  server.serve(lab, source, log, lab.param("requests"));
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

// malloc is asked for every object, a region that has grown only for the session's blocks. How many
// chunks the std::pmr pools take depends on the sizes drawn.
std::int64_t calls_while_serving(const Point& point, std::int64_t) {
  const std::int64_t requests = point.number("requests");
  if (point.is("source", "malloc")) return requests * (point.number("objects") + 1);
  return point.is("source", "region") ? requests : kNoIdeal;
}

constexpr Description pools{
    .name = "pools",
    .family = "pool",
    .question =
        "Does a pool of the program's own save cost and memory for objects that die "
        "together?",
    .method =
        "Requests of thousands of small objects from malloc, a std::pmr pool or a region, beside "
        "session blocks that outlive them.",
    .params = {{"source", "token", "where the objects of a request come from",
                "malloc monotonic pool region"},
               {"early_percent", "percent", "share of the objects that die before the request ends",
                "50", "0 50"},
               {"objects", "count", "objects of one request", "200", "4000", "1000 10000"},
               {"requests", "count", "requests served in the measured phase", "20", "250", "5000"}},
    .phases = {"first", "serve", "release"},
    .ideals = {{"serve", "allocations_count", calls_while_serving, kExact},
               {"release", "allocations_count", nothing, kExact},
               {"release", "frees_count", nothing, kExact}},
    .plots = {view("What a pool saves while the same requests are served, and what it costs",
                   "allocations_count wall_ns minor_faults_count rss_anon_bytes", In("serve"),
                   Over("source"), Panels("early_percent"), kSinceStart)},
    .claims = {"pool-helps"},
    .run = run,
};
LAB_REGISTER_EXPERIMENT(pools);

}  // namespace
}  // namespace lab
