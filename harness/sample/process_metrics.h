// Metrics of the measured process itself: what the child tells and what /proc/PID says.
// `source` drives the parsers: "FILE KEY", "FILE A+B" (sum, all needed).
#pragma once

#include "harness/sample/metric_rows.h"

namespace lab {

// Filled by the runner from the child's mark records.
inline constexpr Metric kChildMetrics[] = {
    rows::time("wall_ns", "child CLOCK_MONOTONIC",
               "time between leaving one mark and reaching the next"),
    rows::time("cpu_ns", "child CLOCK_PROCESS_CPUTIME_ID",
               "CPU time of all threads, user and kernel"),
    rows::row("live_bytes", "byte", MetricKind::gauge, Better::none, rows::Exact::yes,
              "child live()", "bytes the program holds, as it asked for them"),
    rows::held("live_blocks_count", rows::Exact::yes, "child live()", "blocks the program holds"),
    rows::row("allocations_count", "count", MetricKind::counter, Better::none, rows::Exact::yes,
              "child requested()", "allocations the program asked for"),
    rows::row("frees_count", "count", MetricKind::counter, Better::none, rows::Exact::yes,
              "child requested()", "blocks the program gave back"),
    rows::row("request_checksum", "token", MetricKind::observed, Better::none, rows::Exact::yes,
              "child requested()", "checksum of the requests: equal under every allocator"),
};

inline constexpr Metric kMemoryMetrics[] = {
    rows::bytes("rss_anon_bytes", rows::Exact::yes, "smaps_rollup Anonymous",
                "resident memory not backed by a file: the default footprint"),
    rows::bytes("rss_bytes", rows::Exact::no, "smaps_rollup Rss",
                "resident memory, files included"),
    rows::bytes("pss_bytes", rows::Exact::no, "smaps_rollup Pss",
                "resident memory, shared pages divided among their users"),
    rows::bytes("uss_bytes", rows::Exact::no, "smaps_rollup Private_Clean+Private_Dirty",
                "resident memory that no other process shares"),
    rows::bytes("pss_anon_bytes", rows::Exact::no, "smaps_rollup Pss_Anon",
                "the anonymous part of PSS"),
    rows::bytes("pss_file_bytes", rows::Exact::no, "smaps_rollup Pss_File", "the file part of PSS"),
    rows::bytes("pss_shmem_bytes", rows::Exact::no, "smaps_rollup Pss_Shmem",
                "the shared-memory part of PSS; the lab's own scratch is here"),
    rows::bytes("lazy_free_bytes", rows::Exact::yes, "smaps_rollup LazyFree",
                "resident memory given to MADV_FREE and not yet taken by the kernel"),
    rows::level("anon_huge_bytes", "smaps_rollup AnonHugePages",
                "resident memory in transparent huge pages"),
    rows::bytes("swap_bytes", rows::Exact::no, "smaps_rollup Swap", "memory that is swapped out"),
    rows::bytes("swap_pss_bytes", rows::Exact::no, "smaps_rollup SwapPss",
                "swapped memory, shared pages divided among their users"),

    rows::bytes("vsz_bytes", rows::Exact::yes, "status VmSize", "address space in use"),
    rows::bytes("vsz_peak_bytes", rows::Exact::yes, "status VmPeak",
                "highest VSZ since the program started; the kernel cannot reset it"),
    rows::row("rss_peak_bytes", "byte", MetricKind::peak, Better::lower, rows::Exact::no,
              "status VmHWM", "highest RSS within the phase, files included; approximate"),
    rows::bytes("status_rss_bytes", rows::Exact::no, "status VmRSS",
                "RSS as status tells it: cheaper and less exact than smaps_rollup"),
    rows::bytes("rss_file_bytes", rows::Exact::no, "status RssFile", "resident pages of files"),
    rows::bytes("rss_shmem_bytes", rows::Exact::no, "status RssShmem",
                "resident shared memory; the lab's own scratch is here"),
    rows::bytes("data_bytes", rows::Exact::yes, "status VmData",
                "private writable address space, heap included"),
    rows::bytes("stack_bytes", rows::Exact::yes, "status VmStk", "address space of the main stack"),
    rows::bytes("locked_bytes", rows::Exact::yes, "status VmLck", "memory locked in RAM"),
    rows::bytes("page_table_bytes", rows::Exact::yes, "status VmPTE", "memory of the page tables"),
    rows::held("threads_count", rows::Exact::yes, "status Threads", "threads alive"),

    rows::events("minor_faults_count", rows::Exact::yes, "stat minflt",
                 "page faults served without reading a disk"),
    rows::events("major_faults_count", rows::Exact::no, "stat majflt",
                 "page faults that read a disk"),
    rows::time("user_ns", "stat utime", "CPU time in user mode, sampled at clock ticks"),
    rows::time("kernel_ns", "stat stime", "CPU time in the kernel, sampled at clock ticks"),

    rows::moved("read_chars_bytes", rows::Exact::yes, "io rchar",
                "bytes asked of read and its kin"),
    rows::moved("write_chars_bytes", rows::Exact::yes, "io wchar",
                "bytes given to write and its kin"),
    rows::events("read_calls_count", rows::Exact::yes, "io syscr", "read calls"),
    rows::events("write_calls_count", rows::Exact::yes, "io syscw", "write calls"),
    rows::moved("read_bytes", rows::Exact::no, "io read_bytes", "bytes fetched from storage"),
    rows::moved("write_bytes", rows::Exact::no, "io write_bytes", "bytes sent to storage"),

    rows::held("maps_count", rows::Exact::yes, "maps lines", "mappings of the address space"),
    rows::address("heap_start_address", "maps [heap] start", "where the brk heap begins"),
    rows::address("heap_top_address", "maps [heap] end", "where the brk heap ends"),
    rows::bytes("heap_bytes", rows::Exact::yes, "maps [heap] size",
                "address space of the brk heap"),
};

}  // namespace lab
