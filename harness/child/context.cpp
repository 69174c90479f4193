#include "harness/child/context.h"

#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "harness/child/channel.h"

namespace lab::child {

namespace {

std::int64_t clock_ns(clockid_t clock) {
  timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

void sleep_ms(std::int64_t ms) {
  timespec left{ms / 1000, ms % 1000 * 1'000'000};
  while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR) {
  }
}

// Throws every value away: for warming an adapter's statistics call.
class NullSink final : public StatisticsSink {
 public:
  void put(std::string_view, std::int64_t) override {}
};

}  // namespace

ChildContext::ChildContext(const Experiment& experiment, const Allocator& allocator,
                           std::uint64_t seed, std::span<const Setting> params,
                           protocol::SharedPages& pages)
    : experiment_(experiment),
      allocator_(allocator),
      seed_(seed),
      point_(params),
      pages_(pages),
      page_bytes_(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))) {
  declared_.live_bytes = declared_.live_blocks = protocol::kUnknown;
}

void ChildContext::warm() {
  NullSink sink;
  for (int round = 0; round < 2; ++round) {
    read_clocks();
    sleep_ms(0);
    if (allocator_.statistics != nullptr) allocator_.statistics(sink);
    if (allocator_.release != nullptr) allocator_.release();
  }
}

ChildContext::Clocks ChildContext::read_clocks() {
  return {clock_ns(CLOCK_MONOTONIC), clock_ns(CLOCK_PROCESS_CPUTIME_ID)};
}

std::int64_t ChildContext::param(std::string_view name) const {
  const auto number = number_from(text(name));
  if (!number) const_cast<ChildContext*>(this)->fail_about("parameter is not a number", name);
  return *number;
}

std::string_view ChildContext::text(std::string_view name) const {
  const auto value = point_.text(name);
  if (value.empty()) const_cast<ChildContext*>(this)->fail_about("parameter not declared", name);
  return value;
}

int ChildContext::phase_index(std::string_view name) const {
  if (name == "end") return protocol::kEnd;
  for (std::size_t i = 0; i < experiment_.phases.size(); ++i)
    if (experiment_.phases[i] == name) return static_cast<int>(i);
  const_cast<ChildContext*>(this)->fail_about("phase not declared", name);
}

protocol::Message ChildContext::closing_message(const Clocks& end) const {
  protocol::Message message = declared_;
  message.wall_ns = end.wall_ns - phase_begin_.wall_ns;
  message.cpu_ns = end.cpu_ns - phase_begin_.cpu_ns;
  return message;
}

void ChildContext::mark(std::string_view phase) {
  protocol::Message message = closing_message(read_clocks());
  if (ended_) fail("mark() after the end");
  message.kind = protocol::Kind::mark;
  message.phase = phase_index(phase);
  exchange(message);
  ++phase_number_;
  ended_ = message.phase == protocol::kEnd;
  declared_.allocations = declared_.frees = 0;
  declared_.request_checksum = 0;
  phase_begin_ = read_clocks();
}

void ChildContext::finish() {
  if (phase_number_ < 0) fail("the body set no mark");
  if (!ended_) mark("end");
  protocol::Message message{};
  message.kind = protocol::Kind::done;
  exchange(message);
}

void* ChildContext::scratch(std::size_t bytes) {
  if (phase_number_ >= 0) fail("scratch() after the first mark");
  void* memory = mmap(nullptr, bytes == 0 ? 1 : bytes, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (memory == MAP_FAILED) fail("scratch(): mmap failed");
  return memory;
}

bool ChildContext::release_free_memory() {
  return allocator_.release != nullptr && allocator_.release();
}

void ChildContext::idle(std::int64_t ms) { sleep_ms(ms); }

void ChildContext::tick(std::int64_t ms) {
  for (std::int64_t passed = 0; passed < ms; ++passed) {
    sleep_ms(1);
    void* volatile block = malloc(64);
    free(block);
  }
  requested(ms, ms, 0);
}

bool ChildContext::statistics() {
  return allocator_.statistics != nullptr && allocator_.statistics(*this);
}

int ChildContext::metric_index(std::string_view name) const {
  int index = 0;
  for (const List<Metric> table :
       {List<Metric>(experiment_.metrics), List<Metric>(kStatisticsMetrics),
        List<Metric>(allocator_.metrics)})
    for (const Metric& metric : table) {
      if (metric.name == name) return index;
      ++index;
    }
  const_cast<ChildContext*>(this)->fail_about("metric not declared", name);
}

void ChildContext::observe(std::string_view metric, std::int64_t value) {
  if (pages_.observation_count >= protocol::kMaxObservations) fail("too many observations");
  pages_.observations[pages_.observation_count++] = {phase_number_, metric_index(metric), value};
}

void ChildContext::live(std::int64_t bytes, std::int64_t blocks) {
  declared_.live_bytes = bytes;
  declared_.live_blocks = blocks;
}

void ChildContext::requested(std::int64_t allocations, std::int64_t frees, std::uint64_t checksum) {
  declared_.allocations += allocations;
  declared_.frees += frees;
  declared_.request_checksum += checksum;
}

Histogram& ChildContext::histogram(std::string_view name, int index) {
  int number = 0;
  while (number < static_cast<int>(experiment_.histograms.size()) &&
         experiment_.histograms[static_cast<std::size_t>(number)] != name)
    ++number;
  if (number == static_cast<int>(experiment_.histograms.size()))
    fail_about("histogram not declared", name);
  for (std::uint32_t i = 0; i < pages_.histogram_count; ++i) {
    auto& slot = pages_.histograms[i];
    if (slot.name == number && slot.index == index) return slot.histogram;
  }
  if (pages_.histogram_count >= protocol::kMaxHistograms) fail("too many histograms");
  auto& slot = pages_.histograms[pages_.histogram_count++];
  slot = {number, index, {}};
  return slot.histogram;
}

void ChildContext::skip(const char* reason) { leave(pages_, protocol::Kind::skip, reason); }
void ChildContext::fail(const char* reason) { leave(pages_, protocol::Kind::fail, reason); }

void ChildContext::fail_about(const char* what, std::string_view name) {
  char reason[256] = {};
  put_text(reason, sizeof reason, what);
  std::size_t length = strlen(reason);
  reason[length++] = ':';
  reason[length++] = ' ';
  for (const char c : name)
    if (length + 1 < sizeof reason) reason[length++] = c;
  fail(reason);
}

}  // namespace lab::child
