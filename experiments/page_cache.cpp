// Question:  does a second read of a file come from memory, and can a process tell?
// Method:    write a file, evict it, read it twice; cachestat after each step.
// Ideal:     only the first read fetches from storage.
// Watch:     the process's read_bytes counts what went to storage on its behalf; reading ahead
//            may fetch more than was asked for.
#include "experiments/workload/describe.h"
#include "experiments/workload/scratch_file.h"

namespace lab {
namespace {

void observe_cache(Context& lab, ScratchFile& file) {
  const CacheState state = file.cache_state();
  lab.observe("cached_pages_count", state.cached_pages);
  lab.observe("dirty_pages_count", state.dirty_pages);
}

void run(Context& lab) {
  const std::size_t size = static_cast<std::size_t>(lab.param("pages")) * lab.page_bytes();
  ScratchFile file(lab);
  file.cache_state();

  lab.mark("write");
  file.write(size);
  observe_cache(lab, file);
  lab.mark("evict");
  file.evict();
  observe_cache(lab, file);
  lab.mark("first_read");
  file.read(size);
  observe_cache(lab, file);
  lab.mark("second_read");
  file.read(size);
  observe_cache(lab, file);
}

constexpr Description page_cache{
    .name = "page_cache",
    .family = "kernel",
    .question = "Does a second read of a file come from memory, and can a process tell?",
    .method = "Write a file, evict it, read it twice; ask cachestat after each step.",
    .params = {{"pages", "page", "size of the file", "64", "4096", "65536"}},
    .phases = {"write", "evict", "first_read", "second_read"},
    .metrics = {observed("cached_pages_count", "count", "pages of the file in the page cache"),
                observed("dirty_pages_count", "count", "of those, pages not yet on the disk")},
    .ideals = {{"write", "cached_pages_count", param<"pages">, kExact},
               {"evict", "cached_pages_count", nothing},
               {"first_read", "read_bytes", bytes_of_pages<"pages">},
               {"first_read", "cached_pages_count", param<"pages">},
               {"second_read", "read_bytes", nothing, kExact},
               {"write", "write_chars_bytes", bytes_of_pages<"pages">, kExact},
               {"first_read", "read_chars_bytes", bytes_of_pages<"pages">, kExact},
               {"second_read", "read_chars_bytes", bytes_of_pages<"pages">, kExact}},
    .plots = {view("Bytes fetched from storage", "read_bytes", Panels("pages")),
              view("Pages in the page cache", "cached_pages_count", Panels("pages"))},
    .table = view("Bytes fetched from storage", "read_bytes"),
    .claims = {"page-cache-hit", "cache-per-process"},
    .run = run,
};
LAB_REGISTER_EXPERIMENT(page_cache);

}  // namespace
}  // namespace lab
