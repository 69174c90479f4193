// Serves requests of many small objects that die together, beside session blocks that outlive them.
// One thread.
#pragma once

#include <span>

#include "experiments/workload/pool_source.h"

namespace lab {

// Makes, uses and drops the objects of requests that come from a Source of pool_source.h.
template <class Source>
class RequestServer {
 public:
  static constexpr std::size_t kSessionBlocks = 64;
  static constexpr std::size_t kSessionBytes = 200;

  // Requests of `objects` each, of which `early_percent` die before the request ends. Requires:
  // before the first mark.
  RequestServer(Context& lab, std::size_t objects, std::uint64_t early_percent)
      : objects_(lab.scratch_array<Object>(objects), objects),
        session_(lab.scratch_array<void*>(kSessionBlocks)),
        early_percent_(early_percent),
        rng_(lab.rng()) {}

  // Serves `requests`, each replacing a session block, and tells the running phase what was asked
  // for.
  void serve(Context& lab, Source& source, RequestLog& log, std::int64_t requests) {
    for (std::int64_t i = 0; i < requests; ++i) {
      void*& block = session_[rng_.below(kSessionBlocks)];
      if (block != nullptr) log.free(block, kSessionBytes);
      serve_one(source);
      block = log.malloc(kSessionBytes);
    }
    log.report(lab);
  }

 private:
  struct Object {
    std::size_t* start;
    std::size_t bytes;
  };

  void serve_one(Source& source) {
    for (Object& object : objects_) {
      const std::size_t bytes = 16 + rng_.below(241);
      object = {static_cast<std::size_t*>(source.take(bytes)), bytes};
      *object.start = bytes;
      if (rng_.below(100) >= early_percent_) continue;
      source.give_back(object.start, bytes);
      object.start = nullptr;
    }
    for (const Object& object : objects_)
      if (object.start != nullptr) source.give_back(object.start, object.bytes);
    source.end_of_request();
  }

  std::span<Object> objects_;
  void** session_;
  std::uint64_t early_percent_;
  Rng rng_;
};

}  // namespace lab
