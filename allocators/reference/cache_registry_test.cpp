#include "cache_registry.h"

#include <errno.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <set>
#include <thread>
#include <vector>

#include "allocate.h"
#include "fake_os.h"
#include "span_heap.h"

namespace reference {
namespace {

TEST(CacheRegistry, a_thread_keeps_its_cache) {
  EXPECT_EQ(cache_registry::of_this_thread(), cache_registry::of_this_thread());
}

TEST(CacheRegistry, a_later_thread_adopts_the_cache_of_an_earlier_one) {
  const ThreadCache* own = cache_registry::of_this_thread();
  ThreadCache* first = nullptr;
  ThreadCache* second = nullptr;
  std::thread([&] { first = cache_registry::of_this_thread(); }).join();
  std::thread([&] { second = cache_registry::of_this_thread(); }).join();
  EXPECT_EQ(first, second);
  EXPECT_NE(first, own);
}

TEST(CacheRegistry, blocks_outlive_their_thread) {
  std::vector<char*> blocks(1000);
  std::thread([&] {
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      blocks[i] = static_cast<char*>(allocate(16 + i));
      memset(blocks[i], static_cast<int>(i), 16 + i);
    }
  }).join();
  std::thread([] { deallocate(allocate(100)); }).join();
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    for (std::size_t at = 0; at < 16 + i; ++at) ASSERT_EQ(blocks[i][at], static_cast<char>(i));
    deallocate(blocks[i]);
  }
}

TEST(CacheRegistry, ten_thousand_short_lived_threads_do_not_grow_the_heap) {
  const auto live = [](unsigned seed) {
    void* kept[20];
    for (unsigned i = 0; i < 20; ++i) kept[i] = allocate(16 + (seed + i) % 1000);
    for (void* block : kept) deallocate(block);
  };
  for (unsigned i = 0; i < 100; ++i) std::thread(live, i).join();
  const std::size_t before = fake_os.mapped_bytes;
  for (unsigned i = 0; i < 10'000; ++i) std::thread(live, i).join();
  EXPECT_EQ(fake_os.mapped_bytes, before);
}

TEST(CacheRegistryDeathTest, a_program_that_has_all_thread_keys_keeps_them) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // a process without an allocation yet
  EXPECT_EXIT(
      {
        std::vector<pthread_key_t> keys;
        for (pthread_key_t key; pthread_key_create(&key, nullptr) == 0;) keys.push_back(key);
        for (const pthread_key_t key : keys) pthread_setspecific(key, &keys);
        deallocate(allocate(100));
        for (const pthread_key_t key : keys) {
          if (pthread_getspecific(key) != &keys) _exit(1);
        }
        std::thread([] { deallocate(allocate(100)); }).join();
        _exit(0);
      },
      testing::ExitedWithCode(0), "");
}

TEST(CacheRegistry, moving_the_same_live_bytes_between_threads_does_not_grow_the_heap) {
  std::vector<void*> blocks(2000);
  const auto replace_all = [&blocks](unsigned round) {
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      deallocate(blocks[i]);
      blocks[i] = allocate(16 + (i * 7 + round * 13) % 2000);
    }
  };
  for (unsigned round = 0; round < 20; ++round) std::thread(replace_all, round).join();
  const std::size_t before = fake_os.mapped_bytes;
  for (unsigned round = 0; round < 200; ++round) std::thread(replace_all, round).join();
  EXPECT_LE(fake_os.mapped_bytes, before + kSegmentBytes);
  for (void* block : blocks) deallocate(block);
}

// Destroyed after the thread's cache was parked, as keys are destroyed in no order we may rely on.
struct LateUser {
  static void use(void* argument) {
    deallocate(argument);
    std::vector<void*> blocks;
    for (std::size_t bytes = 1; bytes < 200'000; bytes *= 3) {
      void* block = allocate(bytes);
      memset(block, 1, bytes);
      deallocate(block);
    }
    rounds().fetch_add(1);
    if (rounds() % 3 != 0)
      pthread_setspecific(key(), allocate(10));  // once more, after everybody else
  }
  static std::atomic<int>& rounds() {
    static std::atomic<int> count = 0;
    return count;
  }
  static pthread_key_t& key() {
    static pthread_key_t created = [] {
      pthread_key_t fresh;
      pthread_key_create(&fresh, use);
      return fresh;
    }();
    return created;
  }
};

TEST(CacheRegistry, thread_local_destructors_can_still_allocate_and_free) {
  LateUser::key();
  const std::size_t before = fake_os.mapped_bytes;
  for (int i = 0; i < 50; ++i) {
    std::thread([] { pthread_setspecific(LateUser::key(), allocate(10)); }).join();
  }
  EXPECT_EQ(LateUser::rounds() % 3, 0);
  EXPECT_GE(LateUser::rounds(), 150);
  EXPECT_LE(fake_os.mapped_bytes, before + 2 * kSegmentBytes);
}

// Else a thread that takes the idle cache meanwhile thinks that the slab is its own.
TEST(CacheRegistry, an_adopted_slab_is_its_heirs_before_anybody_can_take_the_idle_cache) {
  release_free_memory();
  ThreadCache* own = cache_registry::of_this_thread();
  std::vector<void*> blocks(20);
  std::thread([&blocks] {
    for (void*& block : blocks) block = allocate(900);
  }).join();
  Span* slab = cache_registry::adopt_slab(class_of(900), own);
  ASSERT_NE(slab, nullptr);
  EXPECT_EQ(slab, span_of(blocks.front()));
  EXPECT_EQ(owner_of(slab), own);
  own->reclaim(slab);
  for (void* block : blocks) deallocate(block);
}

// While one lives, no thread finds a cache: there is no memory, and the idle ones are in use.
class NoCaches {
 public:
  NoCaches() {
    release_free_memory();
    fake_os.fail_at(1, true);
    while (Span* span = span_heap::take(1)) spans_.push_back(span);
    while (ThreadCache* cache = cache_registry::borrow()) caches_.push_back(cache);
  }
  ~NoCaches() {
    fake_os.recover();
    for (Span* span : spans_) span_heap::give(span);
    for (ThreadCache* cache : caches_) cache_registry::give_back(cache);
  }
  NoCaches(const NoCaches&) = delete;
  NoCaches& operator=(const NoCaches&) = delete;

 private:
  std::vector<Span*> spans_;
  std::vector<ThreadCache*> caches_;
};

TEST(CacheRegistry, a_thread_that_finds_no_memory_for_a_cache_gets_no_block) {
  void* block = &block;
  int code = 0;
  {
    const NoCaches none;
    std::thread([&] {
      block = allocate(10);
      code = errno;
    }).join();
  }
  EXPECT_EQ(block, nullptr);
  EXPECT_EQ(code, ENOMEM);
  std::thread([&] { deallocate(block = allocate(10)); }).join();
  EXPECT_NE(block, nullptr) << "there is memory again";
}

TEST(CacheRegistry, a_thread_that_finds_no_memory_for_a_cache_can_free) {
  release_free_memory();
  auto* block = static_cast<Block*>(allocate(100));
  Span* slab = span_of(block);
  ThreadCache* own = cache_registry::of_this_thread();
  ASSERT_EQ(owner_of(slab), own);
  const std::uint16_t used = slab->used;
  {
    const NoCaches none;
    std::thread([block] { deallocate(block); }).join();
    EXPECT_TRUE(own->has_mail());
    EXPECT_TRUE(slab::is_taken(slab, slab::index_of(slab, block))) << "it travels";
  }
  own->park();
  EXPECT_LT(slab->used, used);
}

TEST(CacheRegistry, a_cache_lies_in_a_span_of_its_own) {
  ThreadCache* own = cache_registry::of_this_thread();
  const Span* span = span_of(offset(own, 1));
  EXPECT_EQ(span->kind, SpanKind::cache);
  EXPECT_EQ(span->start, reinterpret_cast<char*>(own));
  EXPECT_EQ(span->units, 1);
  EXPECT_EQ(owner_of(span), nullptr) << "nobody inherits it";
}

// What the C library frees in a thread that has ended comes too late for its cache to be parked.
TEST(CacheRegistry, a_thread_that_frees_a_few_blocks_and_never_allocates_gets_no_cache) {
  std::size_t caches_before = 0, caches = 0;
  const auto count = [](ThreadCache*, void* sum) { ++*static_cast<std::size_t*>(sum); };
  deallocate(allocate(100));
  cache_registry::for_each(count, &caches_before);
  std::vector<ThreadCache*> idle;
  for (std::size_t i = 0; i < caches_before; ++i) idle.push_back(cache_registry::borrow());
  cache_registry::for_each(count, &(caches_before = 0));
  std::vector<void*> blocks(5);
  for (void*& block : blocks) block = allocate(300);
  blocks.push_back(allocate(200'000));
  std::thread([&blocks] {
    for (void* block : blocks) deallocate(block);
  }).join();
  cache_registry::for_each(count, &caches);
  EXPECT_EQ(caches, caches_before);
  for (ThreadCache* cache : idle) cache_registry::give_back(cache);
}

TEST(CacheRegistry, a_thread_that_ends_sends_home_what_it_holds) {
  std::vector<void*> blocks(200);
  for (void*& block : blocks) block = allocate(64);
  const Span* slab = span_of(blocks.back());
  std::thread([&blocks] {
    void* own = allocate(64);  // opens the bin
    for (void* block : blocks) deallocate(block);
    deallocate(own);
  }).join();
  ThreadCache* own = cache_registry::of_this_thread();
  EXPECT_TRUE(own->has_mail());
  own->release();
  EXPECT_EQ(slab->kind, SpanKind::free);
}

TEST(CacheRegistry, a_thread_adopts_the_slabs_of_an_idle_cache_one_by_one) {
  std::vector<void*> blocks(4000);
  std::thread([&blocks] {
    for (void*& block : blocks) block = allocate(700);
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      if (i % 10 != 0) deallocate(blocks[i]);
    }
  }).join();
  std::set<void*> freed;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    if (i % 10 != 0) freed.insert(blocks[i]);
  }
  const std::size_t mapped = fake_os.mapped_bytes;
  std::vector<void*> again(freed.size() / 2);
  std::size_t reused = 0;
  for (void*& block : again) reused += freed.count(block = allocate(700));
  EXPECT_GE(reused + 200, again.size()) << "but for what this thread had";
  EXPECT_EQ(fake_os.mapped_bytes, mapped);
  for (void* block : again) deallocate(block);
  for (std::size_t i = 0; i < blocks.size(); i += 10) deallocate(blocks[i]);
}

}  // namespace
}  // namespace reference
