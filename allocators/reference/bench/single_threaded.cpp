#include <cstring>
#include <string>
#include <unordered_map>

#include "tools.h"
#include "workloads.h"

namespace bench {

extern "C" [[gnu::noinline]] void workload_pairs(std::size_t operations, std::size_t bytes) {
  for (std::size_t i = 0; i < operations; ++i) {
    void* volatile block = malloc(bytes);
    free(block);
  }
}

namespace {

void pair_small(std::size_t operations) {
  for (std::size_t bytes = 16; bytes <= 1024; bytes *= 2) workload_pairs(operations / 7, bytes);
}

void pair_medium(std::size_t operations) {
  for (std::size_t bytes = 2048; bytes <= 32768; bytes *= 2) workload_pairs(operations / 5, bytes);
}

void pair_large(std::size_t operations) {
  for (std::size_t bytes = 65536; bytes <= (1 << 20); bytes *= 2)
    workload_pairs(operations / 5, bytes);
}

constexpr std::size_t kBatch = 20'000;

template <typename Order>
void batches(std::size_t operations, Order order) {
  Table table(kBatch);
  for (std::size_t round = 0; round < operations / kBatch; ++round) {
    const std::size_t bytes = 16 + round % 16 * 24;
    for (std::size_t i = 0; i < kBatch; ++i) table[i] = make_block(bytes);
    for (std::size_t i = 0; i < kBatch; ++i) free(table[order(i)]);
  }
}

void batch_lifo(std::size_t operations) {
  batches(operations, [](std::size_t i) { return kBatch - 1 - i; });
}

void batch_fifo(std::size_t operations) {
  batches(operations, [](std::size_t i) { return i; });
}

void batch_random(std::size_t operations) {
  batches(operations,
          [](std::size_t i) { return i * 7919 % kBatch; });  // 7919 is prime to the batch
}

template <typename Size>
void churn(std::size_t operations, std::size_t live, Size size,
           char* (*make)(std::size_t) = make_touched) {
  Random random(1);
  Table table(live);
  for (std::size_t i = 0; i < live; ++i) table[i] = make(size(random));
  for (std::size_t i = 0; i < operations; ++i) {
    char*& slot = table[random.below(live)];
    free(slot);
    slot = make(size(random));
  }
  table.free_all();
}

void churn_small(std::size_t operations) {
  churn(operations, 100'000, [](Random& random) { return random.power_law_bytes(); });
}

void churn_medium(std::size_t operations) {
  churn(operations, 500, [](Random& random) { return random.between(4 << 10, 64 << 10); });
}

// The program touches only the ends of its blocks: the allocator's own memory accesses weigh most.
void churn_sparse(std::size_t operations) {
  churn(
      operations, 500, [](Random& random) { return random.between(4 << 10, 64 << 10); },
      make_block);
}

void churn_large(std::size_t operations) {
  churn(operations, 100, [](Random& random) { return random.between(64 << 10, 1 << 20); });
}

// Replaces one of eight buffers of 5 to 25 MiB and writes all pages of the new one.
void large_replace(std::size_t operations) {
  Random random(2);
  Table table(8);
  for (std::size_t i = 0; i < operations; ++i) {
    char*& slot = table[i % 8];
    free(slot);
    slot = make_touched(random.between(5 << 20, 25 << 20));
  }
  table.free_all();
}

// Four vectors grow from 64 bytes to 16 MiB by half each time; then by steady small steps to 4 MiB.
void realloc_growth(std::size_t operations) {
  for (std::size_t round = 0; round < operations; ++round) {
    Table table(4);
    for (std::size_t bytes = 64; bytes < (16 << 20); bytes += bytes / 2) {
      for (std::size_t i = 0; i < 4; ++i) {
        table[i] = static_cast<char*>(realloc(table[i], bytes));
        for (std::size_t at = bytes / 3 * 2; at < bytes; at += 512) table[i][at] = 1;
      }
    }
    table.free_all();
    for (std::size_t bytes = 4096; bytes < (4 << 20); bytes += 4096) {
      table[0] = static_cast<char*>(realloc(table[0], bytes));
      table[0][bytes - 1] = 1;
    }
    table.free_all();
  }
}

// Many small strings that grow a little: realloc among the size classes.
void realloc_small(std::size_t operations) {
  Random random(3);
  Table table(2000);
  for (std::size_t i = 0; i < operations; ++i) {
    const std::size_t bytes = random.between(8, 2000);
    char*& slot = table[random.below(table.count())];
    slot = static_cast<char*>(realloc(slot, bytes));
    slot[bytes - 1] = 1;
  }
  table.free_all();
}

void calloc_mixed(std::size_t operations) {
  Random random(4);
  Table table(1000);
  for (std::size_t i = 0; i < operations; ++i) {
    char*& slot = table[random.below(table.count())];
    free(slot);
    const std::size_t bytes =
        i % 512 == 0 ? random.between(64 << 10, 512 << 10) : random.power_law_bytes();
    slot = static_cast<char*>(calloc(1, bytes));
    slot[bytes - 1] = 1;
  }
  table.free_all();
}

// Fills with one size, frees nine tenths at random, fills with the next: what is left in the gaps
// is fragmentation.
void size_shift(std::size_t operations) {
  Random random(5);
  Table table(operations);
  for (const std::size_t bytes : {48, 80, 160, 320, 640, 100}) {
    for (std::size_t i = 0; i < operations; ++i) {
      if (table[i] == nullptr) table[i] = make_block(bytes);
    }
    for (std::size_t i = 0; i < operations; ++i) {
      if (random.below(10) != 0) free(table[i]), table[i] = nullptr;
    }
  }
  table.free_all();
}

struct Node {
  Node* left;
  Node* right;
};

Node* make_tree(int depth) {
  auto* node = static_cast<Node*>(malloc(sizeof(Node)));
  *node = depth == 0 ? Node{} : Node{make_tree(depth - 1), make_tree(depth - 1)};
  return node;
}

void free_tree(Node* node) {
  if (node == nullptr) return;
  free_tree(node->left);
  free_tree(node->right);
  free(node);
}

void binary_trees(std::size_t operations) {
  Node* long_lived = make_tree(16);
  for (std::size_t i = 0; i < operations; ++i) free_tree(make_tree(12));
  free_tree(long_lived);
}

void string_map(std::size_t operations) {
  Random random(6);
  std::unordered_map<std::string, std::string> map;
  for (std::size_t i = 0; i < operations; ++i) {
    std::string key = "key number " + std::to_string(random.below(20'000));
    if (random.below(3) == 0) map.erase(key);
    else map[std::move(key)].assign(random.between(1, 200), 'x');
  }
}

constexpr Workload kWorkloads[] = {
    {"pair_small", pair_small, 35'000'000},      {"pair_medium", pair_medium, 20'000'000},
    {"pair_large", pair_large, 2'000'000},       {"batch_lifo", batch_lifo, 12'000'000},
    {"batch_fifo", batch_fifo, 12'000'000},      {"batch_random", batch_random, 12'000'000},
    {"churn_small", churn_small, 6'000'000},     {"churn_medium", churn_medium, 4'000'000},
    {"churn_sparse", churn_sparse, 4'000'000},   {"churn_large", churn_large, 500'000},
    {"large_replace", large_replace, 300},       {"realloc_growth", realloc_growth, 8},
    {"realloc_small", realloc_small, 4'000'000}, {"calloc_mixed", calloc_mixed, 3'000'000},
    {"size_shift", size_shift, 300'000},         {"binary_trees", binary_trees, 1'000},
    {"string_map", string_map, 2'000'000},
};

}  // namespace

std::span<const Workload> single_threaded() { return kWorkloads; }

}  // namespace bench
