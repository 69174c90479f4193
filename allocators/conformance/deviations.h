// Where an allocator is known not to satisfy a check, and why. The suite verifies that each of
// these still deviates: a deviation that vanished must be taken out. The lab's reference has none.
#pragma once

#include <string_view>

namespace conformance {

enum class Persistence {
  by_design,     // in every version
  this_version,  // in the versions of kJudgedVersions; others may have mended it
  by_chance,     // a race: not in every run
  not_tried,     // the check cannot end
};

struct Deviation {
  std::string_view allocator;
  std::string_view check;
  Persistence persistence;
  std::string_view why;
};

struct JudgedVersion {
  std::string_view allocator;
  std::string_view origin;  // how the origin of its library begins
};

inline constexpr JudgedVersion kJudgedVersions[] = {
    {"glibc", "Debian libc6 2.36-"},
    {"jemalloc", "Debian libjemalloc2 5.3.0-"},
    {"tcmalloc", "Debian libtcmalloc-minimal4 2.10-"},
    {"mimalloc", "Debian libmimalloc2.0 2.0.9"},
    {"tbbmalloc", "Debian libtbbmalloc2 2021.8"},
    {"scudo", "Debian libclang-rt-14-dev 1:14."},
};

using enum Persistence;
inline constexpr Deviation kDeviations[] = {
    // glibc before 2.38 makes aligned_alloc an alias of memalign.
    {"glibc", "aligned_alloc_rejects_an_alignment_that_is_no_power_of_two", this_version,
     "rounds the alignment up instead"},

    // Size classes of 8 bytes: enough for any object of that size, not for malloc(3)'s promise.
    {"jemalloc", "blocks_below_16_bytes_are_aligned_to_16", by_design, "8 bytes up to size 8"},
    {"tcmalloc", "blocks_below_16_bytes_are_aligned_to_16", by_design, "8 bytes up to size 8"},
    {"mimalloc", "blocks_below_16_bytes_are_aligned_to_16", by_design, "8 bytes up to size 8"},
    {"tbbmalloc", "blocks_below_16_bytes_are_aligned_to_16", by_design, "8 bytes up to size 8"},

    {"jemalloc", "pvalloc_gives_whole_pages", by_design,
     "has no pvalloc: glibc's serves, and free crashes on its block"},
    {"jemalloc", "aligned_blocks_that_fail_set_ENOMEM", this_version,
     "memalign leaves errno alone"},
    {"jemalloc", "a_realloc_that_fails_sets_ENOMEM", this_version, "leaves errno alone"},

    {"tcmalloc", "aligned_alloc_rejects_an_alignment_that_is_no_power_of_two", this_version,
     "takes any alignment"},
    {"tcmalloc", "calloc_that_overflows_sets_ENOMEM", this_version, "leaves errno alone"},
    {"tcmalloc", "pvalloc_of_too_much_fails", this_version, "the rounded size wraps to 0"},
    {"tcmalloc", "pvalloc_that_fails_sets_ENOMEM", this_version, "the rounded size wraps to 0"},

    // Sizes that are powers of two take a shortcut that forgets where the page's first block lies.
    {"mimalloc", "posix_memalign_aligns", this_version, "256 bytes aligned to 256 are not"},
    {"mimalloc", "aligned_alloc_aligns", this_version, "256 bytes aligned to 256 are not"},
    {"mimalloc", "memalign_aligns", this_version, "256 bytes aligned to 256 are not"},
    {"mimalloc", "aligned_alloc_rejects_an_alignment_that_is_no_power_of_two", this_version,
     "gives NULL without EINVAL"},
    {"mimalloc", "malloc_that_fails_sets_ENOMEM", this_version, "leaves errno alone"},
    {"mimalloc", "calloc_that_fails_sets_ENOMEM", this_version, "leaves errno alone"},
    {"mimalloc", "calloc_that_overflows_sets_ENOMEM", this_version, "leaves errno alone"},
    {"mimalloc", "aligned_blocks_that_fail_set_ENOMEM", this_version, "leaves errno alone"},
    {"mimalloc", "pvalloc_that_fails_sets_ENOMEM", this_version, "leaves errno alone"},
    // Debian builds it as C: it cannot throw, and ends the program.
    {"mimalloc", "new_of_too_much_throws_bad_alloc", this_version, "aborts"},
    {"mimalloc", "the_new_handler_is_called_until_it_gives_up", this_version, "aborts"},
    {"mimalloc", "the_new_handler_is_called_for_aligned_new_too", this_version, "aborts"},

    {"tbbmalloc", "pvalloc_that_fails_sets_ENOMEM", this_version, "sets EINVAL"},
    {"tbbmalloc", "the_child_of_a_multi_threaded_parent_may_allocate_and_free", by_chance,
     "takes no care of fork: the child waits for a lock for ever"},
    {"tbbmalloc", "the_child_of_a_multi_threaded_parent_may_start_threads", by_chance,
     "takes no care of fork: the child waits for a lock for ever"},

    {"scudo", "aligned_blocks_that_fail_set_ENOMEM", this_version, "memalign leaves errno alone"},
    {"scudo", "new_of_too_much_throws_bad_alloc", this_version, "gives NULL"},
    {"scudo", "the_new_handler_is_called_until_it_gives_up", this_version, "is not called"},
    {"scudo", "the_new_handler_is_called_for_aligned_new_too", this_version, "is not called"},
    {"scudo", "the_child_of_a_multi_threaded_parent_may_allocate_and_free", by_chance,
     "fork can find its caches in mid-change"},
    {"scudo", "the_child_of_a_multi_threaded_parent_may_start_threads", by_chance,
     "fork can find its caches in mid-change"},

    {"bump", "freed_memory_is_used_again", by_design, "never frees"},
    {"bump", "short_lived_threads_leave_nothing_behind", by_design, "never frees"},
    {"bump", "exhaustion_fails_with_ENOMEM_and_ends_when_blocks_are_freed", by_design,
     "never frees"},
    {"bump", "the_child_of_a_multi_threaded_parent_may_allocate_and_free", not_tried,
     "never frees: busy threads would fill the machine"},
    {"bump", "the_child_of_a_multi_threaded_parent_may_start_threads", not_tried,
     "never frees: busy threads would fill the machine"},
};

}  // namespace conformance
