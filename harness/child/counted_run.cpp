// alloclab-counted EXPERIMENT: runs a body at its first smoke point under the counting shim,
// without a parent, and prints what the body declared and what the shim saw between the first mark
// and the end: "declared ALLOCATIONS FREES seen ALLOCATIONS FREES", or "skipped REASON".
#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>

#include "harness/child/counting_shim.h"
#include "harness/contract/experiment.h"

namespace {

constexpr std::size_t kMaxParams = 32;
constexpr int kSkipped = 77;

struct Count {
  std::int64_t allocations = 0;
  std::int64_t frees = 0;

  Count operator-(Count other) const {
    return {allocations - other.allocations, frees - other.frees};
  }
};

void* map(std::size_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) std::abort();
  return memory;
}

// Answers a body without a parent. Never allocates.
class CountingContext final : public lab::Context {
 public:
  CountingContext(lab::Point point, const lab::AllocationCount& count)
      : point_(point), count_(count) {}

  std::int64_t param(std::string_view name) const override { return point_.number(name); }
  std::string_view text(std::string_view name) const override { return point_.text(name); }
  lab::Rng rng() const override { return lab::Rng(1); }
  std::size_t page_bytes() const override { return static_cast<std::size_t>(getpagesize()); }
  void mark(std::string_view phase) override {
    if (!started_) begin();
    if (phase == "end") end();
  }
  void* scratch(std::size_t bytes) override { return map(bytes == 0 ? 1 : bytes); }
  bool release_free_memory() override { return false; }
  void idle(std::int64_t) override {}
  void tick(std::int64_t) override {}
  bool statistics() override { return false; }
  void observe(std::string_view, std::int64_t) override {}
  void live(std::int64_t, std::int64_t) override {}
  void requested(std::int64_t allocations, std::int64_t frees, std::uint64_t) override {
    if (!ended_) declared_ = {declared_.allocations + allocations, declared_.frees + frees};
  }
  lab::Histogram& histogram(std::string_view, int) override {
    return *static_cast<lab::Histogram*>(map(sizeof(lab::Histogram)));
  }
  [[noreturn]] void skip(const char* reason) override {
    std::printf("skipped %s\n", reason);
    std::exit(kSkipped);
  }
  [[noreturn]] void fail(const char* reason) override {
    std::fprintf(stderr, "%s\n", reason);
    std::exit(1);
  }

  void end() {
    if (!ended_) seen_ = now() - seen_;
    ended_ = true;
  }
  Count declared() const { return declared_; }
  Count seen() const { return seen_; }

 private:
  Count now() const { return {count_.allocations, count_.frees}; }
  void begin() {
    started_ = true;
    declared_ = {};
    seen_ = now();
  }

  lab::Point point_;
  const lab::AllocationCount& count_;
  bool started_ = false;
  bool ended_ = false;
  Count declared_;
  Count seen_;
};

// The n-th word of a list, or nothing.
std::string_view word(std::string_view list, std::size_t n) {
  for (;; --n) {
    list.remove_prefix(std::min(list.find_first_not_of(' '), list.size()));
    const std::string_view first = list.substr(0, list.find(' '));
    if (n == 0 || first.empty()) return first;
    list.remove_prefix(first.size());
  }
}

// Steps through all smoke points in order, like an odometer. Returns false after the last.
bool next_point(const lab::Experiment& experiment, std::size_t* digits, lab::Setting* settings) {
  for (std::size_t i = 0; i < experiment.params.size(); ++i) {
    settings[i] = {experiment.params[i].name, word(experiment.params[i].smoke, ++digits[i])};
    if (!settings[i].value.empty()) return true;
    digits[i] = 0;
    settings[i].value = word(experiment.params[i].smoke, 0);
  }
  return false;
}

bool find_point(const lab::Experiment& experiment, lab::Setting* settings) {
  std::size_t digits[kMaxParams] = {};
  const lab::Point point({settings, experiment.params.size()});
  for (std::size_t i = 0; i < experiment.params.size(); ++i)
    settings[i] = {experiment.params[i].name, word(experiment.params[i].smoke, 0)};
  while (experiment.applies != nullptr && !experiment.applies(point))
    if (!next_point(experiment, digits, settings)) return false;
  return true;
}

int skipped(const char* reason) {
  std::printf("skipped %s\n", reason);
  return kSkipped;
}

}  // namespace

int main(int argc, char** argv) {
  static char output[4096];
  std::setvbuf(stdout, output, _IOFBF, sizeof output);
  const auto* experiment =
      argc == 2 ? lab::find_registered<lab::Experiment>(std::string_view(argv[1])) : nullptr;
  const auto* count = static_cast<lab::AllocationCount*>(dlsym(RTLD_DEFAULT, "alloclab_count"));
  if (experiment == nullptr || count == nullptr) return 2;
  static lab::Setting settings[kMaxParams];
  if (!find_point(*experiment, settings)) return skipped("no smoke point applies");
  const lab::Point point({settings, experiment->params.size()});
  if (experiment->run == nullptr) return skipped("has a program of its own");
  const lab::Needs needs = experiment->needs != nullptr ? experiment->needs(point) : lab::Needs{};
  if (needs.memory_limit_bytes != 0 || needs.swap_file_bytes != 0)
    return skipped("needs a cgroup or a swap file");

  static CountingContext context(point, *count);
  experiment->run(context);
  context.end();
  std::printf("declared %" PRId64 " %" PRId64 " seen %" PRId64 " %" PRId64 "\n",
              context.declared().allocations, context.declared().frees, context.seen().allocations,
              context.seen().frees);
  std::fflush(stdout);
  _exit(0);
}
