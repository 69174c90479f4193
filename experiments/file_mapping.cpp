// Question:  when do the pages of a mapped file come in, and what does each first access cost?
// Method:    map a file that is or is not in the page cache; touch one byte, or one byte of each
//            page.
// Ideal:     mapping loads nothing; each page touched costs one fault, major when it must be
//            read.
// Watch:     the kernel maps up to 16 cached pages around a read fault, and reads ahead from the
//            disk: both make faults fewer than pages. MADV_RANDOM stops reading ahead only.
#include "experiments/workload/describe.h"
#include "experiments/workload/mapping.h"
#include "experiments/workload/scratch_file.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

std::int64_t touched(const Point& point, std::int64_t) {
  return point.is("touched", "one") ? 1 : point.number("pages");
}

std::int64_t touched_bytes(const Point& point, std::int64_t page_bytes) {
  return touched(point, page_bytes) * page_bytes;
}

void run(Context& lab) {
  const std::size_t page_bytes = lab.page_bytes();
  const auto pages = static_cast<std::size_t>(lab.param("pages"));
  const bool evicted = lab.is("cache", "evicted");
  const bool random = lab.is("access", "random");
  const std::size_t touched_pages = lab.is("touched", "one") ? 1 : pages;
  ScratchFile file(lab);
  file.write(pages * page_bytes);
  file.evict();
  if (!evicted) file.read(pages * page_bytes);

  lab.mark("map");
  unsigned char* memory = map_memory(lab, pages * page_bytes, MAP_SHARED, PROT_READ, file.number());
  if (random) advise(memory, pages * page_bytes, MADV_RANDOM);
  lab.mark("touch");
  read_pages(memory, touched_pages, page_bytes);
  lab.mark("touch_again");
  read_pages(memory, touched_pages, page_bytes);
  lab.mark("unmap");
  unmap(memory, pages * page_bytes);
}

constexpr Description file_mapping{
    .name = "file_mapping",
    .family = "kernel",
    .question = "When do the pages of a mapped file come in, and what does first access cost?",
    .method = "Map a file that is or is not cached; touch one byte, or one byte of each page.",
    .params = {{"pages", "page", "size of the file", "256", "256 4096", "256 4096 65536"},
               {"cache", "token", "where the file is before", "cached evicted"},
               {"access", "token", "what the kernel is told of the order", "normal random"},
               {"touched", "token", "one byte of the first page, or of every page", "one all"}},
    .phases = {"map", "touch", "touch_again", "unmap"},
    .ideals = {{"map", "rss_file_bytes", nothing, kExact},
               {"map", "minor_faults_count", nothing, kExact},
               {"touch", "rss_file_bytes", touched_bytes},
               {"touch_again", "minor_faults_count", nothing, kExact},
               {"touch_again", "major_faults_count", nothing, kExact},
               {"unmap", "rss_file_bytes", nothing, kExact}},
    .plots = {view("One byte of a cached file brings in its neighbours", "rss_file_bytes",
                   In("touch"), Over("pages"), Series("access"), Panels("cache"),
                   Where("touched=one"), kSinceStart),
              view("Minor faults to touch every page", "minor_faults_count", In("touch"),
                   Over("pages"), Series("access"), Panels("cache"), Where("touched=all")),
              view("Major faults to touch every page", "major_faults_count", In("touch"),
                   Over("pages"), Series("access"), Panels("cache"), Where("touched=all"))},
    .table = view("Minor faults while touching every page", "minor_faults_count", In("touch"),
                  Over("cache"), Panels("access"), Where("touched=all pages=256")),
    .claims = {"mmap-file-lazy", "fault-around", "minor-major"},
    .run = run,
};
LAB_REGISTER_EXPERIMENT(file_mapping);

}  // namespace
}  // namespace lab
