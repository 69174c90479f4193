// Runs one workload and prints one line of JSON: time, peak and released memory, and the library
// that served malloc. Usage: bench_reference NAME [OPERATIONS] | --list | --operations NAME |
// --pairs BYTES COUNT
#include <dlfcn.h>
#include <fcntl.h>
#include <malloc.h>
#include <time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "workloads.h"

namespace {

std::uint64_t now_ns(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

// A "Name:  n kB" line of a file below /proc/self, in bytes, read without allocation.
std::uint64_t proc_bytes(const char* path, const char* name) {
  char text[4096] = {};
  const int file = open(path, O_RDONLY);
  if (file < 0 || read(file, text, sizeof text - 1) <= 0) abort();
  close(file);
  const char* line = strstr(text, name);
  return line == nullptr ? 0 : strtoull(line + strlen(name), nullptr, 10) * 1024;
}

// Exact; the counters in status lag behind by up to 32 pages and more.
std::uint64_t anonymous_bytes() { return proc_bytes("/proc/self/smaps_rollup", "\nAnonymous:"); }

// Approximate, as the kernel's high-water mark is.
std::uint64_t peak_anonymous_bytes() {
  return proc_bytes("/proc/self/status", "VmHWM:") - proc_bytes("/proc/self/status", "RssFile:");
}

void reset_peak() {
  const int file = open("/proc/self/clear_refs", O_WRONLY);
  if (file < 0) return;
  if (write(file, "5", 1) != 1) fputs("bench_reference: the peak includes start-up\n", stderr);
  close(file);
}

// Each allocator's own call that gives free memory back.
void release_free_memory() {
  using Collect = void (*)(bool);
  using Release = void (*)();
  using Control = int (*)(const char*, void*, std::size_t*, void*, std::size_t);
  if (auto collect = reinterpret_cast<Collect>(dlsym(RTLD_DEFAULT, "mi_collect")))
    return collect(true);
  if (auto release =
          reinterpret_cast<Release>(dlsym(RTLD_DEFAULT, "MallocExtension_ReleaseFreeMemory")))
    return release();
  if (auto control = reinterpret_cast<Control>(dlsym(RTLD_DEFAULT, "mallctl"))) {
    control("thread.tcache.flush", nullptr, nullptr, nullptr, 0);
    control("arena.4096.purge", nullptr, nullptr, nullptr, 0);
    return;
  }
  malloc_trim(0);
}

const char* library_of(void* function) {
  Dl_info info;
  return dladdr(function, &info) != 0 ? info.dli_fname : "unknown";
}

const bench::Workload* find(const char* name) {
  for (const auto& list : {bench::single_threaded(), bench::multi_threaded()}) {
    for (const bench::Workload& workload : list) {
      if (strcmp(workload.name, name) == 0) return &workload;
    }
  }
  return nullptr;
}

void list() {
  for (const auto& group : {bench::single_threaded(), bench::multi_threaded()}) {
    for (const bench::Workload& workload : group) puts(workload.name);
  }
}

void run(const bench::Workload& workload, std::size_t operations) {
  const std::uint64_t base = anonymous_bytes();
  reset_peak();
  const std::uint64_t start = now_ns(CLOCK_MONOTONIC);
  const std::uint64_t cpu_start = now_ns(CLOCK_PROCESS_CPUTIME_ID);
  workload.run(operations);
  const std::uint64_t wall_ns = now_ns(CLOCK_MONOTONIC) - start;
  const std::uint64_t cpu_ns = now_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu_start;
  const std::uint64_t peak = peak_anonymous_bytes();
  const std::uint64_t freed = anonymous_bytes();
  release_free_memory();
  const std::uint64_t released = anonymous_bytes();
  printf(
      "{\"workload\": \"%s\", \"library\": \"%s\", \"wall_ns\": %lu, \"cpu_ns\": %lu, "
      "\"base_bytes\": %lu, "
      "\"peak_bytes\": %lu, "
      "\"freed_bytes\": %lu, \"released_bytes\": %lu}\n",
      workload.name, library_of(reinterpret_cast<void*>(&malloc)), wall_ns, cpu_ns, base, peak,
      freed, released);
}

int usage() {
  fputs(
      "usage: bench_reference NAME [OPERATIONS] | --list | --operations NAME | --pairs BYTES "
      "COUNT\n",
      stderr);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 4 && strcmp(argv[1], "--pairs") == 0) {
    const std::size_t bytes = strtoull(argv[2], nullptr, 10);
    void* neighbour =
        malloc(bytes);  // a heap that is in use: an otherwise empty one has costs of its own
    bench::workload_pairs(strtoull(argv[3], nullptr, 10), bytes);
    free(neighbour);
    return 0;
  }
  if (argc < 2 || argc > 3) return usage();
  if (strcmp(argv[1], "--list") == 0) return list(), 0;
  const bool asks_operations = argc == 3 && strcmp(argv[1], "--operations") == 0;
  const bench::Workload* workload = find(argv[asks_operations ? 2 : 1]);
  if (workload == nullptr) return usage();
  if (asks_operations) return printf("%zu\n", workload->operations), 0;
  run(*workload, argc == 3 ? strtoull(argv[2], nullptr, 10) : workload->operations);
  return 0;
}
