// Question: what does it cost when whole batches of blocks travel between threads?
// Method:   every thread makes a batch of blocks, appends it to a shared queue, takes the oldest
//           batch, whoever made it, and frees its blocks; again and again.
// Ideal:    the time of the control, which links and moves the same batches without an allocator.
// Watch:    the lock of the shared queue is in both; it is taken twice for 128 blocks.
#include <pthread.h>

#include "experiments/workload/contention.h"

namespace lab {
namespace {

constexpr std::size_t kBatchBlocks = 128;
constexpr std::size_t kBlockBytes = 64;
constexpr int kBatchesUnderWay = 2;  // of each thread: the oldest is then seldom its own

struct Block {
  Block* next;
  Block* next_batch;
};

class BatchQueue {
 public:
  void push(Block* batch) {
    batch->next_batch = nullptr;
    pthread_mutex_lock(&lock_);
    *(newest_ != nullptr ? &newest_->next_batch : &oldest_) = batch;
    newest_ = batch;
    pthread_mutex_unlock(&lock_);
  }
  // Requires a queue that is not empty.
  Block* pop() {
    pthread_mutex_lock(&lock_);
    Block* batch = oldest_;
    oldest_ = batch->next_batch;
    if (oldest_ == nullptr) newest_ = nullptr;
    pthread_mutex_unlock(&lock_);
    return batch;
  }

 private:
  pthread_mutex_t lock_ = PTHREAD_MUTEX_INITIALIZER;
  Block* oldest_ = nullptr;
  Block* newest_ = nullptr;
};

// Makes and frees batches: from the allocator, or by keeping the last freed ones for the next.
class BatchMaker {
 public:
  BatchMaker(Worker& worker, const BlockSource& source, std::size_t first_place)
      : worker_(worker), source_(source), place_(first_place) {}

  Block* make() {
    Block* batch = nullptr;
    for (std::size_t i = 0; i < kBatchBlocks; ++i) {
      worker_.log.note_allocation(kBlockBytes);
      Block* block = take();
      block->next = batch;
      batch = block;
    }
    return batch;
  }

  void free(Block* batch) {
    while (batch != nullptr) {
      Block* next = batch->next;
      worker_.log.note_free(kBlockBytes);
      if (source_.allocates()) std::free(batch);
      else batch->next = spare_, spare_ = batch;
      batch = next;
    }
  }

 private:
  Block* take() {
    if (spare_ == nullptr) return static_cast<Block*>(source_.take(place_++, kBlockBytes));
    Block* block = spare_;
    spare_ = block->next;
    return block;
  }

  Worker& worker_;
  const BlockSource& source_;
  std::size_t place_;
  Block* spare_ = nullptr;
};

void run(Context& lab) {
  const int threads = static_cast<int>(lab.param("threads"));
  const std::int64_t batches = lab.param("batches");
  constexpr std::size_t kPlaces = kBatchBlocks * (kBatchesUnderWay + 1);
  const BlockSource source(lab, static_cast<std::size_t>(threads) * kPlaces, kBlockBytes);
  Workers workers(lab, threads);
  ThreadTeam team(threads);
  BatchQueue queue;
  const auto travel = [&](int index) {
    BatchMaker maker(workers[index], source, static_cast<std::size_t>(index) * kPlaces);
    for (int i = 0; i < kBatchesUnderWay; ++i) queue.push(maker.make());
    for (std::int64_t i = 0; i < batches; ++i) {
      queue.push(maker.make());
      maker.free(queue.pop());
    }
    for (int i = 0; i < kBatchesUnderWay; ++i) maker.free(queue.pop());
  };

  lab.mark("travel");
  team.run(travel);
  workers.report(lab, source);
  lab.mark("end");
}

std::int64_t all_blocks(const Point& point, std::int64_t) {
  const std::int64_t batches = point.number("batches") + kBatchesUnderWay;
  return unless_control(
      point, point.number("threads") * batches * static_cast<std::int64_t>(kBatchBlocks));
}

constexpr Param kParams[] = {
    kThreadsParam,
    kWorkloadParam,
    {"batches", "count", "batches of 128 blocks that each thread makes", "20", "8000", "40000"},
};
constexpr std::string_view kPhases[] = {"travel"};
constexpr Ideal kIdeals[] = {
    {"travel", "allocations_count", all_blocks, kExact},
    {"travel", "frees_count", all_blocks, kExact},
};
constexpr View kPlots[] = {
    {.title = "Batches that travel between threads: time for the same work per thread",
     .metric = "wall_ns",
     .phase = "travel",
     .x = "threads",
     .facet = "workload"},
    {.title = "Memory that stays after all batches are freed",
     .metric = "rss_anon_bytes",
     .phase = "travel",
     .x = "threads",
     .where = "workload=allocate",
     .since_start = true},
};
constexpr std::string_view kClaims[] = {"glibc-slow-threads"};

constexpr Experiment xmalloc_batches{
    .name = "xmalloc_batches",
    .family = "contention",
    .question = "What does it cost when whole batches of blocks travel between threads?",
    .method =
        "Every thread makes a batch of blocks, appends it to a shared queue, takes the oldest "
        "and frees its blocks.",
    .params = kParams,
    .phases = kPhases,
    .ideals = kIdeals,
    .plots = kPlots,
    .table = {.title = "Time for the same number of batches per thread",
              .metric = "wall_ns",
              .phase = "travel",
              .x = "threads",
              .facet = "workload"},
    .claims = kClaims,
    .threads_limit = 256,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(xmalloc_batches);

}  // namespace
}  // namespace lab
