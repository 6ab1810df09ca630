// SPDX-License-Identifier: MIT
#include <cppunit/extensions/HelperMacros.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <sstream>

#include "base/fd.h"
#include "support/plugin_under_test.h"

namespace vital::test {
namespace {

/// The samples that were recorded, "ps_count 1 4" by "plugin/type": the numbers.
class Samples {
 public:
  explicit Samples(PluginUnderTest& plugin) {
    std::istringstream lines{plugin.recorded()};
    for (std::string line; std::getline(lines, line);) {
      const auto type = line.find('/');
      const auto blank = line.find(' ', type);
      CPPUNIT_ASSERT(samples_.emplace(line.substr(0, blank), line.substr(blank + 1)).second);
    }
  }

  /// Nothing when there is no such sample.
  std::string of(const std::string& name) const {
    const auto found = samples_.find(name);
    return found == samples_.end() ? std::string{} : found->second;
  }
  bool has(const std::string& name) const { return samples_.contains(name); }
  double number(const std::string& name) const {
    CPPUNIT_ASSERT_MESSAGE(name, has(name));
    return std::stod(of(name));
  }

 private:
  std::map<std::string, std::string> samples_;
};

Samples read(PluginUnderTest& plugin) {
  CPPUNIT_ASSERT(plugin.read());
  return Samples{plugin};
}

std::string replaced(std::string text, const std::string& old, const std::string& now) {
  const auto at = text.find(old);
  CPPUNIT_ASSERT(at != std::string::npos);
  return text.replace(at, old.size(), now);
}

constexpr const char* kMachine = "linux-6.18-vm";
constexpr const char* kEverything =
    "CollectContextSwitch true\nCollectFileDescriptor true\nCollectMemoryMaps true\n"
    "CollectDelayAccounting true\n"
    "Process \"a) b (c\"\nProcessMatch all \".*\"\nProcess never\n";

/// A fixture whose processes may change.
class Machine : public ChangingFixture {
 public:
  Machine() : ChangingFixture{Fixture{kMachine}} {}

  void change(const std::string& file, const std::string& old, const std::string& now) const {
    write("proc/" + file, replaced(read("proc/" + file), old, now));
  }
  /// A copy of a process that began later.
  void copy(const std::string& pid, const std::string& other, const std::string& began) const {
    for (const char* const file : {"status", "io", "cmdline"})
      write("proc/" + other + '/' + file, read("proc/" + pid + '/' + file));
    write("proc/" + other + "/stat",
          replaced(read("proc/" + pid + "/stat"), " 681709 ", ' ' + began + ' '));
  }
  void end(const std::string& pid) const { remove("proc/" + pid); }
};

/// A shell called "unit-tests-waiting" that waits for commands.
class WaitingShell {
 public:
  WaitingShell() {
    int commands[2], running[2];
    CPPUNIT_ASSERT(::pipe2(commands, O_CLOEXEC) == 0 && ::pipe2(running, O_CLOEXEC) == 0);
    pid_ = ::fork();
    CPPUNIT_ASSERT(pid_ >= 0);
    if (pid_ == 0) {
      ::dup2(commands[0], 0);
      ::dup2(running[1], 1);
      ::execl("/bin/sh", "unit-tests-waiting", "-c", "echo; read line", nullptr);
      ::_exit(1);
    }
    commands_.reset(commands[1]);
    ::close(commands[0]);
    ::close(running[1]);
    char nothing = 0;
    CPPUNIT_ASSERT_EQUAL(ssize_t{1}, ::read(running[0], &nothing, 1));
    ::close(running[0]);
  }
  WaitingShell(const WaitingShell&) = delete;
  WaitingShell& operator=(const WaitingShell&) = delete;
  ~WaitingShell() { end(); }

  double descriptors() const {
    const std::filesystem::directory_iterator files{"/proc/" + std::to_string(pid_) + "/fd"};
    return static_cast<double>(std::distance(begin(files), std::filesystem::directory_iterator{}));
  }
  void end() noexcept {
    if (pid_ <= 0) return;
    commands_.reset();
    (void)::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

 private:
  pid_t pid_ = 0;
  Fd commands_;
};

}  // namespace

class ProcessesTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ProcessesTest);
  CPPUNIT_TEST(reports_states_and_forks);
  CPPUNIT_TEST(reports_what_a_group_uses);
  CPPUNIT_TEST(reports_extras_on_request);
  CPPUNIT_TEST(reports_every_machine);
  CPPUNIT_TEST(allocates_nothing_once_it_runs);
  CPPUNIT_TEST(settings_count_for_the_groups_below);
  CPPUNIT_TEST(names_are_those_that_the_kernel_tells);
  CPPUNIT_TEST(expressions_look_at_command_lines);
  CPPUNIT_TEST(a_name_counts_once);
  CPPUNIT_TEST(mistakes_are_told);
  CPPUNIT_TEST(delays_need_the_host);
  CPPUNIT_TEST(totals_begin_with_the_second_reading);
  CPPUNIT_TEST(a_new_process_brings_all_it_did);
  CPPUNIT_TEST(an_ended_process_leaves_its_totals);
  CPPUNIT_TEST(a_pid_may_be_used_again);
  CPPUNIT_TEST(another_program_is_placed_anew);
  CPPUNIT_TEST(a_rewritten_command_line_is_noticed);
  CPPUNIT_TEST(a_zombie_is_no_process);
  CPPUNIT_TEST(threads_that_end_take_no_switches_back);
  CPPUNIT_TEST(files_that_are_not_ours_give_no_values);
  CPPUNIT_TEST(a_malformed_process_spoils_no_other);
  CPPUNIT_TEST(one_that_could_not_be_read_before_is_not_new);
  CPPUNIT_TEST(a_malformed_stat_leaves_the_processes);
  CPPUNIT_TEST(without_proc_nothing_is_reported);
  CPPUNIT_TEST(follows_the_processes_of_this_host);
  CPPUNIT_TEST(asks_this_host_for_delays);
  CPPUNIT_TEST_SUITE_END();

 public:
  void reports_states_and_forks() {
    PluginUnderTest processes{"processes", Fixture{kMachine}};
    CPPUNIT_ASSERT(processes.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"processes/fork_rate 47206\n"
                                     "processes/ps_state-blocked 1\n"
                                     "processes/ps_state-paging 0\n"
                                     "processes/ps_state-running 4\n"
                                     "processes/ps_state-sleeping 9\n"
                                     "processes/ps_state-stopped 1\n"
                                     "processes/ps_state-zombies 1\n"},
                         processes.sorted());
  }

  void reports_what_a_group_uses() {
    PluginUnderTest processes{"processes", Fixture{kMachine}, "Process files"};
    CPPUNIT_ASSERT(processes.read());
    (void)processes.recorded();
    CPPUNIT_ASSERT(processes.read());
    const std::string text = processes.sorted();
    CPPUNIT_ASSERT_EQUAL(std::string{"processes-files/disk_octets 0 0\n"
                                     "processes-files/io_octets 0 0\n"
                                     "processes-files/io_ops 0 0\n"
                                     "processes-files/ps_code 585728\n"
                                     "processes-files/ps_count 1 1\n"
                                     "processes-files/ps_cputime 0 0\n"
                                     "processes-files/ps_data 8564736\n"
                                     "processes-files/ps_pagefaults 0 0\n"
                                     "processes-files/ps_rss 4657152\n"
                                     "processes-files/ps_stacksize 140732225669072\n"
                                     "processes-files/ps_vm 9506816\n"},
                         text.substr(0, text.find("processes/")));
  }

  void reports_extras_on_request() {
    PluginUnderTest processes{"processes", Fixture{kMachine},
                              "CollectContextSwitch true\nCollectFileDescriptor true\n"
                              "CollectMemoryMaps true\nProcess \"a) b (c\"\nProcess kthreadd"};
    const Samples first = read(processes);
    CPPUNIT_ASSERT_EQUAL(std::string{"5"}, first.of("processes-a) b (c/file_handles"));
    CPPUNIT_ASSERT_EQUAL(std::string{"18"}, first.of("processes-a) b (c/file_handles-mapped"));
    CPPUNIT_ASSERT(!first.has("processes-a) b (c/contextswitch-voluntary"));
    CPPUNIT_ASSERT(!first.has("processes-kthreadd/file_handles-mapped"));
    const Samples second = read(processes);
    CPPUNIT_ASSERT_EQUAL(std::string{"0"}, second.of("processes-a) b (c/contextswitch-voluntary"));
    CPPUNIT_ASSERT_EQUAL(std::string{"0"},
                         second.of("processes-a) b (c/contextswitch-involuntary"));
    CPPUNIT_ASSERT_EQUAL(std::string{"0"}, second.of("processes-kthreadd/contextswitch-voluntary"));
  }

  void reports_every_machine() {
    for (const std::string& machine : Fixture::machines()) {
      PluginUnderTest processes{
          "processes", Fixture{machine},
          "CollectMemoryMaps true\nProcess \"a) b (c\"\nProcess waits\n"
          "ProcessMatch odd \"^(/.*/)?odd\"\nProcessMatch kernel \"^\\\\[k\""};
      const Samples samples = read(processes);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(machine, std::string{"1"},
                                   samples.of("processes/ps_state-blocked"));
      CPPUNIT_ASSERT_EQUAL(std::string{"1"}, samples.of("processes/ps_state-zombies"));
      CPPUNIT_ASSERT_EQUAL(std::string{"1"}, samples.of("processes/ps_state-stopped"));
      CPPUNIT_ASSERT(samples.has("processes/fork_rate"));
      CPPUNIT_ASSERT_EQUAL(std::string{"1 4"}, samples.of("processes-a) b (c/ps_count"));
      CPPUNIT_ASSERT(samples.number("processes-a) b (c/file_handles-mapped") >= 14);
      CPPUNIT_ASSERT_EQUAL(std::string{"1 1"}, samples.of("processes-waits/ps_count"));
      CPPUNIT_ASSERT_EQUAL(std::string{"11 14"}, samples.of("processes-odd/ps_count"));
      CPPUNIT_ASSERT_EQUAL(std::string{"2 2"}, samples.of("processes-kernel/ps_count"));
      CPPUNIT_ASSERT_EQUAL(std::string{"0"}, samples.of("processes-kernel/ps_vm"));
      CPPUNIT_ASSERT_EQUAL(std::string{}, processes.logged());
    }
  }

  void allocates_nothing_once_it_runs() {
    PluginUnderTest processes{"processes", Fixture{kMachine}, kEverything};
    for (int i = 0; i < 20; ++i) {
      CPPUNIT_ASSERT(processes.read());
      if (i > 1) CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, processes.allocations());
    }
  }

  void settings_count_for_the_groups_below() {
    PluginUnderTest processes{"processes", Fixture{kMachine},
                              "Process odd\n"
                              "CollectFileDescriptor true\n"
                              "Process files\n"
                              "<Process burns>\nCollectFileDescriptor false\n"
                              "CollectMemoryMaps true\n</Process>\n"
                              "<ProcessMatch all \"\">\nCollectMemoryMaps true\n</ProcessMatch>\n"
                              "CollectFileDescriptor false\n"
                              "Process held\n"};
    const Samples samples = read(processes);
    CPPUNIT_ASSERT(!samples.has("processes-odd/file_handles"));
    CPPUNIT_ASSERT_EQUAL(std::string{"16"}, samples.of("processes-files/file_handles"));
    CPPUNIT_ASSERT(!samples.has("processes-files/file_handles-mapped"));
    CPPUNIT_ASSERT(!samples.has("processes-burns/file_handles"));
    CPPUNIT_ASSERT(samples.number("processes-all/file_handles") > 60);
    CPPUNIT_ASSERT(samples.number("processes-all/file_handles-mapped") > 30);
    CPPUNIT_ASSERT(!samples.has("processes-held/file_handles"));
  }

  void names_are_those_that_the_kernel_tells() {
    PluginUnderTest processes{
        "processes", Fixture{kMachine},
        "Process \") Z 1 (\"\nProcess \"tr aced\"\nProcess \"fifteen-chars-x\"\n"
        "Process \"worker 2\"\nProcess \"ksoftirqd/0\"\nProcess ODD\n"
        "Process \"fifteen-chars-xy\"\n"};
    const Samples samples = read(processes);
    for (const char* const name : {") Z 1 (", "tr aced", "fifteen-chars-x", "ksoftirqd_0"})
      CPPUNIT_ASSERT_EQUAL_MESSAGE(name, std::string{"1 1"},
                                   samples.of("processes-" + std::string{name} + "/ps_count"));
    for (const char* const name : {"worker 2", "ODD", "fifteen-chars-xy"})
      CPPUNIT_ASSERT_EQUAL_MESSAGE(name, std::string{"0 0"},
                                   samples.of("processes-" + std::string{name} + "/ps_count"));
    const std::string logged = processes.logged();
    CPPUNIT_ASSERT(logged.find("fifteen-chars-xy") != std::string::npos);
    CPPUNIT_ASSERT_EQUAL(logged.size() - 1, logged.find('\n'));
  }

  void expressions_look_at_command_lines() {
    PluginUnderTest processes{"processes", Fixture{kMachine},
                              "ProcessMatch whole \"^odd odd.pids$\"\n"
                              "ProcessMatch kernel \"^\\\\[ksoftirqd/0]$\"\n"
                              "ProcessMatch zombie \"gone\"\nProcessMatch comm \"burns\"\n"};
    const Samples samples = read(processes);
    CPPUNIT_ASSERT_EQUAL(std::string{"11 14"}, samples.of("processes-whole/ps_count"));
    CPPUNIT_ASSERT_EQUAL(std::string{"1 1"}, samples.of("processes-kernel/ps_count"));
    CPPUNIT_ASSERT_EQUAL(std::string{"0 0"}, samples.of("processes-zombie/ps_count"));
    CPPUNIT_ASSERT_EQUAL(std::string{"0 0"}, samples.of("processes-comm/ps_count"));
  }

  void a_name_counts_once() {
    PluginUnderTest processes{"processes", Fixture{kMachine},
                              "Process odd\nProcessMatch odd \"burns\"\n"};
    CPPUNIT_ASSERT_EQUAL(std::string{"1 1"}, read(processes).of("processes-odd/ps_count"));
    CPPUNIT_ASSERT(processes.logged().starts_with("warning: "));
  }

  void mistakes_are_told() {
    for (const char* const wrong :
         {"ProcessMatch x \"(\"", "ProcessMatch x", "Process a b", "CollectFileDescriptor maybe",
          "<Process x>\nProcess y\n</Process>", "CollectNothing true"})
      CPPUNIT_ASSERT_THROW_MESSAGE(wrong, (PluginUnderTest{"processes", Fixture{kMachine}, wrong}),
                                   ConfigError);
    const std::string long_name(128, 'x');
    CPPUNIT_ASSERT_THROW((PluginUnderTest{"processes", Fixture{kMachine}, "Process " + long_name}),
                         ConfigError);
  }

  void delays_need_the_host() {
    PluginUnderTest processes{"processes", Fixture{kMachine},
                              "CollectDelayAccounting true\nProcess odd\n"};
    CPPUNIT_ASSERT(processes.logged().starts_with("warning: "));
    (void)read(processes);
    CPPUNIT_ASSERT(!read(processes).has("processes-odd/delay_rate-delay-cpu"));
  }

  void totals_begin_with_the_second_reading() {
    const Machine machine;
    PluginUnderTest processes{"processes", machine.path(), "Process burns\n"};
    const Samples first = read(processes);
    CPPUNIT_ASSERT_EQUAL(std::string{"0 0"}, first.of("processes-burns/ps_cputime"));
    CPPUNIT_ASSERT(!first.has("processes-burns/io_octets"));
    CPPUNIT_ASSERT(!first.has("processes-burns/io_ops"));
    CPPUNIT_ASSERT(!first.has("processes-burns/disk_octets"));
    machine.change("14682/stat", " 14 0 0 0 521 0 ", " 16 0 1 0 621 3 ");
    machine.change("14682/io", "rchar: 0\nwchar: 0\nsyscr: 0\nsyscw: 0\nread_bytes: 0\n",
                   "rchar: 10\nwchar: 20\nsyscr: 1\nsyscw: 2\nread_bytes: 4096\n");
    const Samples second = read(processes);
    CPPUNIT_ASSERT_EQUAL(std::string{"1000000 30000"}, second.of("processes-burns/ps_cputime"));
    CPPUNIT_ASSERT_EQUAL(std::string{"2 1"}, second.of("processes-burns/ps_pagefaults"));
    CPPUNIT_ASSERT_EQUAL(std::string{"10 20"}, second.of("processes-burns/io_octets"));
    CPPUNIT_ASSERT_EQUAL(std::string{"1 2"}, second.of("processes-burns/io_ops"));
    CPPUNIT_ASSERT_EQUAL(std::string{"4096 0"}, second.of("processes-burns/disk_octets"));
    const Samples third = read(processes);
    CPPUNIT_ASSERT_EQUAL(std::string{"1000000 30000"}, third.of("processes-burns/ps_cputime"));
  }

  void a_new_process_brings_all_it_did() {
    const Machine machine;
    PluginUnderTest processes{"processes", machine.path(), "Process burns\n"};
    (void)read(processes);
    machine.copy("14682", "20000", "700000");
    const Samples samples = read(processes);
    CPPUNIT_ASSERT_EQUAL(std::string{"2 2"}, samples.of("processes-burns/ps_count"));
    CPPUNIT_ASSERT_EQUAL(std::string{"5210000 0"}, samples.of("processes-burns/ps_cputime"));
    CPPUNIT_ASSERT_EQUAL(std::string{"2236416"}, samples.of("processes-burns/ps_vm"));
    CPPUNIT_ASSERT_EQUAL(std::string{"5210000 0"},
                         read(processes).of("processes-burns/ps_cputime"));
  }

  void an_ended_process_leaves_its_totals() {
    const Machine machine;
    PluginUnderTest processes{"processes", machine.path(), "Process burns\n"};
    (void)read(processes);
    machine.change("14682/stat", " 521 0 ", " 621 0 ");
    (void)read(processes);
    machine.end("14682");
    const Samples samples = read(processes);
    CPPUNIT_ASSERT_EQUAL(std::string{"0 0"}, samples.of("processes-burns/ps_count"));
    CPPUNIT_ASSERT_EQUAL(std::string{"0"}, samples.of("processes-burns/ps_rss"));
    CPPUNIT_ASSERT_EQUAL(std::string{"1000000 0"}, samples.of("processes-burns/ps_cputime"));
    CPPUNIT_ASSERT_EQUAL(std::string{}, processes.logged());
  }

  void a_pid_may_be_used_again() {
    const Machine machine;
    PluginUnderTest processes{"processes", machine.path(), "Process burns\n"};
    (void)read(processes);
    machine.change("14682/stat", " 681709 ", " 700000 ");
    CPPUNIT_ASSERT_EQUAL(std::string{"5210000 0"},
                         read(processes).of("processes-burns/ps_cputime"));
    machine.change("14682/stat", "(burns)", "(other)");
    machine.change("14682/stat", " 700000 ", " 700001 ");
    const Samples samples = read(processes);
    CPPUNIT_ASSERT_EQUAL(std::string{"0 0"}, samples.of("processes-burns/ps_count"));
    CPPUNIT_ASSERT_EQUAL(std::string{"5210000 0"}, samples.of("processes-burns/ps_cputime"));
  }

  void another_program_is_placed_anew() {
    const Machine machine;
    PluginUnderTest processes{"processes", machine.path(),
                              "Process program\nProcessMatch line \"^program\"\n"};
    CPPUNIT_ASSERT_EQUAL(std::string{"0 0"}, read(processes).of("processes-line/ps_count"));
    machine.write("proc/14682/cmdline", std::string{"program\0-x\0", 11});
    machine.change("14682/stat", " 140732225669072 ", " 140732225669999 ");
    const Samples line = read(processes);
    CPPUNIT_ASSERT_EQUAL(std::string{"1 1"}, line.of("processes-line/ps_count"));
    CPPUNIT_ASSERT_EQUAL(std::string{"5210000 0"}, line.of("processes-line/ps_cputime"));
    CPPUNIT_ASSERT_EQUAL(std::string{"0 0"}, line.of("processes-program/ps_count"));
    machine.change("14682/stat", "(burns)", "(program)");
    const Samples name = read(processes);
    CPPUNIT_ASSERT_EQUAL(std::string{"1 1"}, name.of("processes-program/ps_count"));
    CPPUNIT_ASSERT_EQUAL(std::string{"0 0"}, name.of("processes-program/ps_cputime"));
  }

  void a_rewritten_command_line_is_noticed() {
    const Machine machine;
    PluginUnderTest processes{"processes", machine.path(), "ProcessMatch busy \"busy\"\n"};
    for (int i = 0; i < 40; ++i) (void)read(processes);
    machine.write("proc/14682/cmdline", "busy");
    int late = 0;
    while (late < 20 && read(processes).of("processes-busy/ps_count") == "0 0") ++late;
    CPPUNIT_ASSERT(late < 16);
    for (int i = 0; i < 3; ++i) {  // from now on at once
      machine.write("proc/14682/cmdline", "idle");
      CPPUNIT_ASSERT_EQUAL(std::string{"0 0"}, read(processes).of("processes-busy/ps_count"));
      machine.write("proc/14682/cmdline", "busy");
      CPPUNIT_ASSERT_EQUAL(std::string{"1 1"}, read(processes).of("processes-busy/ps_count"));
    }
    CPPUNIT_ASSERT_EQUAL(std::string{"0 0"}, read(processes).of("processes-busy/ps_cputime"));
  }

  void a_zombie_is_no_process() {
    const Machine machine;
    PluginUnderTest processes{"processes", machine.path(),
                              "CollectContextSwitch true\nProcess burns\nProcess \"gone (1)\"\n"};
    CPPUNIT_ASSERT_EQUAL(std::string{"0 0"}, read(processes).of("processes-gone (1)/ps_count"));
    machine.change("14682/stat", "(burns) R", "(burns) Z");
    machine.change("14682/stat", " 521 0 ", " 530 0 ");
    const Samples samples = read(processes);
    CPPUNIT_ASSERT_EQUAL(std::string{"0 0"}, samples.of("processes-burns/ps_count"));
    CPPUNIT_ASSERT_EQUAL(std::string{"0"}, samples.of("processes-burns/ps_vm"));
    CPPUNIT_ASSERT_EQUAL(std::string{"90000 0"}, samples.of("processes-burns/ps_cputime"));
    CPPUNIT_ASSERT_EQUAL(std::string{"2"}, samples.of("processes/ps_state-zombies"));
  }

  void threads_that_end_take_no_switches_back() {
    const Machine machine;
    PluginUnderTest processes{"processes", machine.path(),
                              "CollectContextSwitch true\nProcess \"a) b (c\"\n"};
    const std::string voluntary = "processes-a) b (c/contextswitch-voluntary";
    const std::string status = "14671/task/14675/status";
    const std::string before = machine.read("proc/" + status);
    (void)read(processes);
    const auto at = before.find("\nvoluntary_ctxt_switches:\t") + 1;
    machine.write("proc/" + status, before.substr(0, at) + "voluntary_ctxt_switches:\t100000\n" +
                                        before.substr(before.find("nonvoluntary", at)));
    const double grown = read(processes).number(voluntary);
    CPPUNIT_ASSERT(grown > 90'000 && grown <= 100'000);
    machine.remove("proc/14671/task/14675");
    CPPUNIT_ASSERT_EQUAL(grown, read(processes).number(voluntary));
    CPPUNIT_ASSERT_EQUAL(std::string{}, processes.logged());
  }

  void files_that_are_not_ours_give_no_values() {
    const Machine machine;
    machine.remove("proc/14682/io");
    machine.remove("proc/14682/fd");
    machine.remove("proc/14682/maps");
    PluginUnderTest processes{
        "processes", machine.path(),
        "CollectFileDescriptor true\nCollectMemoryMaps true\nProcess burns\n"};
    (void)read(processes);
    const Samples samples = read(processes);
    CPPUNIT_ASSERT_EQUAL(std::string{"1 1"}, samples.of("processes-burns/ps_count"));
    for (const char* const type : {"io_octets", "io_ops", "disk_octets", "file_handles",
                                   "file_handles-mapped", "contextswitch-voluntary"})
      CPPUNIT_ASSERT_MESSAGE(type, !samples.has("processes-burns/" + std::string{type}));
    CPPUNIT_ASSERT_EQUAL(std::string{}, processes.logged());
  }

  void a_malformed_process_spoils_no_other() {
    const Machine machine;
    PluginUnderTest processes{"processes", machine.path(), "ProcessMatch odd \"^odd\"\n"};
    const std::string stat = machine.read("proc/14677/stat"), io = machine.read("proc/14681/io");
    CPPUNIT_ASSERT_EQUAL(std::string{"11 14"}, read(processes).of("processes-odd/ps_count"));
    machine.write("proc/14677/stat", stat.substr(0, 60));
    machine.write("proc/14681/io", "rchar: x\n");
    for (int i = 0; i < 3; ++i) {
      const Samples samples = read(processes);
      CPPUNIT_ASSERT_EQUAL(std::string{"10 13"}, samples.of("processes-odd/ps_count"));
      CPPUNIT_ASSERT_EQUAL(std::string{"8"}, samples.of("processes/ps_state-sleeping"));
    }
    CPPUNIT_ASSERT_EQUAL(2, times("warning: ", processes.logged()));
    machine.write("proc/14677/stat", stat);
    machine.write("proc/14681/io", io);
    CPPUNIT_ASSERT_EQUAL(std::string{"11 14"}, read(processes).of("processes-odd/ps_count"));
    CPPUNIT_ASSERT_EQUAL(2, times("works again", processes.logged()));
  }

  void one_that_could_not_be_read_before_is_not_new() {
    const Machine machine;
    const std::string stat = machine.read("proc/14682/stat");
    machine.write("proc/14682/stat", "");
    PluginUnderTest processes{"processes", machine.path(), "Process burns\n"};
    CPPUNIT_ASSERT_EQUAL(std::string{"0 0"}, read(processes).of("processes-burns/ps_count"));
    (void)read(processes);
    machine.write("proc/14682/stat", stat);
    const Samples samples = read(processes);
    CPPUNIT_ASSERT_EQUAL(std::string{"1 1"}, samples.of("processes-burns/ps_count"));
    CPPUNIT_ASSERT_EQUAL(std::string{"0 0"}, samples.of("processes-burns/ps_cputime"));
  }

  void a_malformed_stat_leaves_the_processes() {
    const Machine machine;
    const std::string stat = machine.read("proc/stat");
    PluginUnderTest processes{"processes", machine.path(), "Process burns\n"};
    machine.write("proc/stat", "processes x\n");
    CPPUNIT_ASSERT(!processes.read());
    const Samples samples{processes};
    CPPUNIT_ASSERT_EQUAL(std::string{"1 1"}, samples.of("processes-burns/ps_count"));
    CPPUNIT_ASSERT_EQUAL(std::string{"1"}, samples.of("processes/ps_state-stopped"));
    CPPUNIT_ASSERT(!samples.has("processes/fork_rate"));
    CPPUNIT_ASSERT(!samples.has("processes/ps_state-running"));
    machine.write("proc/stat", "cpu 1 2 3 4\nprocesses 7\n");
    const Samples old = read(processes);
    CPPUNIT_ASSERT_EQUAL(std::string{"7"}, old.of("processes/fork_rate"));
    CPPUNIT_ASSERT(!old.has("processes/ps_state-running"));
  }

  void without_proc_nothing_is_reported() {
    const TemporaryDirectory nothing;
    nothing.write("proc/stat", "processes 7\nprocs_running 1\n");
    PluginUnderTest processes{"processes", nothing.path(), "Process burns\n"};
    CPPUNIT_ASSERT(processes.read());
    nothing.remove("proc");
    PluginUnderTest later{"processes", nothing.path() + "/none", "Process burns\n"};
    CPPUNIT_ASSERT(!later.read());
    CPPUNIT_ASSERT_EQUAL(std::string{}, later.recorded());
  }

  /// The kernel's own files stay open from reading to reading, and speak of one process each.
  void follows_the_processes_of_this_host() {
    PluginUnderTest processes{"processes", "/",
                              "CollectFileDescriptor true\nCollectContextSwitch true\n"
                              "CollectMemoryMaps true\n"
                              "ProcessMatch waiting \"^unit-tests-waiting\"\n"};
    CPPUNIT_ASSERT_EQUAL(std::string{"0 0"}, read(processes).of("processes-waiting/ps_count"));
    WaitingShell shell;
    for (int i = 0; i < 5; ++i) {
      const Samples samples = read(processes);
      CPPUNIT_ASSERT_EQUAL(std::string{"1 1"}, samples.of("processes-waiting/ps_count"));
      CPPUNIT_ASSERT_EQUAL(shell.descriptors(), samples.number("processes-waiting/file_handles"));
      CPPUNIT_ASSERT(samples.number("processes-waiting/file_handles-mapped") > 3);
      CPPUNIT_ASSERT(samples.number("processes-waiting/ps_rss") > 4096);
      CPPUNIT_ASSERT(samples.number("processes-waiting/contextswitch-voluntary") >= 0);
      CPPUNIT_ASSERT(samples.has("processes-waiting/io_octets"));
    }
    const auto quiet = [&] { return processes.read() && processes.allocations() == 0; };
    int tries = 0;  // another process of this host may begin at any time
    while (!quiet() && ++tries < 50) {
    }
    CPPUNIT_ASSERT(tries < 50);
    (void)processes.recorded();
    shell.end();
    const Samples ended = read(processes);
    CPPUNIT_ASSERT_EQUAL(std::string{"0 0"}, ended.of("processes-waiting/ps_count"));
    CPPUNIT_ASSERT(ended.has("processes-waiting/io_octets"));
  }

  void asks_this_host_for_delays() {
    PluginUnderTest processes{"processes", "/",
                              "CollectDelayAccounting true\nProcessMatch all \"\"\n"};
    (void)read(processes);
    const bool told = read(processes).has("processes-all/delay_rate-delay-cpu");
    const bool explained = processes.logged().find("no delays") != std::string::npos;
    CPPUNIT_ASSERT(told != explained);
  }

 private:
  static int times(std::string_view words, std::string_view text) {
    int count = 0;
    for (auto at = text.find(words); at != std::string_view::npos; at = text.find(words, at + 1))
      ++count;
    return count;
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ProcessesTest);

}  // namespace vital::test
