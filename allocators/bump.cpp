// The floor of cost: a library of the lab's own that never frees (allocators/bump).
#include "harness/contract/allocator.h"

namespace lab {
namespace {

constexpr std::string_view kLibraries[] = {"{build}/liballoclab_bump.so"};

constexpr Allocator bump{
    .name = "bump",
    .summary = "a yardstick: a pointer per thread that only grows; free does nothing",
    .libraries = kLibraries,
    .role = AllocatorRole::yardstick,
};
LAB_REGISTER_ALLOCATOR(bump);

}  // namespace
}  // namespace lab
