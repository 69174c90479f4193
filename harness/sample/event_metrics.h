// Metrics counted by perf events on the measured process and all its threads. `source` drives
// the event table: "perf NAME", "pmu NAME:u" (user), "pmu NAME:k" (kernel), "tracepoint
// GROUP:NAME".
#pragma once

#include "harness/sample/metric_rows.h"

namespace lab {

inline constexpr Metric kEventMetrics[] = {
    rows::events("perf_page_faults_count", rows::Exact::yes, "perf page-faults",
                 "page faults taken; pages populated by the kernel without a fault do not count"),
    rows::events("perf_minor_faults_count", rows::Exact::yes, "perf minor-faults",
                 "page faults served without reading a disk"),
    rows::events("perf_major_faults_count", rows::Exact::no, "perf major-faults",
                 "page faults that read a disk"),
    rows::events("context_switches_count", rows::Exact::no, "perf context-switches",
                 "switches to another thread; each mark adds its own"),
    rows::events("cpu_migrations_count", rows::Exact::no, "perf cpu-migrations",
                 "moves of a thread to another CPU"),
    rows::time("task_clock_ns", "perf task-clock", "time on a CPU, all threads"),

    rows::cost("cycles_user_count", "pmu cycles:u", "CPU cycles in user mode"),
    rows::cost("cycles_kernel_count", "pmu cycles:k", "CPU cycles in the kernel"),
    rows::cost("instructions_user_count", "pmu instructions:u", "instructions in user mode"),
    rows::cost("instructions_kernel_count", "pmu instructions:k", "instructions in the kernel"),
    rows::cost("cache_misses_user_count", "pmu cache-misses:u",
               "last-level cache misses in user mode"),
    rows::cost("cache_misses_kernel_count", "pmu cache-misses:k",
               "last-level cache misses in the kernel"),
    rows::cost("dtlb_misses_user_count", "pmu dTLB-load-misses:u", "data TLB misses in user mode"),
    rows::cost("dtlb_misses_kernel_count", "pmu dTLB-load-misses:k",
               "data TLB misses in the kernel"),

    rows::events("brk_calls_count", rows::Exact::yes, "tracepoint syscalls:sys_enter_brk",
                 "brk calls"),
    rows::events("mmap_calls_count", rows::Exact::yes, "tracepoint syscalls:sys_enter_mmap",
                 "mmap calls"),
    rows::events("munmap_calls_count", rows::Exact::yes, "tracepoint syscalls:sys_enter_munmap",
                 "munmap calls"),
    rows::events("mremap_calls_count", rows::Exact::yes, "tracepoint syscalls:sys_enter_mremap",
                 "mremap calls"),
    rows::events("madvise_calls_count", rows::Exact::yes, "tracepoint syscalls:sys_enter_madvise",
                 "madvise calls"),
    rows::events("mprotect_calls_count", rows::Exact::yes, "tracepoint syscalls:sys_enter_mprotect",
                 "mprotect calls"),
    rows::events("user_fault_events_count", rows::Exact::yes,
                 "tracepoint exceptions:page_fault_user", "page faults raised in user mode"),
    rows::events("kernel_fault_events_count", rows::Exact::yes,
                 "tracepoint exceptions:page_fault_kernel",
                 "page faults raised by the kernel on the program's behalf"),

    rows::time("events_enabled_ns", "perf time_enabled", "time for which the events were wanted"),
    rows::time(
        "events_running_ns", "perf time_running",
        "time for which the least-served event counted; less than enabled: counts are too low"),
};

}  // namespace lab
