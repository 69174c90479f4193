#include <fcntl.h>
#include <unistd.h>

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <latch>
#include <thread>
#include <vector>

#include "allocators/probe/scenario.h"

namespace probe {
namespace {

constexpr std::size_t kMiB = 1 << 20;
constexpr std::size_t kMostBlocks = 1 << 17;
char* blocks[kMostBlocks];

void allocate(std::size_t count, std::size_t bytes) {
  for (std::size_t i = 0; i < count; ++i) {
    blocks[i] = static_cast<char*>(std::malloc(bytes));
    std::memset(blocks[i], 1, bytes);
  }
}

void free_all(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) std::free(blocks[i]);
}

void churn(std::size_t rounds, std::size_t bytes) {
  for (std::size_t i = 0; i < rounds; ++i) {
    auto* block = static_cast<volatile char*>(std::malloc(bytes));
    *block = 1;
    std::free(const_cast<char*>(block));
  }
}

// What the adapter says before, with and after 32 MiB of live blocks, and after release.
void adapter(const lab::Allocator& allocator, std::size_t) {
  char version[200] = "";
  if (allocator.version != nullptr && allocator.version(version, sizeof version))
    std::printf("version %s\n", version);
  tell_statistics(allocator, "warm");
  if (allocator.release != nullptr) allocator.release();
  tell_statistics(allocator, "start");
  tell_memory("start");
  allocate(32 * kMiB / 1000, 1000);
  tell_statistics(allocator, "live");
  tell_memory("live");
  free_all(32 * kMiB / 1000);
  tell_statistics(allocator, "freed");
  tell_memory("freed");
  if (allocator.release != nullptr) tell("released", allocator.release());
  tell_statistics(allocator, "release");
  tell_memory("release");
}
LAB_REGISTER_SCENARIO(adapter);

// 64 MiB of blocks of the given size come and go; then half a second with a little activity.
void burst(const lab::Allocator& allocator, std::size_t bytes) {
  allocate(64 * kMiB / bytes, bytes);
  tell_memory("live");
  tell_statistics(allocator, "live");
  free_all(64 * kMiB / bytes);
  tell_memory("freed");
  tell_statistics(allocator, "freed");
  for (int i = 0; i < 50; ++i) {
    usleep(10000);
    churn(1, 40);
    churn(1, 70000);
  }
  tell_memory("later");
}
LAB_REGISTER_SCENARIO(burst);

// The same, without activity afterwards.
void idle(const lab::Allocator&, std::size_t bytes) {
  allocate(64 * kMiB / bytes, bytes);
  free_all(64 * kMiB / bytes);
  usleep(500000);
  tell_memory("later");
}
LAB_REGISTER_SCENARIO(idle);

// Blocks come and go: how many threads has the process then, the allocator's own included? has the allocator of its own?
void own_threads(const lab::Allocator&, std::size_t bytes) {
  allocate(64 * kMiB / bytes, bytes);
  free_all(64 * kMiB / bytes);
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  tell("later.threads_count", std::distance(begin(tasks), end(tasks)));
}
LAB_REGISTER_SCENARIO(own_threads);

// 200 MiB come and go four times, then 20000 blocks of 1 MiB one after another.
void large_churn(const lab::Allocator&, std::size_t) {
  for (int round = 0; round < 4; ++round) {
    allocate(200, kMiB);
    free_all(200);
  }
  churn(20000, kMiB);
  tell_memory("later");
}
LAB_REGISTER_SCENARIO(large_churn);

// Frees every second of twenty neighbours: some go to the thread cache, others to where it ends.
void free_ten(const lab::Allocator& allocator, std::size_t bytes) {
  allocate(20, bytes);
  for (int i = 0; i < 20; i += 2) std::free(blocks[i]);
  tell_statistics(allocator, "freed");
}
LAB_REGISTER_SCENARIO(free_ten);

void four_threads(const lab::Allocator& allocator, std::size_t bytes) {
  constexpr int kThreads = 4;
  std::latch allocated(kThreads + 1), seen(1);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i)
    threads.emplace_back([&] {
      void* block = std::malloc(bytes);
      std::memset(block, 1, bytes);
      allocated.arrive_and_wait();
      seen.wait();
      std::free(block);
    });
  allocated.arrive_and_wait();
  tell_memory("threads");
  tell_statistics(allocator, "threads");
  seen.count_down();
  for (std::thread& thread : threads) thread.join();
}
LAB_REGISTER_SCENARIO(four_threads);

// Where blocks lie, and how far malloc goes when it is limited.
void places(const lab::Allocator&, std::size_t bytes) {
  const auto heap_top = reinterpret_cast<std::uintptr_t>(sbrk(0));
  std::size_t count = 0;
  for (; count < 1000; ++count) {
    blocks[count] = static_cast<char*>(std::malloc(bytes));
    if (blocks[count] == nullptr) break;
  }
  tell("blocks", static_cast<std::int64_t>(count));
  tell("heap_growth_bytes",
       static_cast<std::int64_t>(reinterpret_cast<std::uintptr_t>(sbrk(0)) - heap_top));
  tell_memory("live");
}
LAB_REGISTER_SCENARIO(places);

class Teller final : public lab::StatisticsSink {
 public:
  explicit Teller(const char* when) : when_(when) {}
  void put(std::string_view metric, std::int64_t value) override {
    std::printf("%s.%.*s %" PRId64 "\n", when_, static_cast<int>(metric.size()), metric.data(),
                value);
  }

 private:
  const char* when_;
};

std::size_t read_file(const char* path, char* text, std::size_t capacity) {
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  std::size_t length = 0;
  ssize_t count;
  while ((count = read(file, text + length, capacity - 1 - length)) > 0)
    length += static_cast<std::size_t>(count);
  close(file);
  text[length] = '\0';
  return length;
}

std::int64_t kib_field(const char* text, const char* name) {
  const char* line = std::strstr(text, name);
  return line == nullptr ? -1 : std::strtoll(line + std::strlen(name), nullptr, 10) << 10;
}

}  // namespace

void tell(const char* name, std::int64_t value) { std::printf("%s %" PRId64 "\n", name, value); }

void tell_statistics(const lab::Allocator& allocator, const char* when) {
  Teller teller(when);
  if (allocator.statistics != nullptr) allocator.statistics(teller);
}

void tell_memory(const char* when) {
  static char text[1 << 20];
  read_file("/proc/self/status", text, sizeof text);
  std::printf("%s.rss_anon_bytes %" PRId64 "\n", when, kib_field(text, "RssAnon:"));
  std::printf("%s.vsz_bytes %" PRId64 "\n", when, kib_field(text, "VmSize:"));
  read_file("/proc/self/smaps_rollup", text, sizeof text);
  std::printf("%s.huge_bytes %" PRId64 "\n", when, kib_field(text, "AnonHugePages:"));
  std::size_t lines = 0;
  const std::size_t length = read_file("/proc/self/maps", text, sizeof text);
  for (std::size_t i = 0; i < length; ++i) lines += text[i] == '\n';
  std::printf("%s.maps_count %zu\n", when, lines);
}

}  // namespace probe
