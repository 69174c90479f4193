// Question:  when does memory that malloc returned become physical memory?
// Method:    one block; write or read one byte on each of some of its pages; free it; ask for
//            release.
// Ideal:     allocate takes addresses only; each touched page costs one fault and, when written,
//            one page of RSS anon; a read maps the shared zero page; free gives all of it back.
// Watch:     a block header in front of the block touches its first page in `allocate` already:
//            for faults the ideal holds for the sum of both phases.
#include "experiments/workload/describe.h"
#include "experiments/workload/request_log.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

std::int64_t touched_pages(const Point& point, std::int64_t page_bytes) {
  if (point.is("touched_pages", "all")) return point.number("block_bytes") / page_bytes;
  return point.number("touched_pages");
}

bool fits_the_block(const Point& point) {
  return touched_pages(point, 4096) * 4096 <= point.number("block_bytes");
}

std::int64_t written_bytes(const Point& point, std::int64_t page_bytes) {
  return point.is("touch", "write") ? touched_pages(point, page_bytes) * page_bytes : 0;
}

void run(Context& lab) {
  const auto bytes = static_cast<std::size_t>(lab.param("block_bytes"));
  const std::size_t page_bytes = lab.page_bytes();
  const std::size_t pages = lab.is("touched_pages", "all")
                                ? bytes / page_bytes
                                : static_cast<std::size_t>(lab.param("touched_pages"));
  const bool write = lab.is("touch", "write");
  RequestLog heap;

  lab.mark("allocate");
  void* block = heap.malloc(bytes);
  heap.report(lab);
  lab.mark("touch");
  touch_pages(block, pages, page_bytes, write);
  lab.mark("free");
  heap.free(block, bytes);
  heap.report(lab);
  lab.mark("release");
  lab.release_free_memory();
}

constexpr Description first_touch{
    .name = "first_touch",
    .family = "touch",
    .question = "When does memory that malloc returned become physical memory?",
    .method = "One block; write or read one byte on each of some of its pages; free it; release.",
    .params = {{"block_bytes", "byte", "size of the block", "1MiB", "64KiB 1MiB 32MiB",
                "4KiB 64KiB 128KiB 1MiB 32MiB 256MiB"},
               {"touched_pages", "page", "pages touched, from the start of the block", "0 23",
                "0 1 23 230 all"},
               {"touch", "token", "what is done to one byte of each page", "write read"}},
    .phases = {"allocate", "touch", "free", "release"},
    .ideals = {{"allocate", "vsz_bytes", param<"block_bytes">},
               {"allocate", "rss_anon_bytes", nothing},
               {"allocate", "minor_faults_count", nothing},
               {"touch", "rss_anon_bytes", written_bytes},
               {"touch", "minor_faults_count", touched_pages},
               {"free", "rss_anon_bytes", nothing},
               {"release", "rss_anon_bytes", nothing},
               {"allocate", "allocations_count", exactly<1>, kExact},
               {"free", "live_bytes", nothing, kExact}},
    .plots = {view("Memory becomes resident when it is written, not when it is allocated",
                   "rss_anon_bytes", Panels("touched_pages"), Where("touch=write block_bytes=1MiB"),
                   kSinceStart),
              view("Each page touched costs one fault", "minor_faults_count", In("touch"),
                   Over("touched_pages"), Panels("touch"), Where("block_bytes=1MiB")),
              view("Reading maps the shared zero page: faults without RSS anon", "rss_anon_bytes",
                   In("touch"), Over("touched_pages"), Panels("touch"), Where("block_bytes=1MiB"),
                   kSinceStart)},
    .table = view("RSS anon since the start, after touching", "rss_anon_bytes", In("touch"),
                  Over("touched_pages"), Panels("touch"), kSinceStart),
    .claims = {"first-touch", "read-touch", "mmap-free-returns"},
    .applies = fits_the_block,
    .needs = memory_of<"block_bytes">,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(first_touch);

}  // namespace
}  // namespace lab
