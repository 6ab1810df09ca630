// SPDX-License-Identifier: MIT
#include <cppunit/extensions/HelperMacros.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>

#include "support/caught.h"
#include "support/no_allocation.h"
#include "support/plugin_under_test.h"

namespace vital::test {
namespace {

Notification crossed() {
  Notification notification;
  notification.level = Level::failure;
  notification.time = time_of(1700000000.5);
  notification.message = "too \"hot\"";
  notification.host = "h";
  notification.plugin = "p";
  notification.type = "t";
  return notification;
}

}  // namespace

class LogfileTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(LogfileTest);
  CPPUNIT_TEST(writes_a_line_for_each_message);
  CPPUNIT_TEST(writes_time_and_severity_as_told);
  CPPUNIT_TEST(leaves_out_what_is_less_grave_than_its_level);
  CPPUNIT_TEST(takes_the_levels_that_people_write);
  CPPUNIT_TEST(writes_notifications_at_their_own_time_whatever_the_level);
  CPPUNIT_TEST(writes_to_standard_output_and_error);
  CPPUNIT_TEST(keeps_messages_of_any_length_whole);
  CPPUNIT_TEST(follows_a_file_that_was_moved_away);
  CPPUNIT_TEST(follows_a_file_that_was_removed_at_once);
  CPPUNIT_TEST(follows_at_once_when_told_to_reopen);
  CPPUNIT_TEST(goes_on_in_a_moved_file_while_it_cannot_be_made_anew);
  CPPUNIT_TEST(says_once_that_it_cannot_write_and_how_much_was_lost);
  CPPUNIT_TEST(survives_a_full_disk);
  CPPUNIT_TEST(is_not_held_up_by_a_fifo_without_a_reader);
  CPPUNIT_TEST(allocates_nothing_for_a_message);
  CPPUNIT_TEST_SUITE_END();

 public:
  void setUp() override {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
  }
  void tearDown() override {
    ::unsetenv("TZ");
    ::tzset();
  }

  void writes_a_line_for_each_message() {
    PluginUnderTest logfile{"logfile", "/", file()};
    logfile.sink().write(Severity::warning, "cpu: no such file");
    logfile.fake_clock().advance(std::chrono::milliseconds{1600});
    logfile.sink().write(Severity::info, "two\nlines");
    CPPUNIT_ASSERT_EQUAL(std::string{"[2023-11-14 22:13:20] cpu: no such file\n"
                                     "[2023-11-14 22:13:22] two\nlines\n"},
                         directory_.read("log"));
  }

  void writes_time_and_severity_as_told() {
    const auto line = [&](std::string_view options) {
      directory_.remove("log");
      PluginUnderTest logfile{"logfile", "/", file() + std::string{options}};
      logfile.sink().write(Severity::error, "x");
      return directory_.read("log");
    };
    CPPUNIT_ASSERT_EQUAL(std::string{"[2023-11-14 22:13:20] x\n"}, line(""));
    CPPUNIT_ASSERT_EQUAL(std::string{"[2023-11-14 22:13:20] [error] x\n"},
                         line("PrintSeverity true"));
    CPPUNIT_ASSERT_EQUAL(std::string{"[error] x\n"}, line("PrintSeverity true\nTimestamp no"));
    CPPUNIT_ASSERT_EQUAL(std::string{"x\n"}, line("Timestamp false"));
  }

  void leaves_out_what_is_less_grave_than_its_level() {
    CPPUNIT_ASSERT_EQUAL(std::string{"error warning notice info "}, heard(""));
    CPPUNIT_ASSERT_EQUAL(std::string{"error warning notice info debug "}, heard("LogLevel debug"));
    CPPUNIT_ASSERT_EQUAL(std::string{"error warning notice "}, heard("LogLevel NOTICE"));
    CPPUNIT_ASSERT_EQUAL(std::string{"error warning "}, heard("LogLevel \"warning\""));
    CPPUNIT_ASSERT_EQUAL(std::string{"error "}, heard("LogLevel err"));
  }

  void takes_the_levels_that_people_write() {
    for (const char* level : {"emerg", "alert", "crit", "error"})
      CPPUNIT_ASSERT_EQUAL(std::string{"error "}, heard(std::string{"LogLevel "} + level));
    CPPUNIT_ASSERT_EQUAL(std::string{"error warning "}, heard("LogLevel Warn"));
    CPPUNIT_ASSERT_THROW(heard("LogLevel loud"), ConfigError);
  }

  void writes_notifications_at_their_own_time_whatever_the_level() {
    PluginUnderTest logfile{"logfile", "/", file() + "LogLevel err\nPrintSeverity true"};
    CPPUNIT_ASSERT(logfile.notifier().notify(crossed()));
    CPPUNIT_ASSERT_EQUAL(
        std::string{"[2023-11-14 22:13:21] [info] Notification: severity = FAILURE, host = h, "
                    "plugin = p, type = t, message = too \"hot\"\n"},
        directory_.read("log"));
  }

  void writes_to_standard_output_and_error() {
    for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) {
      const Caught caught{stream};
      const std::string name = stream == STDOUT_FILENO ? "STDOUT" : "stdErr";
      PluginUnderTest logfile{"logfile", "/", "Timestamp false\nFile \"" + name + "\""};
      logfile.sink().write(Severity::info, "x");
      logfile.sink().reopen();
      CPPUNIT_ASSERT_EQUAL(std::string{"x\n"}, caught.text());
    }
  }

  void keeps_messages_of_any_length_whole() {
    PluginUnderTest logfile{"logfile", "/", file() + "Timestamp false"};
    const std::string message(200'000, 'x');
    logfile.sink().write(Severity::info, message);
    CPPUNIT_ASSERT_EQUAL(message + "\n", directory_.read("log"));
  }

  void follows_a_file_that_was_moved_away() {
    PluginUnderTest logfile{"logfile", "/", file() + "Timestamp false"};
    logfile.sink().write(Severity::info, "1");
    move_away();
    logfile.fake_clock().advance(std::chrono::milliseconds{900});
    logfile.sink().write(Severity::info, "2");
    logfile.fake_clock().advance(std::chrono::milliseconds{200});
    logfile.sink().write(Severity::info, "3");
    CPPUNIT_ASSERT_EQUAL(std::string{"1\n2\n"}, directory_.read("log.1"));
    CPPUNIT_ASSERT_EQUAL(std::string{"3\n"}, directory_.read("log"));
  }

  void follows_a_file_that_was_removed_at_once() {
    PluginUnderTest logfile{"logfile", "/", file() + "Timestamp false"};
    logfile.sink().write(Severity::info, "1");
    directory_.remove("log");
    logfile.sink().write(Severity::info, "2");
    CPPUNIT_ASSERT_EQUAL(std::string{"2\n"}, directory_.read("log"));
  }

  void follows_at_once_when_told_to_reopen() {
    PluginUnderTest logfile{"logfile", "/", file() + "Timestamp false"};
    logfile.sink().write(Severity::info, "1");
    move_away();
    logfile.sink().reopen();
    CPPUNIT_ASSERT_EQUAL(std::string{}, directory_.read("log"));
    logfile.sink().write(Severity::info, "2");
    CPPUNIT_ASSERT_EQUAL(std::string{"2\n"}, directory_.read("log"));
  }

  void goes_on_in_a_moved_file_while_it_cannot_be_made_anew() {
    PluginUnderTest logfile{"logfile", "/", file() + "Timestamp false"};
    logfile.sink().write(Severity::info, "1");
    move_away();
    directory_.write("log/in/the/way", "");
    const Caught caught{STDERR_FILENO};
    for (int i = 0; i < 3; ++i) {
      logfile.fake_clock().advance(std::chrono::seconds{2});
      logfile.sink().write(Severity::info, "2");
    }
    CPPUNIT_ASSERT_EQUAL("vitald: logfile: " + directory_.path() +
                             "/log: Is a directory; messages may be lost until it works again\n",
                         caught.text());
    CPPUNIT_ASSERT_EQUAL(std::string{"1\n2\n2\n2\n"}, directory_.read("log.1"));
    directory_.remove("log");
    logfile.fake_clock().advance(std::chrono::seconds{2});
    logfile.sink().write(Severity::info, "3");
    CPPUNIT_ASSERT_EQUAL(std::string{"3\n"}, directory_.read("log"));
  }

  void says_once_that_it_cannot_write_and_how_much_was_lost() {
    const Caught caught{STDERR_FILENO};
    const std::string path = directory_.path() + "/later/log";
    PluginUnderTest logfile{"logfile", "/",
                            "PrintSeverity true\nTimestamp false\nFile \"" + path + "\""};
    for (int i = 0; i < 3; ++i) logfile.sink().write(Severity::info, "lost");
    directory_.write("later/other", "");
    logfile.sink().write(Severity::info, "x");
    logfile.sink().write(Severity::info, "y");
    CPPUNIT_ASSERT_EQUAL(std::string{"[notice] logfile: writing works again; 3 messages were lost\n"
                                     "[info] x\n[info] y\n"},
                         directory_.read("later/log"));
    CPPUNIT_ASSERT_EQUAL(
        "vitald: logfile: " + path +
            ": No such file or directory; messages may be lost until it works again\n",
        caught.text());
  }

  void survives_a_full_disk() {
    if (::access("/dev/full", W_OK) != 0) return;
    const Caught caught{STDERR_FILENO};
    PluginUnderTest logfile{"logfile", "/", "File \"/dev/full\""};
    for (int i = 0; i < 3; ++i) logfile.sink().write(Severity::info, "lost");
    CPPUNIT_ASSERT_EQUAL(
        std::string{"vitald: logfile: /dev/full: No space left on device; messages may be lost "
                    "until it works again\n"},
        caught.text());
  }

  void is_not_held_up_by_a_fifo_without_a_reader() {
    const Caught caught{STDERR_FILENO};
    const std::string path = directory_.path() + "/log";
    CPPUNIT_ASSERT_EQUAL(0, ::mkfifo(path.c_str(), 0600));
    PluginUnderTest logfile{"logfile", "/", file() + "Timestamp false"};
    logfile.sink().write(Severity::info, "lost");
    const auto reader = open_file(path.c_str(), O_RDONLY | O_NONBLOCK);
    logfile.sink().write(Severity::info, "x");
    char buffer[256];
    const ssize_t count = ::read(reader->get(), buffer, sizeof buffer);
    CPPUNIT_ASSERT_EQUAL(std::string{"logfile: writing works again; 1 message was lost\nx\n"},
                         std::string(buffer, static_cast<std::size_t>(count)));
  }

  void allocates_nothing_for_a_message() {
    PluginUnderTest logfile{"logfile", "/", file()};
    logfile.sink().write(Severity::info, "x");
    const NoAllocation guard;
    logfile.sink().write(Severity::info, "y");
    const std::uint64_t count = guard.count();
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, count);
  }

 private:
  std::string file() const { return "File \"" + directory_.path() + "/log\"\n"; }
  void move_away() const {
    std::filesystem::rename(directory_.path() + "/log", directory_.path() + "/log.1");
  }

  /// Which severities pass with these options.
  std::string heard(const std::string& options) const {
    directory_.remove("log");
    PluginUnderTest logfile{"logfile", "/", file() + "Timestamp false\n" + options};
    for (const Severity severity :
         {Severity::error, Severity::warning, Severity::notice, Severity::info, Severity::debug})
      logfile.sink().write(severity, name_of(severity));
    std::string lines = directory_.read("log");
    std::replace(lines.begin(), lines.end(), '\n', ' ');
    return lines;
  }

  const TemporaryDirectory directory_;
};

CPPUNIT_TEST_SUITE_REGISTRATION(LogfileTest);

}  // namespace vital::test
