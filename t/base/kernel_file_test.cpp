// SPDX-License-Identifier: MIT
#include "base/kernel_file.h"

#include <cppunit/extensions/HelperMacros.h>

#include <filesystem>

#include "base/root.h"
#include "support/fixture.h"
#include "support/no_allocation.h"

namespace vital::test {
namespace {

Result<std::string> whole(std::string_view text) { return std::string{text}; }
Status refuse(std::string_view) { return Error{Errc::malformed, "test"}; }

}  // namespace

class KernelFileTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(KernelFileTest);
  CPPUNIT_TEST(is_read_once_a_tick);
  CPPUNIT_TEST(is_shared_by_path);
  CPPUNIT_TEST(may_appear_vanish_and_be_replaced);
  CPPUNIT_TEST(grows_with_its_file);
  CPPUNIT_TEST(says_when_a_missing_file_is_back);
  CPPUNIT_TEST(says_when_a_malformed_file_has_changed);
  CPPUNIT_TEST(allocates_nothing_in_steady_state);
  CPPUNIT_TEST(lists_directories);
  CPPUNIT_TEST_SUITE_END();

  TemporaryDirectory directory_;
  std::shared_ptr<Sources> sources_ = std::make_shared<Sources>();
  Root root_ = Root{directory_.path()}.noting(sources_);

  std::string text_of(KernelFile& file) {
    const auto text = file.read(whole);
    return text ? *text : "error: " + std::string{describe(text.error().code())};
  }

 public:
  void is_read_once_a_tick() {
    directory_.write("proc/x", "one\n");
    KernelFile file = root_.open("proc/x");
    CPPUNIT_ASSERT_EQUAL(std::string{"one\n"}, text_of(file));
    directory_.write("proc/x", "two\n");
    CPPUNIT_ASSERT_EQUAL(std::string{"one\n"}, text_of(file));
    root_.new_tick();
    CPPUNIT_ASSERT_EQUAL(std::string{"two\n"}, text_of(file));
  }

  void is_shared_by_path() {
    directory_.write("proc/x", "one\n");
    KernelFile first = root_.open("proc/x");
    KernelFile second = root_.open("/proc/x");
    CPPUNIT_ASSERT_EQUAL(std::string{"one\n"}, text_of(first));
    directory_.write("proc/x", "two\n");
    CPPUNIT_ASSERT_EQUAL(std::string{"one\n"}, text_of(second));
  }

  void may_appear_vanish_and_be_replaced() {
    KernelFile file = root_.open("proc/x");
    CPPUNIT_ASSERT_EQUAL(std::string{"error: not there"}, text_of(file));
    directory_.write("proc/x", "one\n");
    root_.new_tick();
    CPPUNIT_ASSERT_EQUAL(std::string{"one\n"}, text_of(file));
    directory_.write("proc/y", "other\n");
    std::filesystem::rename(directory_.path() + "/proc/y", directory_.path() + "/proc/x");
    root_.new_tick();
    CPPUNIT_ASSERT_EQUAL(std::string{"other\n"}, text_of(file));
    directory_.remove("proc/x");
    root_.new_tick();
    CPPUNIT_ASSERT_EQUAL(std::string{"error: not there"}, text_of(file));
  }

  void grows_with_its_file() {
    KernelFile file = root_.open("proc/x");
    for (const std::size_t size : {0u, 1u, 4095u, 4096u, 4097u, 100000u, 10u}) {
      const std::string text(size, 'x');
      directory_.write("proc/x", text);
      root_.new_tick();
      CPPUNIT_ASSERT_EQUAL(text, text_of(file));
    }
  }

  void says_when_a_missing_file_is_back() {
    KernelFile file = root_.open("proc/x");
    CPPUNIT_ASSERT(!file.read(whole));
    CPPUNIT_ASSERT(!sources_->any_back());
    directory_.write("proc/x", "one\n");
    CPPUNIT_ASSERT(sources_->any_back());
    root_.new_tick();
    CPPUNIT_ASSERT(file.read(whole));
    CPPUNIT_ASSERT(!sources_->any_back());
  }

  void says_when_a_malformed_file_has_changed() {
    directory_.write("proc/x", "one\n");
    KernelFile file = root_.open("proc/x");
    CPPUNIT_ASSERT(!file.read(refuse));
    CPPUNIT_ASSERT(!sources_->any_back());
    directory_.write("proc/x", "two\n");
    CPPUNIT_ASSERT(sources_->any_back());
  }

  void allocates_nothing_in_steady_state() {
    directory_.write("proc/x", "some text\n");
    KernelFile file = root_.open("proc/x");
    const auto length = [](std::string_view text) { return Result<std::size_t>{text.size()}; };
    CPPUNIT_ASSERT(file.read(length));
    root_.new_tick();
    const NoAllocation guard;
    const auto size = file.read(length);
    const std::uint64_t allocations = guard.count();
    CPPUNIT_ASSERT_EQUAL(std::size_t{10}, *size);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, allocations);
  }

  void lists_directories() {
    directory_.write("sys/b", "");
    directory_.write("sys/a/x", "");
    const auto names = root_.list("sys");
    CPPUNIT_ASSERT(names);
    CPPUNIT_ASSERT(*names == (std::vector<std::string>{"a", "b"}));
    CPPUNIT_ASSERT(!root_.list("nowhere"));
    CPPUNIT_ASSERT(!root_.is_host());
    CPPUNIT_ASSERT(Root{}.is_host());
    CPPUNIT_ASSERT_EQUAL(std::string{"/proc/x"}, Root{"//"}.path("/proc/x"));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(KernelFileTest);

}  // namespace vital::test
