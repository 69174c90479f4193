"""Answers derived on paper for experiments whose ideal glibc does not reach: what follows from its
documented sizes. `ANSWERS` maps an experiment to a function that yields (what, measured, derived) for
one run of the smoke profile.

The rules, for 64 bits: a chunk is the request and 8 bytes, rounded up to 16, at least 32. A request
whose chunk reaches the mmap threshold (128 KiB, no longer once a mapped block was freed) is mapped: request
and 16 bytes, rounded up to pages, and its header makes the first page resident. The thread cache keeps
seven freed blocks of a size, counted as in use.
"""

PAGE, KIB, THRESHOLD, CACHED = 4096, 1024, 128 * 1024, 7


def number(text):
    for suffix, factor in (("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)):
        if text.endswith(suffix):
            return int(text.removesuffix(suffix)) * factor
    return int(text)


def chunk(request):
    return max(32, (request + 8 + 15) // 16 * 16)


def mapped_pages(request):
    return (request + 16 + PAGE - 1) // PAGE


class Run:
    """One run: its parameters and knobs as numbers where they are, its phases by name."""

    def __init__(self, run):
        self.settings = {**run["params"], **run["knobs"]}
        self.phases = {phase["name"]: phase["metrics"] for phase in run["phases"]}
        self.start = run["at_start"]

    def __getitem__(self, name):
        return number(self.settings[name])

    def is_set(self, name, value):
        return self.settings[name] == value

    def of(self, phase, metric):
        """None where the machine does not tell."""
        return self.phases[phase].get(metric)

    def grown(self, phase, metric):
        value = self.of(phase, metric)
        return value if value is None else value - self.start[metric]

    def expect(self, phase, **derived):
        for metric, value in derived.items():
            gauge = metric in self.start
            yield f"{phase} {metric}", (self.grown if gauge else self.of)(phase, metric), value


def first_touch(run):
    """1 MiB is mapped; the header's page is the block's first."""
    pages = run["touched_pages"]
    yield from run.expect("allocate", mmap_calls_count=1, minor_faults_count=1, rss_anon_bytes=PAGE,
                          vsz_bytes=mapped_pages(run["block_bytes"]) * PAGE)
    yield from run.expect("touch", minor_faults_count=max(0, pages - 1), rss_anon_bytes=PAGE * (
        max(1, pages) if run.is_set("touch", "write") else 1))
    yield from run.expect("free", munmap_calls_count=1, rss_anon_bytes=0, vsz_bytes=0)


def mmap_threshold(run):
    request, knob = run["request_bytes"], run.settings["mmap_threshold_bytes"]
    mapped = chunk(request) >= (THRESHOLD if knob == "absent" else number(knob))
    yield from run.expect("request", mmap_calls_count=int(mapped))
    yield from run.expect("free", munmap_calls_count=int(mapped))
    if mapped:
        yield from run.expect("request", minor_faults_count=1)
        yield from run.expect("touch", minor_faults_count=mapped_pages(request) - 1)


def dynamic_threshold(run):
    """Freeing a mapped block of 1 MiB makes its size the threshold: what is no larger comes from the heap."""
    yield from run.expect("free_first", mmap_calls_count=1, munmap_calls_count=1)
    yield from run.expect("request", mmap_calls_count=0)


def all_mmap(run):
    """With a threshold of one byte each block has pages of its own, in churn as well."""
    if run.is_set("mmap_threshold_bytes", "absent"):
        yield from run.expect("churn", mmap_calls_count=0, minor_faults_count=0)
        return
    half = run["blocks"] // 2
    churned, pages = half * run["rounds"], mapped_pages(run["block_bytes"])
    yield from run.expect("allocate", mmap_calls_count=run["blocks"],
                          rss_anon_bytes=run["blocks"] * pages * PAGE)
    yield from run.expect("free_half", munmap_calls_count=half)
    yield from run.expect("churn", mmap_calls_count=churned, munmap_calls_count=churned,
                          minor_faults_count=churned * pages)
    yield from run.expect("free", munmap_calls_count=half, rss_anon_bytes=0)


def mmap_max(run):
    """Each block is mapped while that is allowed; with none allowed all come from the heap."""
    if run.is_set("mmap_max_count", "0"):
        yield from run.expect("allocate", mmap_calls_count=0)
        return
    blocks, size = run["blocks"], mapped_pages(run["block_bytes"]) * PAGE
    yield from run.expect("allocate", mmap_calls_count=blocks, rss_anon_bytes=blocks * size)
    yield from run.expect("free_all_but_last", munmap_calls_count=blocks - 1, rss_anon_bytes=size)
    yield from run.expect("free_last", munmap_calls_count=1, rss_anon_bytes=0)


def abcd_walkthrough(run):
    """C, 200 KiB, is the only one that is mapped. D's end of the heap goes back unless freeing C raised the
    trim threshold."""
    told = run.of("malloc_c", "rss_anon_bytes") - run.of("malloc_b", "rss_anon_bytes")
    yield "malloc_c adds", told, mapped_pages(200 * KIB) * PAGE
    back = run.of("free_c", "rss_anon_bytes") - run.of("malloc_d", "rss_anon_bytes")
    yield "free_c gives back", back, -mapped_pages(200 * KIB) * PAGE
    yield from run.expect("malloc_c", mmap_calls_count=1)
    yield from run.expect("free_c", munmap_calls_count=1)
    default = run.settings["mmap_threshold_bytes"] == run.settings["trim_threshold_bytes"] == "absent"
    yield from run.expect("free_d", brk_calls_count=0 if default else 1)


def heap_trim(run):
    """A survivor, or a cached block, at the end of the heap keeps all below it."""
    if run.settings["pattern"] in ("top_down", "pin_at_top"):
        yield from run.expect("free", brk_calls_count=0)
    if run.is_set("pattern", "bottom_up"):
        yield from run.expect("free", brk_calls_count=1)


def hole_reuse(run):
    """Holes of the very size that is asked for are taken again: no page and no call."""
    yield from run.expect("reuse", minor_faults_count=0, brk_calls_count=0, mmap_calls_count=0)


def min_chunk(run):
    size = chunk(run["request_bytes"])
    yield from run.expect("allocate", distance_bytes=size, usable_bytes=size - 8)


def realloc_growth(run):
    """A mapped block grows by one mremap, wherever it then lies, and only its new pages fault."""
    old, new = (mapped_pages(factor * run["from_bytes"]) for factor in (1, 2))
    yield from run.expect("grow", mremap_calls_count=1, minor_faults_count=new - old,
                          rss_anon_bytes=new * PAGE)
    yield from run.expect("free", munmap_calls_count=1, rss_anon_bytes=0)


def calloc_touch(run):
    """Fresh memory that was mapped is known to be zero: only its header is written."""
    if run.is_set("history", "fresh"):
        yield from run.expect("calloc", mmap_calls_count=1, minor_faults_count=1, rss_anon_bytes=PAGE)
        yield from run.expect("free", munmap_calls_count=1, rss_anon_bytes=0)


def partial_writes(run):
    """None of the four reaches the threshold, 127 KiB neither."""
    for phase in ("malloc_32k", "malloc_64k", "malloc_127k", "malloc_64k_again"):
        yield from run.expect(phase, mmap_calls_count=0)


def mallinfo_fragments(run):
    """All but those in the thread cache are counted as free; large holes are no cache's matter."""
    size = chunk(run["hole_bytes"])
    kept = CACHED if size <= 1040 else 0
    drop = run.of("fill", "allocator_live_bytes") - run.of("make_holes", "allocator_live_bytes")
    yield "make_holes allocator_live_bytes falls", drop, (run["holes"] - kept) * size


def thread_cache_depth(run):
    size = chunk(run["block_bytes"])
    taken = run.of("allocate", "allocator_live_bytes") - run.of("before", "allocator_live_bytes")
    drop = run.of("allocate", "allocator_live_bytes") - run.of("free", "allocator_live_bytes")
    yield "allocate allocator_live_bytes grows", taken, 2 * run["blocks"] * size
    yield "free allocator_live_bytes falls", drop, (run["blocks"] - CACHED) * size


def stats_agree(run):
    grown = [run.of("main_blocks", name) - run.of("before", name)
             for name in ("mallinfo_in_use_bytes", "malloc_info_in_use_bytes", "malloc_stats_in_use_bytes")]
    yield "main_blocks in use grows", grown, [run["blocks"] * chunk(run["block_bytes"])] * 3


def large_churn(run):
    """A threshold set by hand does not move: every round maps, faults and unmaps anew."""
    if run.is_set("source", "pool"):
        yield from run.expect("more_rounds", minor_faults_count=0, mmap_calls_count=0)
    elif run.is_set("mmap_threshold_bytes", "128KiB"):
        blocks = 4 * run["rounds"]
        yield from run.expect("more_rounds", mmap_calls_count=blocks, munmap_calls_count=blocks,
                              minor_faults_count=blocks * mapped_pages(run["block_bytes"]))


def oom_kill(run):
    """Half the limit is one mapping; its header's page is there before the touch."""
    block = run["limit_bytes"] * run["requested_percent"] // 100
    yield from run.expect("allocate", mmap_calls_count=1, rss_anon_bytes=PAGE)
    yield from run.expect("touch", minor_faults_count=mapped_pages(block) - 1,
                          rss_anon_bytes=mapped_pages(block) * PAGE)


def swap_out(run):
    if run["written_percent"] < 90:
        yield from run.expect("write", swap_bytes=0, minor_faults_count=(
            run["limit_bytes"] * run["written_percent"] // 100 // PAGE))
        yield from run.expect("read", minor_faults_count=0, major_faults_count=0)


def trim_boundary(run):
    """Blocks freed bottom up are joined with the top by the last free: one brk gives all of it back but the
    pad, when it is more than both thresholds together."""
    if run["freed_bytes"] > 2 * THRESHOLD:
        yield from run.expect("free", brk_calls_count=1)


def brk_wholesale(run):
    """Each brk buys what one chunk lacks and a pad of 128 KiB, rounded up to pages."""
    size = chunk(run["block_bytes"])
    bought = size * (run["total_bytes"] // run["block_bytes"])
    calls = run.of("allocate", "brk_calls_count")
    least, most = bought // (THRESHOLD + size + 2 * PAGE), bought // THRESHOLD + 1
    yield f"allocate brk_calls_count {calls} from {least} to {most}", least <= calls <= most, True


def pod_size(run):
    """What is resident is the live chunks: at most 23 bytes a block above what was asked for, and the pad."""
    asked = run.of("fill", "live_bytes")
    most = asked + 23 * run.of("fill", "allocations_count") + THRESHOLD + 2 * PAGE
    resident = run.grown("fill", "rss_anon_bytes")
    yield f"fill rss_anon_bytes {resident} from {asked} to {most}", asked <= resident <= most, True


ANSWERS = {each.__name__: each for each in (
    first_touch, mmap_threshold, dynamic_threshold, all_mmap, mmap_max, abcd_walkthrough, heap_trim,
    hole_reuse, min_chunk, realloc_growth, calloc_touch, partial_writes, mallinfo_fragments,
    thread_cache_depth, stats_agree, large_churn, oom_kill, swap_out,
    trim_boundary, brk_wholesale, pod_size)}
