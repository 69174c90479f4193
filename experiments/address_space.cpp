// Question:  where do code, data, heap, mappings and stack lie, and how high can user space
//            reach?
// Method:    the address of one object of each kind, in the lab's own program and in small ones
//            built as PIE, at a fixed address, and for 32 bits; the first page that cannot be
//            mapped, found by bisection; the address bits that the processor names.
// Ideal:     none.
// Watch:     addresses move with ASLR; their order does not. Counts runs switch ASLR off. The heap
//            of the small programs is libc's, whichever allocator serves the lab's.
#include <cpuid.h>

#include "experiments/probe/addresses.h"
#include "experiments/workload/describe.h"
#include "experiments/workload/request_log.h"
#include "experiments/workload/sibling_program.h"

namespace lab {
namespace {

void observe_address_bits(Context& lab) {
  unsigned a = 0, b, c, d;
  if (__get_cpuid(0x80000008, &a, &b, &c, &d) == 0) return;
  lab.observe("physical_address_bits", a & 0xff);
  lab.observe("virtual_address_bits", a >> 8 & 0xff);
}

// The small program of the case; null for the lab's own.
const char* probe_of(Context& lab) {
  if (lab.is("program", "self")) return nullptr;
  const char* probe = lab.is("program", "pie")       ? "address_probe_pie"
                      : lab.is("program", "non_pie") ? "address_probe_non_pie"
                                                     : "address_probe_32bit";
  if (!has_sibling(probe)) lab.skip("this build lacks the program: its compiler cannot make one");
  return probe;
}

// One phase for each kind of object, so that one picture shows them all.
void report(Context& lab, const probe::Addresses& found) {
  const auto tell = [&](std::string_view phase, std::uint64_t address) {
    lab.mark(phase);
    lab.observe("object_address", static_cast<std::int64_t>(address));
  };
  tell("code", found.code);
  tell("read_only", found.read_only);
  tell("data", found.data);
  tell("zeroed", found.zeroed);
  tell("heap", found.heap);
  tell("mapping", found.mapping);
  tell("stack", found.stack);
  tell("end_of_user_space", found.user_space_end);
}

void run(Context& lab) {
  const char* probe = probe_of(lab);
  const std::size_t page_bytes = lab.page_bytes();
  RequestLog heap;
  probe::Addresses found;

  lab.mark("look");
  if (probe == nullptr) {
    found = probe::look_around(heap.malloc(64), page_bytes);
  } else if (!ask_sibling(probe, &found, sizeof found)) {
    lab.skip("the program cannot be run on this machine");
  }
  heap.report(lab);
  lab.observe("pointer_bytes", static_cast<std::int64_t>(found.pointer_bytes));
  observe_address_bits(lab);
  report(lab, found);
}

std::int64_t pointer_bytes(const Point& point, std::int64_t) {
  return point.is("program", "32bit") ? 4 : 8;
}

// Only the lab's own program asks the allocator under test for a block.
std::int64_t own_blocks(const Point& point, std::int64_t) {
  return point.is("program", "self") ? 1 : 0;
}

constexpr Param kParams[] = {
    {"program", "token", "how the program that looks at itself was built",
     "self pie non_pie 32bit"},
};
constexpr std::string_view kPhases[] = {
    "look", "code", "read_only", "data", "zeroed", "heap", "mapping", "stack", "end_of_user_space"};
constexpr Metric kMetrics[] = {
    observed("object_address", "address", "where the phase's object lies"),
    observed("pointer_bytes", "byte", "size of a pointer"),
    observed("physical_address_bits", "count", "physical address bits, says the processor"),
    observed("virtual_address_bits", "count", "virtual address bits, says the processor"),
};
constexpr Ideal kIdeals[] = {
    {"look", "pointer_bytes", pointer_bytes, kExact},
    {"look", "allocations_count", own_blocks, kExact},
};
constexpr View kPlots[] = {
    {.title = "From low to high: code and data, heap, mappings, stack, the end of user space",
     .metric = "object_address",
     .facet = "program"},
};
constexpr std::string_view kClaims[] = {"va-layout", "va-32"};

constexpr Experiment address_space{
    .name = "address_space",
    .family = "kernel",
    .question = "Where do code, data, heap, mappings and stack lie, and how high can they reach?",
    .method =
        "The address of one object of each kind in programs built in four ways; the first "
        "page that cannot be mapped.",
    .params = kParams,
    .phases = kPhases,
    .metrics = kMetrics,
    .ideals = kIdeals,
    .plots = kPlots,
    .table = {.title = "Where user space ends",
              .metric = "object_address",
              .phase = "end_of_user_space",
              .x = "program"},
    .claims = kClaims,
    .needs = [](const Point&) { return Needs{.maps_snapshot = true}; },
    .run = run,
};
LAB_REGISTER_EXPERIMENT(address_space);

}  // namespace
}  // namespace lab
