// A claim: something people say about an allocator or the kernel, and the code that judges it from
// recorded runs. A claim is refuted when any of its predicates is. Judgement never looks at a
// version, a name or a table: only at what was measured in this result.
#pragma once

#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>

#include "harness/contract/registry.h"
#include "harness/contract/run_view.h"

namespace lab {

enum class Verdict { confirmed, refuted, not_testable, not_applicable };

// What judging found: the verdict, what was measured against what the claim expects (both in words
// and units), and one line that explains a refutation or what is missing.
struct Finding {
  Verdict verdict;
  std::string measured;
  std::string expected;
  std::string explanation = {};
};

// The runs a predicate may look at: those of its experiment under the allocator it judges, then those
// under the allocators it asks for beside that one, in its order.
using Evidence = std::span<const RunView* const>;

struct Predicate {
  std::string_view part;        // "boundary": the id is claim/part
  std::string_view sentence;    // the half of the claim it tests
  std::string_view experiment;  // whose runs are the evidence
  // Points and knobs it needs: "block_bytes=1MiB mmap_threshold_bytes=absent,128KiB". What is not named
  // takes the profile's values. "search=boundary" asks for that search's probes instead of the grid of
  // the searched parameter.
  std::string_view where;
  std::string_view tolerance;   // in words: "exact", "± 1 page"
  Finding (*judge)(Evidence);
  // Allocators whose runs it needs beside those of the one it judges: "tcmalloc jemalloc".
  std::string_view beside = {};
  // It judges times: it sees runs measured without events, in at least six blocks, and only those.
  bool times = false;
};

struct Claim {
  std::string_view id;
  std::string_view subject;   // the group in the table
  std::string_view sentence;  // as people say it
  std::string_view said_in;
  std::string_view versions;      // the range of versions it is about, or "any"
  std::string_view allocators;    // "glibc", "jemalloc glibc", "all", or "" for claims about the kernel
  std::span<const Predicate> predicates;
  std::string_view name = id;  // what the registry looks up
};

}  // namespace lab
