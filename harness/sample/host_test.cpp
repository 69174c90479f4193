#include "harness/sample/host.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <set>

#include "harness/sample/host_cgroup.h"
#include "harness/sample/host_files.h"

namespace lab {
namespace {

TEST(HostFacts, are_each_a_value_or_a_reason_under_a_name_of_their_own) {
  std::set<std::string> names;
  const HostFacts host = read_host();
  for (const Fact& fact : host.all()) {
    EXPECT_TRUE(names.insert(fact.name).second) << fact.name;
    EXPECT_NE(fact.known(), !fact.reason.empty()) << fact.name;
  }
  EXPECT_EQ(host.value("page_bytes"), std::to_string(sysconf(_SC_PAGESIZE)));
  EXPECT_EQ(host.find("no.such_fact"), nullptr);
  EXPECT_EQ(host.value("no.such_fact"), "");
}

TEST(HostFacts, tell_which_cpus_this_process_may_use) {
  cpu_set_t before, one;
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  int first = 0;
  while (!CPU_ISSET(first, &before)) ++first;
  CPU_ZERO(&one);
  CPU_SET(first, &one);
  ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
  const HostFacts host = read_host();
  sched_setaffinity(0, sizeof before, &before);
  EXPECT_EQ(host.find("cpus_allowed_count")->number, 1);
  EXPECT_EQ(host.find("cpus_allowed")->text, std::to_string(first));
}

TEST(HostFacts, take_the_word_in_brackets) {
  EXPECT_EQ(chosen("always [madvise] never"), "madvise");
  EXPECT_EQ(chosen("tsc"), "tsc");
  EXPECT_EQ(chosen("] odd ["), "] odd [");
}

TEST(HostFacts, tell_numbers_from_texts) {
  EXPECT_EQ(fact_of("x", "4096").number, 4096);
  EXPECT_EQ(fact_of("x_bytes", "24 kB").number, 24 * 1024);
  EXPECT_EQ(fact_of("x", "0x1000065").text, "0x1000065");
}

TEST(HostFacts, find_keys_of_both_spellings) {
  EXPECT_EQ(value_of_key("vendor_id\t: AMD\nmodel name\t: EPYC 9\n", "model name"), "EPYC 9");
  EXPECT_EQ(value_of_key("NAME=x\nPRETTY_NAME=\"Debian 12\"\n", "PRETTY_NAME"), "Debian 12");
  EXPECT_FALSE(value_of_key("NAME=x\n", "ID"));
}

TEST(CgroupPlace, prefers_the_hierarchy_that_has_the_controller) {
  constexpr std::string_view kHybrid = "9:name=systemd:/\n4:cpu,memory:/a/b\n0::/c\n";
  EXPECT_EQ(cgroup_place(kHybrid, "memory")->version, 1);
  EXPECT_EQ(cgroup_place(kHybrid, "memory")->path, "/a/b");
  EXPECT_EQ(cgroup_place("0::/user.slice\n", "memory")->version, 2);
  EXPECT_EQ(cgroup_place("0::/user.slice\n", "memory")->path, "/user.slice");
  EXPECT_FALSE(cgroup_place("", "memory"));
}

}  // namespace
}  // namespace lab
