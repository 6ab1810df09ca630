// SPDX-License-Identifier: MIT
#include "base/child.h"

#include <cppunit/extensions/HelperMacros.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>

#include "base/child_output.h"
#include "base/restart_policy.h"

namespace vital::test {
using namespace std::chrono_literals;

class ChildTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ChildTest);
  CPPUNIT_TEST(what_it_says_can_be_read);
  CPPUNIT_TEST(it_has_no_descriptor_but_those_that_it_was_given);
  CPPUNIT_TEST(it_has_a_process_group_of_its_own_which_ends_with_it);
  CPPUNIT_TEST(its_end_says_how_and_what_it_cost);
  CPPUNIT_TEST(a_program_that_is_not_there_is_an_error);
  CPPUNIT_TEST(usage_of_a_process_is_known);
  CPPUNIT_TEST(lines_are_logged_and_a_flood_is_cut_off);
  CPPUNIT_TEST(faults_are_answered_with_growing_pauses_and_then_none);
  CPPUNIT_TEST_SUITE_END();

  static Child shell(const std::string& script, std::vector<std::pair<int, int>> fds = {}) {
    auto child = Child::start({.program = "/bin/sh",
                               .arguments = {"sh", "-c", script},
                               .environment = {"PATH=/bin:/usr/bin"},
                               .fds = std::move(fds)});
    CPPUNIT_ASSERT(child);
    return std::move(*child);
  }
  static void wait_for(int fd) {
    pollfd ready{.fd = fd, .events = POLLIN, .revents = 0};
    CPPUNIT_ASSERT_EQUAL(1, ::poll(&ready, 1, 10'000));
  }
  static std::string all_of(const Child& child) {
    std::string text;
    char buffer[1024];
    while (true) {
      wait_for(child.output_fd());
      const ssize_t count = ::read(child.output_fd(), buffer, sizeof buffer);
      if (count <= 0) return text;
      text.append(buffer, static_cast<std::size_t>(count));
    }
  }
  static ChildEnd end_of(Child& child) {
    wait_for(child.end_fd());
    const auto end = child.reap();
    CPPUNIT_ASSERT(end);
    CPPUNIT_ASSERT(!child.alive());
    return *end;
  }

  struct Lines final : LogSink {
    void write(Severity, std::string_view message) noexcept override {
      text.append(message).append("\n");
    }
    std::string text;
  };

 public:
  void what_it_says_can_be_read() {
    Child child = shell("read nothing; echo out; echo err >&2; echo $PATH");
    CPPUNIT_ASSERT_EQUAL(std::string{"out\nerr\n/bin:/usr/bin\n"}, all_of(child));
    CPPUNIT_ASSERT(end_of(child).orderly());
  }

  void it_has_no_descriptor_but_those_that_it_was_given() {
    int ends[2];
    CPPUNIT_ASSERT_EQUAL(0, ::pipe(ends));  // not close-on-exec
    const Fd reading{ends[0]}, writing{ends[1]};
    Child child = shell("echo over here >&5; ls /proc/self/fd", {{writing.get(), 5}});
    CPPUNIT_ASSERT_EQUAL(std::string{"0\n1\n2\n3\n5\n"}, all_of(child));  // 3 is the directory
    char buffer[64];
    CPPUNIT_ASSERT_EQUAL(ssize_t{10}, ::read(reading.get(), buffer, sizeof buffer));
    CPPUNIT_ASSERT(end_of(child).orderly());
  }

  void it_has_a_process_group_of_its_own_which_ends_with_it() {
    Child child = shell("sleep 1000 >/dev/null 2>&1 & echo $!");
    const pid_t grandchild = std::stoi(all_of(child));
    CPPUNIT_ASSERT_EQUAL(child.pid(), ::getpgid(grandchild));
    CPPUNIT_ASSERT(end_of(child).orderly());
    for (int i = 0; i < 1000 && ::kill(-::getpgid(grandchild), 0) == 0; ++i) ::usleep(1000);
    std::string state = "gone";
    if (const auto stat = read_file("/proc/" + std::to_string(grandchild) + "/stat"))
      state = stat->substr(stat->rfind(')') + 2, 1);
    CPPUNIT_ASSERT_MESSAGE(state, state == "gone" || state == "Z");
  }

  void its_end_says_how_and_what_it_cost() {
    Child child = shell("exit 3");
    CPPUNIT_ASSERT_EQUAL(std::string{"ended with status 3"}, end_of(child).text());
    child = shell("kill -SEGV $$");
    CPPUNIT_ASSERT_EQUAL(std::string{"was ended by signal 11 (Segmentation fault)"},
                         end_of(child).text());
    child = shell("i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done");
    CPPUNIT_ASSERT(end_of(child).cpu > 1ms);
    child = shell("sleep 1000");
    CPPUNIT_ASSERT(!child.reap());
    child.signal(SIGTERM);
    CPPUNIT_ASSERT_EQUAL(std::string{"was ended by signal 15 (Terminated)"}, end_of(child).text());
  }

  void a_program_that_is_not_there_is_an_error() {
    const auto child = Child::start({.program = "/no/such/program", .arguments = {"x"}});
    CPPUNIT_ASSERT(!child);
    CPPUNIT_ASSERT(child.error().code() == Errc::absent);
  }

  void usage_of_a_process_is_known() {
    const auto usage = usage_of(::getpid());
    CPPUNIT_ASSERT(usage);
    CPPUNIT_ASSERT(usage->resident_bytes >= usage->own_bytes && usage->own_bytes > 100'000);
    CPPUNIT_ASSERT(!usage_of(0x7fffffff));
  }

  void lines_are_logged_and_a_flood_is_cut_off() {
    LogHub hub;
    Lines lines;
    hub.add(lines);
    ChildOutput output{Log{hub, "x"}};
    const Steady start{1h};
    output.take("one\ntw", start);
    CPPUNIT_ASSERT_EQUAL(std::string{"x: says: one\n"}, lines.text);
    output.take("o\n\n", start);
    output.take(std::string(5000, 'a') + "\n", start);
    CPPUNIT_ASSERT_EQUAL(std::string{"x: says: one\nx: says: two\nx: says: "} +
                             std::string(ChildOutput::kLongestLine, 'a') + "\n",
                         lines.text);
    lines.text.clear();
    for (int i = 0; i < 1000; ++i) output.take("again\n", start);
    CPPUNIT_ASSERT_EQUAL(std::size_t{47}, static_cast<std::size_t>(std::count(
                                              lines.text.begin(), lines.text.end(), '\n')));
    lines.text.clear();
    output.take("half", start + 1min);
    output.end(start + 1min);
    CPPUNIT_ASSERT_EQUAL(std::string{"x: said 953 lines more\nx: says: half\n"}, lines.text);
    hub.remove(lines);
  }

  void faults_are_answered_with_growing_pauses_and_then_none() {
    RestartPolicy policy;
    const Steady start{1h};
    for (const Nanoseconds pause : {100ms, 400ms, 1600ms, 6400ms}) {
      const auto answer = policy.fault(start);
      CPPUNIT_ASSERT(answer && *answer == pause);
    }
    CPPUNIT_ASSERT(!policy.fault(start + 59s));
    const auto later = policy.fault(start + 61s);
    CPPUNIT_ASSERT(later && *later == 400ms);  // one of the last minute, and this
    policy.forgive();
    const auto forgiven = policy.fault(start + 62s);
    CPPUNIT_ASSERT(forgiven && *forgiven == 100ms);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ChildTest);

}  // namespace vital::test
