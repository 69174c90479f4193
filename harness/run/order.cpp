#include "harness/run/order.h"

#include <map>

#include "harness/contract/rng.h"

namespace lab {

namespace {

template <class T>
void shuffle(std::vector<T>& items, Rng& rng) {
  for (std::size_t left = items.size(); left > 1; --left)
    std::swap(items[left - 1], items[rng.below(left)]);
}

// Cases that are compared with one another, in the order of the plan.
std::vector<std::vector<std::size_t>> groups_of(const Plan& plan) {
  std::vector<std::vector<std::size_t>> groups;
  std::map<std::string, std::size_t> group_of_point;
  for (std::size_t i = 0; i < plan.cases.size(); ++i) {
    const auto [entry, fresh] = group_of_point.emplace(plan.cases[i].point_key(), groups.size());
    if (fresh) groups.emplace_back();
    groups[entry->second].push_back(i);
  }
  return groups;
}

}  // namespace

std::vector<std::size_t> latin_row(std::size_t arms, std::size_t row) {
  // The first row zigzags 0 1 n-1 2 n-2 …; row r adds r; odd squares need the mirrored rows as well.
  std::vector<std::size_t> order(arms);
  const std::size_t shift = row % arms;
  for (std::size_t i = 0; i < arms; ++i) {
    const std::size_t zigzag = i % 2 == 1 ? (i + 1) / 2 : (arms - i / 2) % arms;
    order[i] = (zigzag + shift) % arms;
  }
  const bool mirrored = arms % 2 == 1 && row / arms % 2 == 1;
  return mirrored ? std::vector<std::size_t>(order.rbegin(), order.rend()) : order;
}

std::uint64_t seed_of_block(const Plan& plan, int block) {
  Rng rng(plan.seed * 0x9e3779b97f4a7c15ULL + static_cast<std::uint64_t>(block));
  return rng.next() >> 1;  // fits a signed 64-bit number of any JSON reader
}

std::vector<std::size_t> order_of_block(const Plan& plan, int block) {
  auto groups = groups_of(plan);
  Rng labels(plan.seed);  // the same for all blocks: which arm plays which treatment
  for (auto& group : groups) shuffle(group, labels);
  Rng rng(seed_of_block(plan, block));
  shuffle(groups, rng);
  std::vector<std::size_t> order;
  order.reserve(plan.cases.size());
  for (const auto& group : groups)
    for (const std::size_t arm : latin_row(group.size(), static_cast<std::size_t>(block - 1)))
      order.push_back(group[arm]);
  return order;
}

std::vector<int> blocks_of_shard(const Plan& plan) {
  std::vector<int> blocks;
  for (int block = 1; block <= plan.blocks; ++block)
    if ((block - 1) % plan.shard.count == plan.shard.index - 1) blocks.push_back(block);
  return blocks;
}

}  // namespace lab
