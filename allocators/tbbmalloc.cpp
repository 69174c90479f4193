// oneTBB's scalable allocator behind its proxy library. It tells neither version nor statistics.
#include "harness/contract/allocator.h"

namespace lab {
namespace {

constexpr std::string_view kLibraries[] = {"libtbbmalloc_proxy.so.2"};

constexpr KnobRule kKnobs[] = {
    {"keep_large_from_bytes", "TBB_MALLOC_SET_HUGE_SIZE_THRESHOLD", "{}"},
    {"huge_pages", "TBB_MALLOC_USE_HUGE_PAGES", "{0=0|1=1}"},
};

constexpr int kCleanAllBuffers = 0, kDone = 0, kNothingToDo = 3;  // from scalable_allocator.h

bool release() {
  static auto* const command = symbol<int(int, void*)>("scalable_allocation_command");
  if (command == nullptr) return false;
  const int result = command(kCleanAllBuffers, nullptr);
  return result == kDone || result == kNothingToDo;
}

constexpr Allocator tbbmalloc{
    .name = "tbbmalloc",
    .summary = "oneTBB's: slabs owned by threads, caches of large blocks",
    .libraries = kLibraries,
    .package = "libtbbmalloc2",
    .knobs = kKnobs,
    .release = release,
};
LAB_REGISTER_ALLOCATOR(tbbmalloc);

}  // namespace
}  // namespace lab
