// Small blocks of several threads and the cache lines they lie on: two threads that write blocks of
// one line slow each other down, though they share no data.
#pragma once

#include "experiments/workload/contention.h"

namespace lab {

inline constexpr std::size_t kLineBytes = 64;

// The blocks of all threads: `per_thread` of 8 bytes each.
class SharedLines {
 public:
  static constexpr std::size_t kBlockBytes = 8;
  static constexpr std::size_t kPerThread = 64;

  static constexpr std::size_t places(int threads) {
    return static_cast<std::size_t>(threads) * kPerThread;
  }

  // Requires: before the first mark.
  SharedLines(Context& lab, int threads, std::size_t per_thread = kPerThread)
      : blocks_(lab.scratch_array<std::uint64_t*>(static_cast<std::size_t>(threads) * per_thread)),
        threads_(static_cast<std::size_t>(threads)),
        per_thread_(per_thread) {}

  // Thread `index` takes its blocks. In the control each lies on a line of its own.
  void take(int index, Worker& worker, const BlockSource& source) {
    for (std::size_t i = begin(index); i < begin(index) + per_thread_; ++i)
      take_one(i, worker, source);
  }

  // One thread takes the blocks of all, in turn: neighbours belong to different threads.
  void deal(Worker& worker, const BlockSource& source) {
    for (std::size_t i = 0; i < per_thread_; ++i)
      for (std::size_t thread = 0; thread < threads_; ++thread)
        take_one(thread * per_thread_ + i, worker, source);
  }

  void give_back(int index, Worker& worker, const BlockSource& source) {
    for (std::size_t i = begin(index); i < begin(index) + per_thread_; ++i) {
      worker.log.note_free(kBlockBytes);
      source.give_back(blocks_[i]);
    }
  }

  // Thread `index` writes each of its blocks `times` times.
  void write(int index, std::int64_t times) {
    for (std::int64_t turn = 0; turn < times; ++turn)
      for (std::size_t i = begin(index); i < begin(index) + per_thread_; ++i) {
        volatile std::uint64_t& word = *blocks_[i];
        word = word + 1;
      }
  }

  // Returns how many blocks lie on a line with a block of another thread.
  std::int64_t sharing_blocks() const {
    std::int64_t sharing = 0;
    for (std::size_t i = 0; i < threads_ * per_thread_; ++i) sharing += shares_line(i);
    return sharing;
  }

 private:
  void take_one(std::size_t i, Worker& worker, const BlockSource& source) {
    worker.log.note_allocation(kBlockBytes);
    blocks_[i] = static_cast<std::uint64_t*>(source.take(i, kBlockBytes));
    *blocks_[i] = 0;
  }
  std::size_t begin(int index) const { return static_cast<std::size_t>(index) * per_thread_; }
  std::uintptr_t line(std::size_t i) const {
    return reinterpret_cast<std::uintptr_t>(blocks_[i]) / kLineBytes;
  }
  bool shares_line(std::size_t i) const {
    for (std::size_t j = 0; j < threads_ * per_thread_; ++j)
      if (j / per_thread_ != i / per_thread_ && line(i) == line(j)) return true;
    return false;
  }

  std::uint64_t** blocks_;
  std::size_t threads_;
  std::size_t per_thread_;
};

// What both experiments on line sharing declare.
inline constexpr Param kSharingParams[] = {
    kThreadsParam,
    kWorkloadParam,
    {"writes", "count", "times that each thread writes each of its blocks", "100", "400000",
     "4000000"},
};
inline constexpr Metric kSharingMetrics[] = {
    observed("line_sharing_blocks_count", "count",
             "blocks that lie on a cache line with a block of another thread", Better::lower),
};
inline std::int64_t all_sharing_blocks(const Point& point, std::int64_t) {
  return unless_control(
      point, point.number("threads") * static_cast<std::int64_t>(SharedLines::kPerThread));
}
constexpr View sharing_view(std::string_view phase) {
  return view("Blocks that share a cache line with another thread's", "line_sharing_blocks_count",
              In(phase), Over("threads"), Where("workload=allocate"));
}

}  // namespace lab
