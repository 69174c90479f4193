// Question:  which page faults need the disk?
// Method:    touch every page of fresh anonymous memory, of a cached file, of an evicted file;
//            the kernel is told to expect random access, so that it reads nothing ahead.
// Ideal:     no major fault but for the pages that were evicted, and one for each of those.
// Watch:     one fault on a cached file maps up to 16 pages, whatever the kernel was told.
#include "experiments/workload/describe.h"
#include "experiments/workload/mapping.h"
#include "experiments/workload/scratch_file.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

std::int64_t major(const Point& point, std::int64_t) {
  return point.is("source", "evicted_file") ? point.number("pages") : 0;
}

void run(Context& lab) {
  const std::size_t page_bytes = lab.page_bytes();
  const auto pages = static_cast<std::size_t>(lab.param("pages"));
  const std::size_t bytes = pages * page_bytes;
  const bool anonymous = lab.is("source", "anonymous");
  const bool cached = lab.is("source", "cached_file");
  ScratchFile file(lab);
  file.write(bytes);
  file.evict();
  file.random_access();
  if (cached) file.read(bytes);

  lab.mark("map");
  unsigned char* memory = anonymous ? map_memory(lab, bytes)
                                    : map_memory(lab, bytes, MAP_SHARED, PROT_READ, file.number());
  advise(memory, bytes, anonymous ? MADV_NOHUGEPAGE : MADV_RANDOM);
  lab.mark("touch");
  read_pages(memory, pages, page_bytes);
  lab.mark("unmap");
  unmap(memory, bytes);
}

constexpr Description minor_major{
    .name = "minor_major",
    .family = "faults",
    .question = "Which page faults need the disk?",
    .method = "Touch every page of anonymous memory, of a cached file and of an evicted file.",
    .params = {{"source", "token", "what is mapped", "anonymous cached_file evicted_file"},
               {"pages", "page", "pages touched", "23", "230", "230 2300"}},
    .phases = {"map", "touch", "unmap"},
    .ideals = {{"touch", "major_faults_count", major, kExact},
               {"map", "minor_faults_count", nothing, kExact}},
    .plots = {view("Minor faults: no disk needed", "minor_faults_count", In("touch"),
                   Over("source"), Panels("pages")),
              view("Major faults: one for each evicted page", "major_faults_count", In("touch"),
                   Over("source"), Panels("pages")),
              view("Time of the same touches", "wall_ns", In("touch"), Over("source"),
                   Panels("pages"))},
    .table =
        view("Major faults", "major_faults_count", In("touch"), Over("source"), Panels("pages")),
    .claims = {"minor-major"},
    .run = run,
};
LAB_REGISTER_EXPERIMENT(minor_major);

}  // namespace
}  // namespace lab
