// SPDX-License-Identifier: MIT
#include <cppunit/extensions/HelperMacros.h>

#include "entropy/entropy_avail.h"
#include "support/plugin_under_test.h"

namespace vital::test {

class EntropyTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(EntropyTest);
  CPPUNIT_TEST(reads_every_machine);
  CPPUNIT_TEST(rejects_every_truncation);
  CPPUNIT_TEST(rejects_what_is_no_number);
  CPPUNIT_TEST(knows_the_kernels_whose_pool_stays_full);
  CPPUNIT_TEST(looks_at_each_read_where_the_pool_is_drained);
  CPPUNIT_TEST(looks_rarely_where_the_pool_stays_full);
  CPPUNIT_TEST(allocates_nothing_once_it_runs);
  CPPUNIT_TEST_SUITE_END();

  static constexpr const char* kPool = "proc/sys/kernel/random/entropy_avail";
  static constexpr const char* kRelease = "proc/sys/kernel/osrelease";

 public:
  void reads_every_machine() {
    for (const std::string& machine : Fixture::machines())
      CPPUNIT_ASSERT(entropy::parse_entropy(Fixture{machine}.text(kPool)));
    for (const auto& [machine, bits] :
         {std::pair{"linux-3.10-qemu", "182"}, std::pair{"linux-5.10-qemu-4cpu", "256"},
          std::pair{"linux-6.1-arm64-rpi3", "256"}, std::pair{"linux-6.1-qemu", "256"},
          std::pair{"linux-6.12-qemu-numa", "256"}, std::pair{"linux-6.18-vm", "256"},
          std::pair{"linux-7.3-qemu", "256"}}) {
      PluginUnderTest entropy{"entropy", Fixture{machine}};
      CPPUNIT_ASSERT(entropy.read());
      CPPUNIT_ASSERT_EQUAL(std::string{"entropy/entropy "} + bits + "\n", entropy.recorded());
    }
  }

  void rejects_every_truncation() {
    for (std::string_view text = "3943"; !text.empty(); text.remove_suffix(1))
      CPPUNIT_ASSERT(!entropy::parse_entropy(text));
    CPPUNIT_ASSERT(!entropy::parse_entropy(""));
  }

  void rejects_what_is_no_number() {
    for (const char* text : {"\n", "x\n", "12 3\n", "-1\n", "1.5\n", "99999999999999999999\n"})
      CPPUNIT_ASSERT(!entropy::parse_entropy(text));
  }

  void knows_the_kernels_whose_pool_stays_full() {
    for (const char* release : {"5.19.0\n", "5.19\n", "6.1.0-50-amd64\n", "10.0.1\n"})
      CPPUNIT_ASSERT(entropy::stays_full(release));
    for (const char* release :
         {"5.18.9\n", "5.4.0-1\n", "4.19.0\n", "2.6.32-5\n", "6\n", "x\n", ""})
      CPPUNIT_ASSERT(!entropy::stays_full(release));
  }

  void looks_at_each_read_where_the_pool_is_drained() {
    const TemporaryDirectory root;
    root.write(kRelease, "4.19.0-27-amd64\n");
    root.write(kPool, "256\n");
    PluginUnderTest entropy{"entropy", root.path()};
    CPPUNIT_ASSERT(entropy.read());
    root.write(kPool, "3943\n");
    CPPUNIT_ASSERT(entropy.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"entropy/entropy 256\nentropy/entropy 3943\n"},
                         entropy.recorded());
    root.remove(kPool);
    CPPUNIT_ASSERT(!entropy.read());
    CPPUNIT_ASSERT_EQUAL(std::string{}, entropy.recorded());
  }

  void looks_rarely_where_the_pool_stays_full() {
    const TemporaryDirectory root;
    root.write(kRelease, "6.1.0-50-amd64\n");
    root.write(kPool, "200\n");
    PluginUnderTest entropy{"entropy", root.path()};
    CPPUNIT_ASSERT(entropy.read());
    root.write(kPool, "256\n");
    CPPUNIT_ASSERT(entropy.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"entropy/entropy 200\nentropy/entropy 256\n"},
                         entropy.recorded());
    root.write(kPool, "7\n");
    for (int reads = 0; reads < 360; ++reads) CPPUNIT_ASSERT(entropy.read());
    CPPUNIT_ASSERT_EQUAL(std::string::npos, entropy.recorded().find("7\n"));
    CPPUNIT_ASSERT(entropy.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"entropy/entropy 7\n"}, entropy.recorded());
  }

  void allocates_nothing_once_it_runs() {
    PluginUnderTest entropy{"entropy", Fixture{"linux-6.18-vm"}};
    CPPUNIT_ASSERT(entropy.read());
    CPPUNIT_ASSERT(entropy.read());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, entropy.allocations());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(EntropyTest);

}  // namespace vital::test
