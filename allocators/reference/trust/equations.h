// The equations of statistics.h, as a requirement. Requires: a quiet point.
#pragma once

#include "require.h"
#include "statistics.h"

namespace trust {

inline reference_totals sound_totals() {
  static reference_totals totals;  // large; tests ask from one thread
  reference_statistics(&totals);
  std::size_t block = totals.large_bytes + totals.direct_bytes;
  std::size_t cached = totals.kept_span_bytes + totals.direct_slack_bytes;
  for (const auto& entry : totals.classes) {
    require(entry.block_bytes == entry.live_blocks * entry.class_bytes, "class %zu does not add up",
            entry.class_bytes);
    block += entry.block_bytes;
    cached += entry.cached_bytes;
  }
  require(totals.block_bytes == block, "blocks: %zu, parts %zu", totals.block_bytes, block);
  require(totals.cached_bytes == cached, "cached: %zu, parts %zu", totals.cached_bytes, cached);
  const std::size_t parts =
      totals.metadata_bytes + block + cached + totals.retained_bytes + totals.stranded_bytes;
  require(totals.mapped_bytes == parts, "mapped %zu, parts %zu", totals.mapped_bytes, parts);
  require(totals.dirty_bytes <= totals.retained_bytes + totals.stranded_bytes, "dirty %zu",
          totals.dirty_bytes);
  return totals;
}

}  // namespace trust
