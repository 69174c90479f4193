// Question:  where do code, data, heap, mappings and stack lie, and how high can user space
//            reach?
// Method:    the address of one object of each kind, in the lab's own program and in small ones
//            built as PIE, at a fixed address, and for 32 bits; the first page that cannot be
//            mapped, found by bisection; the address bits that the processor names.
// Ideal:     none.
// Watch:     addresses move with ASLR; their order does not. Counts runs switch ASLR off. The heap
//            of the small programs is libc's, whichever allocator serves the lab's.
#include <cstdio>

#include "experiments/probe/addresses.h"
#include "experiments/workload/describe.h"
#include "experiments/workload/request_log.h"
#include "experiments/workload/sibling_program.h"

namespace lab {
namespace {

void run(Context& lab) {
  const std::string_view program = lab.text("program");
  const bool self = program == "self";
  char probe[64];
  std::snprintf(probe, sizeof probe, "address_probe_%.*s", static_cast<int>(program.size()),
                program.data());
  if (!self && !has_sibling(probe))
    lab.skip("this build lacks the program: its compiler cannot make one");
  const probe::AddressBits bits = probe::address_bits();
  const std::size_t page_bytes = lab.page_bytes();
  RequestLog heap;
  probe::Addresses found;

  lab.mark("look");
  if (self) {
    found = probe::look_around(heap.malloc(64), page_bytes);
  } else if (!ask_sibling(probe, &found, sizeof found)) {
    lab.skip("the program cannot be run on this machine");
  }
  heap.report(lab);
  lab.observe("pointer_bytes", static_cast<std::int64_t>(found.pointer_bytes));
  if (bits.known) lab.observe("physical_address_bits", bits.physical);
  if (bits.known) lab.observe("virtual_address_bits", bits.linear);
  for (const probe::Place& place : probe::kPlaces) {  // a phase each: one picture shows them all
    lab.mark(place.name);
    lab.observe("object_address", static_cast<std::int64_t>(found.*place.address));
  }
}

std::int64_t pointer_bytes(const Point& point, std::int64_t) {
  return point.is("program", "32bit") ? 4 : 8;
}

// Only the lab's own program asks the allocator under test for a block.
std::int64_t own_blocks(const Point& point, std::int64_t) {
  return point.is("program", "self") ? 1 : 0;
}

constexpr Description address_space{
    .name = "address_space",
    .family = "kernel",
    .question = "Where do code, data, heap, mappings and stack lie, and how high can they reach?",
    .method =
        "The address of one object of each kind in programs built in four ways; the first "
        "page that cannot be mapped.",
    .params = {{"program", "token", "how the program that looks at itself was built",
                "self pie non_pie 32bit"}},
    .phases = {"look", "code", "read_only", "data", "zeroed", "heap", "mapping", "stack",
               "end_of_user_space"},
    .metrics = {observed("object_address", "address", "where the phase's object lies"),
                observed("pointer_bytes", "byte", "size of a pointer"),
                observed("physical_address_bits", "count",
                         "physical address bits, says the processor"),
                observed("virtual_address_bits", "count",
                         "virtual address bits, says the processor")},
    .ideals = {{"look", "pointer_bytes", pointer_bytes, kExact},
               {"look", "allocations_count", own_blocks, kExact}},
    .plots = {view("From low to high: code and data, heap, mappings, stack, the end of user space",
                   "object_address", Panels("program"))},
    .table =
        view("Where user space ends", "object_address", In("end_of_user_space"), Over("program")),
    .claims = {"va-layout", "va-32"},
    .needs = [](const Point&) { return Needs{.maps_snapshot = true}; },
    .run = run,
};
LAB_REGISTER_EXPERIMENT(address_space);

}  // namespace
}  // namespace lab
