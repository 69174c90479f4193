// Question:  where do code, data, heap, mappings and stack lie, and how high can user space
//            reach?
// Method:    the address of one object of each kind; the highest page that can be mapped; the
//            address bits that the processor names.
// Ideal:     none.
// Watch:     addresses move with ASLR; their order does not. Counts runs switch ASLR off.
#include <cpuid.h>
#include <pthread.h>

#include <cerrno>

#include "experiments/workload/describe.h"
#include "experiments/workload/mapping.h"
#include "experiments/workload/request_log.h"

namespace lab {
namespace {

const int kReadOnly = 1;
volatile int initialised = 2;
volatile int zeroed;

void* thread_body(void* address) {
  int local = 0;
  *static_cast<std::uintptr_t*>(address) = reinterpret_cast<std::uintptr_t>(&local);
  return nullptr;
}

// Returns the highest address below which one page can be mapped, trying each power of two.
std::int64_t user_space_end(std::size_t page_bytes) {
  for (int bit = 62; bit > 30; --bit) {
    const std::uintptr_t end = std::uintptr_t{1} << bit;
    // The last page below the limit is a guard page: try the one before it.
    auto* wanted = reinterpret_cast<void*>(end - 2 * page_bytes);
    void* got = mmap(wanted, page_bytes, PROT_NONE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    const bool taken = got == MAP_FAILED && errno == EEXIST;  // by the stack, with ASLR off
    if (got == wanted) munmap(got, page_bytes);
    if (got == wanted || taken) return static_cast<std::int64_t>(end);
  }
  return 0;
}

void observe_address_bits(Context& lab) {
  unsigned a = 0, b, c, d;
  if (__get_cpuid(0x80000008, &a, &b, &c, &d) == 0) return;
  lab.observe("physical_address_bits", a & 0xff);
  lab.observe("virtual_address_bits", a >> 8 & 0xff);
}

void run(Context& lab) {
  const std::size_t page_bytes = lab.page_bytes();
  RequestLog heap;
  int on_stack = 0;
  pthread_t thread;
  std::uintptr_t thread_stack = 0;

  lab.mark("look");
  void* small = heap.malloc(64);
  heap.report(lab);
  if (pthread_create(&thread, nullptr, thread_body, &thread_stack) == 0)
    pthread_join(thread, nullptr);
  lab.observe("code_address", reinterpret_cast<const void*>(&thread_body));
  lab.observe("read_only_address", &kReadOnly);
  lab.observe("data_address", &initialised);
  lab.observe("zeroed_address", &zeroed);
  lab.observe("small_block_address", small);
  lab.observe("mapping_address", map_memory(lab, page_bytes));
  lab.observe("library_address", reinterpret_cast<const void*>(&pthread_create));
  lab.observe("thread_stack_address", static_cast<std::int64_t>(thread_stack));
  lab.observe("stack_address", &on_stack);
  lab.observe("user_space_end_address", user_space_end(page_bytes));
  observe_address_bits(lab);
}

constexpr std::string_view kPhases[] = {"look"};
constexpr Metric kMetrics[] = {
    observed("code_address", "address", "a function of the program"),
    observed("read_only_address", "address", "a constant of the program"),
    observed("data_address", "address", "an initialised variable"),
    observed("zeroed_address", "address", "a variable that starts as zero"),
    observed("small_block_address", "address", "a small block from malloc"),
    observed("mapping_address", "address", "a fresh anonymous mapping"),
    observed("library_address", "address", "a function of a shared library"),
    observed("thread_stack_address", "address", "a local variable of a second thread"),
    observed("stack_address", "address", "a local variable of the main thread"),
    observed("user_space_end_address", "address", "the power of two at which user space ends"),
    observed("physical_address_bits", "count", "physical address bits, says the processor"),
    observed("virtual_address_bits", "count", "virtual address bits, says the processor"),
};
constexpr View kPlots[] = {
    {.title = "Where a small block lies",
     .metric = "small_block_address",
     .phase = "look",
     .x = "allocator"},
    {.title = "Where a mapping lies",
     .metric = "mapping_address",
     .phase = "look",
     .x = "allocator"},
};
constexpr std::string_view kClaims[] = {"va-layout"};

constexpr Experiment address_space{
    .name = "address_space",
    .family = "kernel",
    .question = "Where do code, data, heap, mappings and stack lie, and how high can they reach?",
    .method = "The address of one object of each kind; the highest page that can be mapped.",
    .phases = kPhases,
    .metrics = kMetrics,
    .plots = kPlots,
    .table = {.title = "Address of a small block",
              .metric = "small_block_address",
              .phase = "look"},
    .claims = kClaims,
    .needs = [](const Point&) { return Needs{.maps_snapshot = true}; },
    .threads_limit = 2,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(address_space);

}  // namespace
}  // namespace lab
