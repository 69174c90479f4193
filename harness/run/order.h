// The order of a block: every case once. Points come in a shuffled order; the arms of one point run
// next to each other, in the row of a balanced Latin square (Williams 1949) that belongs to the
// block, so that each arm precedes each other one equally often (two arms: ABBA). A pure function
// of plan and block.
#pragma once

#include <vector>

#include "harness/record/plan.h"

namespace lab {

// Returns indices into plan.cases. Requires block >= 1.
std::vector<std::size_t> order_of_block(const Plan& plan, int block);

// Row `row` of a balanced square of `arms` treatments. Even: `arms` rows balance; odd: 2 × `arms`.
std::vector<std::size_t> latin_row(std::size_t arms, std::size_t row);

// The seed that every arm of a block gets.
std::uint64_t seed_of_block(const Plan& plan, int block);

// The blocks of this plan that its shard runs: blocks are never split.
std::vector<int> blocks_of_shard(const Plan& plan);

}  // namespace lab
