// A small fixed workload for instruction counts: single-threaded, the same requests in every run.
// Usage: instructions_workload NAME OPERATIONS. Prints the library that serves malloc.
// Only functions called workload_* are counted (callgrind --toggle-collect), so neither the length
// of the environment nor the start of the program matters.
#include <dlfcn.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

constexpr std::size_t kSlots = 4096;
void* slots[kSlots];

// The generator of Steele, Lea and Flood (SplitMix64).
std::uint64_t state = 1;
std::uint64_t next() {
  std::uint64_t z = state += 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

void touch(void* block) {
  if (block != nullptr) *static_cast<volatile char*>(block) = 1;
}

}  // namespace

extern "C" {

// Small blocks replaced in random order: one malloc and one free an operation.
__attribute__((noinline)) void workload_churn(long operations) {
  for (long i = 0; i < operations; ++i) {
    void*& slot = slots[next() % kSlots];
    std::free(slot);
    slot = std::malloc(16 + next() % 1009);
    touch(slot);
  }
}

// Sizes from 16 bytes to 256 KiB, half of the requests below 128 bytes, with calloc and realloc.
__attribute__((noinline)) void workload_mixed(long operations) {
  for (long i = 0; i < operations; ++i) {
    void*& slot = slots[next() % (kSlots / 16)];
    const std::uint64_t random = next();
    const std::size_t bytes = std::size_t{16} << (__builtin_ctzll(random | (1ULL << 14)));
    switch ((random >> 32) % 8) {
      case 0:
        std::free(slot);
        slot = std::calloc(1, bytes);
        break;
      case 1:
      case 2: {
        void* grown = std::realloc(slot, bytes + bytes / 2);
        if (grown != nullptr) slot = grown;
        break;
      }
      default:
        std::free(slot);
        slot = std::malloc(bytes);
    }
    touch(slot);
  }
}

// A thousand blocks of one size, freed first in, first out; then last in, first out.
__attribute__((noinline)) void workload_batches(long operations) {
  constexpr long kBatch = 1000;
  for (long done = 0; done < operations; done += kBatch) {
    const std::size_t bytes = 16 * (1 + next() % 64);
    for (long i = 0; i < kBatch; ++i) touch(slots[i] = std::malloc(bytes));
    const bool backwards = done / kBatch % 2 == 1;
    for (long i = 0; i < kBatch; ++i) {
      std::free(slots[backwards ? kBatch - 1 - i : i]);
    }
  }
  std::memset(slots, 0, sizeof slots);
}

}  // extern "C"

int main(int argc, char** argv) {
  struct {
    const char* name;
    void (*run)(long);
  } const workloads[] = {
      {"churn", workload_churn}, {"mixed", workload_mixed}, {"batches", workload_batches}};
  const long operations = argc == 3 ? std::atol(argv[2]) : 0;
  Dl_info info{};
  dladdr(dlsym(RTLD_DEFAULT, "malloc"), &info);
  std::printf("serving %s\n", info.dli_fname);
  std::fflush(stdout);
  for (const auto& workload : workloads) {
    if (operations > 0 && std::strcmp(argv[1], workload.name) == 0) {
      workload.run(operations);
      return 0;
    }
  }
  return 2;
}
