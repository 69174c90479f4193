// What glibc tells about its heap in three ways: mallinfo2, malloc_info (XML) and malloc_stats
// (text on stderr). Allocates nothing: the text is written through file descriptor 2, which points
// at a memory file meanwhile. Never call it while another thread writes to stderr.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "harness/contract/allocator.h"

namespace lab::glibc_reports {

constexpr Metric observed(std::string_view name, std::string_view unit, std::string_view source,
                          std::string_view meaning) {
  return {name,   unit,   MetricKind::observed, Better::none, true, BlockingKeys::counts,
          source, meaning};
}

constexpr Metric field(std::string_view name, std::string_view unit, std::string_view meaning) {
  return observed(name, unit, "mallinfo2", meaning);
}

// The first ten are the fields of mallinfo2 in their order.
inline constexpr Metric kMetrics[] = {
    field("glibc_arena_bytes", "byte", "arena: bytes of all arenas, in use or free"),
    field("glibc_ordblks_count", "count", "ordblks: free chunks outside fastbins, tops included"),
    field("glibc_smblks_count", "count", "smblks: free chunks in fastbins"),
    field("glibc_hblks_count", "count", "hblks: blocks served by mmap"),
    field("glibc_hblkhd_bytes", "byte", "hblkhd: bytes of blocks served by mmap"),
    field("glibc_usmblks_bytes", "byte", "usmblks: not used any more, 0"),
    field("glibc_fsmblks_bytes", "byte", "fsmblks: bytes of free chunks in fastbins"),
    field("glibc_uordblks_bytes", "byte", "uordblks: arena bytes not free; thread caches count"),
    field("glibc_fordblks_bytes", "byte", "fordblks: free bytes in arenas"),
    field("glibc_keepcost_bytes", "byte", "keepcost: top chunk of the main arena"),
    observed("glibc_info_fast_bytes", "byte", "malloc_info", "total fast: free bytes in fastbins"),
    observed("glibc_info_rest_bytes", "byte", "malloc_info", "total rest: other free bytes"),
    observed("glibc_info_mmap_bytes", "byte", "malloc_info", "total mmap: bytes served by mmap"),
    observed("glibc_info_system_bytes", "byte", "malloc_info",
             "system current: bytes of all arenas"),
    observed("glibc_stats_system_bytes", "byte", "malloc_stats", "system bytes, total with mmap"),
    observed("glibc_stats_in_use_bytes", "byte", "malloc_stats", "in use bytes, total with mmap"),
};

// Puts every field of every report, and the neutral metrics that follow from mallinfo2.
void put_all(StatisticsSink& sink);

// Returns the number that follows `label` (and any of ' ', '=', '"') after the last `section`, or
// nothing when either is missing.
std::optional<std::int64_t> number_after(std::string_view text, std::string_view section,
                                         std::string_view label);

}  // namespace lab::glibc_reports
