// alloclab-micro: nanoseconds of single calls, by Google Benchmark. Started by the lab it is the
// measured process of experiment single_calls: one benchmark, one size, one observed time. Started
// with options only (or none) it is an ordinary Google Benchmark program.
#include <benchmark/benchmark.h>

#include <cmath>
#include <string>
#include <vector>

#include "experiments/micro/sizes.h"
#include "harness/child/serve.h"

namespace lab::micro {
namespace {

// Long enough for a mean over thousands of calls, short enough to run under every allocator.
constexpr char kLeastSeconds[] = "--benchmark_min_time=0.01";
constexpr double kThousandCallsNs = 1e12;

// Keeps the CPU time of a thousand calls of the benchmark that ran.
class Stopwatch final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      const auto calls = run.counters.find("items_per_second");
      if (calls != run.counters.end() && calls->second.value > 0)
        thousand_calls_ns = std::llround(kThousandCallsNs / calls->second.value);
    }
  }
  std::int64_t thousand_calls_ns = 0;
};

void measure(lab::Context& lab) {
  std::string program = "alloclab-micro", least = kLeastSeconds;
  char* arguments[] = {program.data(), least.data(), nullptr};
  int count = 2;
  benchmark::Initialize(&count, arguments);
  const std::string wanted = "^" + std::string(lab.text("call")) +
                             "/bytes:" + std::to_string(lab.param("block_bytes")) + "$";
  Stopwatch stopwatch;

  lab.mark("measure");
  benchmark::RunSpecifiedBenchmarks(&stopwatch, wanted);
  if (was_refused) lab.fail("the allocator refused memory");
  if (stopwatch.thousand_calls_ns == 0)
    lab.fail("Google Benchmark gave no time: no such benchmark?");
  lab.observe("thousand_calls_ns", stopwatch.thousand_calls_ns);
}

}  // namespace
}  // namespace lab::micro

int main(int argc, char** argv) {
  if (argc > 1 && argv[1][0] != '-') lab::child::serve(argc, argv, lab::micro::measure);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
