#include "experiments/workload/scratch_file.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "experiments/workload/fake_context.h"

namespace lab {
namespace {

constexpr std::size_t kPages = 23;

class ScratchFileTest : public ::testing::Test {
 protected:
  // Returns the state, or skips the test where the machine cannot tell.
  bool state_of(ScratchFile& file, CacheState& state) {
    try {
      state = file.cache_state();
      return true;
    } catch (const std::runtime_error&) {
      return false;
    }
  }
  FakeContext lab_;
};

TEST_F(ScratchFileTest, writing_caches_every_page_and_evicting_drops_them) {
  ScratchFile file(lab_);
  CacheState state{};
  file.write(kPages * 4096);
  if (!state_of(file, state)) GTEST_SKIP() << "cachestat is missing here";
  EXPECT_EQ(state.cached_pages, static_cast<std::int64_t>(kPages));
  file.evict();
  ASSERT_TRUE(state_of(file, state));
  EXPECT_EQ(state.cached_pages, 0);
  file.read(kPages * 4096);
  ASSERT_TRUE(state_of(file, state));
  EXPECT_EQ(state.cached_pages, static_cast<std::int64_t>(kPages));
}

TEST_F(ScratchFileTest, reading_beyond_the_end_fails_the_run) {
  ScratchFile file(lab_);
  file.write(4096);
  EXPECT_THROW(file.read(8192), std::logic_error);
}

}  // namespace
}  // namespace lab
