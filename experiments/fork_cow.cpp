// Question:  when does memory shared by fork become two copies?
// Method:    write pages, fork; the child reads them, the child writes half, then the body writes
//            the other half.
// Ideal:     fork and reads copy nothing; each page faults once, for the side that writes first.
// Watch:     a page written by the child stays shared by nobody: the body's later write to it is
//            only a permission fault.
#include "experiments/workload/describe.h"
#include "experiments/workload/helper_process.h"
#include "experiments/workload/mapping.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

constexpr std::size_t kPageBytes = 4096;

struct Work {
  unsigned char* memory;
  std::size_t pages;
};

enum Step { kRead = 1, kWriteHalf = 2 };

void child_step(int step, void* argument) {
  const auto* work = static_cast<const Work*>(argument);
  if (step == kRead) read_pages(work->memory, work->pages, kPageBytes);
  if (step == kWriteHalf) write_pages(work->memory, work->pages / 2, kPageBytes);
}

std::int64_t half(const Point& point, std::int64_t) { return point.number("pages") / 2; }

void run(Context& lab) {
  Work work{nullptr, static_cast<std::size_t>(lab.param("pages"))};
  work.memory = map_memory(lab, work.pages * kPageBytes);
  advise(work.memory, work.pages * kPageBytes, MADV_NOHUGEPAGE);

  lab.mark("write");
  write_pages(work.memory, work.pages, kPageBytes);
  lab.mark("fork");
  HelperProcess child(lab, child_step, &work);
  lab.mark("child_reads");
  child.step(kRead);
  lab.observe("child_minor_faults_count", child.step_minor_faults());
  lab.mark("child_writes_half");
  child.step(kWriteHalf);
  lab.observe("child_minor_faults_count", child.step_minor_faults());
  lab.mark("body_writes_rest");
  write_pages(work.memory + work.pages / 2 * kPageBytes, work.pages - work.pages / 2, kPageBytes);
  lab.mark("child_ends");
  child.finish();
}

constexpr Description fork_cow{
    .name = "fork_cow",
    .family = "kernel",
    .question = "When does memory shared by fork become two copies?",
    .method = "Write pages, fork; the child reads, the child writes half, the body the rest.",
    .params = {{"pages", "page", "pages written before the fork", "46", "2300", "230 2300 23000"}},
    .phases = {"write", "fork", "child_reads", "child_writes_half", "body_writes_rest",
               "child_ends"},
    .metrics = {observed("child_minor_faults_count", "count",
                         "minor faults of the child in its step")},
    .ideals = {{"write", "rss_anon_bytes", bytes_of_pages<"pages">, kExact},
               {"child_reads", "child_minor_faults_count", nothing},
               {"child_writes_half", "child_minor_faults_count", half},
               {"child_writes_half", "minor_faults_count", nothing, kExact},
               {"body_writes_rest", "minor_faults_count", half, kExact}},
    .plots = {view(
                  "The body's share of its pages: halved by fork, whole again when one side writes",
                  "pss_anon_bytes", Panels("pages"), kSinceStart),
              view("Faults of the body", "minor_faults_count", Panels("pages")),
              view("Faults of the child", "child_minor_faults_count", Panels("pages"))},
    .table = view("PSS anon since the start", "pss_anon_bytes", kSinceStart),
    .claims = {"cow-fork"},
    .needs = memory_of_pages<"pages", 2>,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(fork_cow);

}  // namespace
}  // namespace lab
