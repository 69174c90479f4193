// Question: how much address space does one block take?
// Method:   one block of each size, freed again.
// Ideal:    the block's size while it lives.
// Watch:    an allocator that reserves ahead shows nothing here.
#include "experiments/workload/describe.h"
#include "experiments/workload/request_log.h"

namespace lab {
namespace {

std::int64_t block_bytes(const Point& point, std::int64_t) { return point.number("block_bytes"); }

void run(Context& lab) {
  const auto bytes = static_cast<std::size_t>(lab.param("block_bytes"));
  RequestLog heap;

  lab.mark("allocate");
  void* block = heap.malloc(bytes);
  heap.report(lab);
  lab.mark("free");
  heap.free(block, bytes);
  heap.report(lab);
}

constexpr Description template_experiment{
    .name = "template_experiment",
    .family = "touch",
    .question = "How much address space does one block take?",
    .method = "One block of each size, freed again.",
    .params = {{"block_bytes", "byte", "size of the block", "4KiB 1MiB"}},
    .phases = {"allocate", "free"},
    .ideals = {{"allocate", "vsz_bytes", block_bytes}, {"free", "vsz_bytes", nothing}},
    .plots = {view("Address space follows the block", "vsz_bytes", Panels("block_bytes"),
                   kSinceStart)},
    .run = run,
};
LAB_REGISTER_EXPERIMENT(template_experiment);

}  // namespace
}  // namespace lab
