// Question:  when does the kernel swap anonymous memory out, and what does it cost to come back?
// Method:    under a memory limit and with a swap file of its own, write anonymous memory below
//            or above the limit, then read all of it again.
// Ideal:     below the limit nothing is swapped; above it only the excess is.
// Watch:     pages of zeroes never reach the swap device: the pages are filled. Reading ahead
//            brings several pages back per major fault.
#include "experiments/workload/describe.h"
#include "experiments/workload/mapping.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

std::int64_t written_bytes(const Point& point) {
  return point.number("limit_bytes") * point.number("written_percent") / 100;
}

Needs needs(const Point& point) {
  const std::int64_t limit = point.number("limit_bytes");
  return {.memory_bytes = limit,
          .memory_limit_bytes = limit,
          .swap_limit_bytes = -1,
          .swap_file_bytes = 4 * limit,
          .system_snapshot = true,
          .cgroup_snapshot = true};
}

std::int64_t excess(const Point& point, std::int64_t) {
  const std::int64_t over = written_bytes(point) - point.number("limit_bytes");
  return over > 0 ? over : 0;
}

// Fills every page with words that differ from page to page.
void fill_pages(unsigned char* memory, std::size_t bytes, Rng rng) {
  auto* words = reinterpret_cast<volatile std::uint64_t*>(memory);
  for (std::size_t i = 0; i < bytes / sizeof(std::uint64_t); ++i) words[i] = rng.next();
}

void run(Context& lab) {
  const auto bytes = static_cast<std::size_t>(lab.param("limit_bytes")) *
                     static_cast<std::size_t>(lab.param("written_percent")) / 100;
  const Rng rng = lab.rng();

  lab.mark("write");
  unsigned char* memory = map_memory(lab, bytes);
  advise(memory, bytes, MADV_NOHUGEPAGE);
  fill_pages(memory, bytes, rng);
  lab.mark("read");
  read_pages(memory, bytes / lab.page_bytes(), lab.page_bytes());
  lab.mark("unmap");
  unmap(memory, bytes);
}

std::int64_t mapped_bytes(const Point& point, std::int64_t page_bytes) {
  return pages_for(written_bytes(point), page_bytes) * page_bytes;
}

constexpr Description swap_out{
    .name = "swap_out",
    .family = "limits",
    .question = "When does the kernel swap anonymous memory out, and what does coming back cost?",
    .method = "Under a limit and with a swap file, write more or less than the limit; read it.",
    .params = {{"limit_bytes", "byte", "memory limit of the run's cgroup", "16MiB", "64MiB",
                "64MiB 256MiB"},
               {"written_percent", "percent", "anonymous memory written, of the limit", "50 200",
                "50 200", "50 90 110 200"}},
    .phases = {"write", "read", "unmap"},
    .ideals = {{"write", "swap_bytes", excess},
               {"unmap", "swap_bytes", nothing},
               {"write", "vsz_bytes", mapped_bytes, kExact},
               {"unmap", "vsz_bytes", nothing, kExact}},
    .plots = {view("What was swapped out after writing", "swap_bytes", In("write"),
                   Over("written_percent")),
              view("Major faults to read it back", "major_faults_count", In("read"),
                   Over("written_percent"))},
    .claims = {"swap-only-when-short", "swap-anon", "minor-major"},
    .needs = needs,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(swap_out);

}  // namespace
}  // namespace lab
