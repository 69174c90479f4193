// An allocator that the lab did not know: the bump yardstick's library under another name.
#include <cstdio>

#include "harness/contract/allocator.h"

namespace lab {
namespace {

constexpr std::string_view kLibraries[] = {"{build}/liballoclab_bump.so"};
constexpr KnobRule kKnobs[] = {{"arena_max_count", "TEMPLATE_OPTIONS", "arenas={}", ","}};

bool version(char* text, std::size_t capacity) {
  return std::snprintf(text, capacity, "1.0 (template)") > 0;
}

constexpr Allocator template_allocator{
    .name = "template_allocator",
    .summary = "what a new adapter needs, and no more",
    .libraries = kLibraries,
    .knobs = kKnobs,
    .version = version,
};
LAB_REGISTER_ALLOCATOR(template_allocator);

}  // namespace
}  // namespace lab
