// SPDX-License-Identifier: MIT
#include <cppunit/extensions/HelperMacros.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "notify_nagios/check_result.h"
#include "support/plugin_under_test.h"

namespace vital::test {

class NotifyNagiosTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(NotifyNagiosTest);
  CPPUNIT_TEST(a_notification_is_the_result_of_a_check);
  CPPUNIT_TEST(nothing_in_it_ends_the_line_or_a_field);
  CPPUNIT_TEST(what_is_missing_stays_empty);
  CPPUNIT_TEST(a_command_file_that_nobody_reads_is_tried_again);
  CPPUNIT_TEST(so_is_one_that_is_full_or_not_there);
  CPPUNIT_TEST_SUITE_END();

  static Notification example() {
    Notification notification;
    notification.level = Level::warning;
    notification.time = time_of(1700000000.75);
    notification.host = "web1";
    notification.plugin = "df";
    notification.plugin_instance = "root";
    notification.type = "df_complex";
    notification.type_instance = "free";
    notification.message = "disk; full";
    return notification;
  }
  static std::string options(const std::string& path) { return "CommandFile \"" + path + "\""; }

 public:
  void a_notification_is_the_result_of_a_check() {
    CPPUNIT_ASSERT_EQUAL(
        std::string{"[1700000001] PROCESS_SERVICE_CHECK_RESULT;web1;df-root/df_complex-free;1;"
                    "disk; full\n"},
        notify_nagios::check_result(example()));
  }

  void nothing_in_it_ends_the_line_or_a_field() {
    Notification notification = example();
    notification.level = Level::failure;
    notification.host = "a;b\n";
    notification.type_instance = "x;y";
    notification.message = "one\n[1] two\x7f";
    CPPUNIT_ASSERT_EQUAL(
        std::string{"[1700000001] PROCESS_SERVICE_CHECK_RESULT;a b ;df-root/df_complex-x y;2;"
                    "one [1] two \n"},
        notify_nagios::check_result(notification));
  }

  void what_is_missing_stays_empty() {
    Notification notification;
    notification.level = Level::okay;
    notification.time = time_of(10);
    CPPUNIT_ASSERT_EQUAL(std::string{"[10] PROCESS_SERVICE_CHECK_RESULT;;/;0;\n"},
                         notify_nagios::check_result(notification));
  }

  void a_command_file_that_nobody_reads_is_tried_again() {
    TemporaryDirectory directory;
    const std::string path = directory.path() + "/nagios.cmd";
    CPPUNIT_ASSERT_EQUAL(0, ::mkfifo(path.c_str(), 0600));
    PluginUnderTest plugin{"notify_nagios", "/", options(path)};
    const Status nobody = plugin.notifier().notify(example());
    CPPUNIT_ASSERT(!nobody);
    CPPUNIT_ASSERT(Errc::temporary == nobody.error().code());
    const Fd reader{::open(path.c_str(), O_RDONLY | O_NONBLOCK)};
    CPPUNIT_ASSERT(plugin.notifier().notify(example()));
    char text[200];
    const ssize_t count = ::read(reader.get(), text, sizeof text);
    CPPUNIT_ASSERT(count > 0);
    CPPUNIT_ASSERT_EQUAL(notify_nagios::check_result(example()),
                         std::string(text, static_cast<std::size_t>(count)));
  }

  void so_is_one_that_is_full_or_not_there() {
    TemporaryDirectory directory;
    const std::string path = directory.path() + "/nagios.cmd";
    PluginUnderTest plugin{"notify_nagios", "/", options(path)};
    const auto code = [&] {
      const Status status = plugin.notifier().notify(example());
      return status ? Errc::unknown : status.error().code();
    };
    CPPUNIT_ASSERT(Errc::temporary == code());
    CPPUNIT_ASSERT_EQUAL(0, ::mkfifo(path.c_str(), 0600));
    const Fd reader{::open(path.c_str(), O_RDONLY | O_NONBLOCK)};
    int written = 0;
    while (written < 10000 && code() == Errc::unknown) ++written;
    CPPUNIT_ASSERT(written > 100 && written < 10000);
    CPPUNIT_ASSERT(Errc::temporary == code());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(NotifyNagiosTest);

}  // namespace vital::test
