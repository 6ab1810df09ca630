// SPDX-License-Identifier: MIT
#include "processes/pid_files.h"

#include <cppunit/extensions/HelperMacros.h>

#include <filesystem>
#include <functional>

#include "support/fixture.h"

namespace vital::test {
namespace {

using processes::PidStatus;

/// Every file proc/PID/NAME of every machine.
void for_each_pid(const std::string& name,
                  const std::function<void(const Fixture&, const std::string&)>& look) {
  int seen = 0;
  for (const std::string& machine : Fixture::machines()) {
    const Fixture fixture{machine};
    for (const auto& entry : std::filesystem::directory_iterator{fixture.path() + "/proc"}) {
      const std::string directory = "proc/" + entry.path().filename().string();
      if (!fixture.has(directory + "/stat") || !fixture.has(directory + "/comm")) continue;
      CPPUNIT_ASSERT(fixture.has(directory + "/" + name));
      look(fixture, directory);
      ++seen;
    }
  }
  CPPUNIT_ASSERT(seen >= 80);
}

std::string command_line(std::optional<std::string_view> arguments, std::string_view name) {
  std::array<char, processes::kLongestCommandLine> room;
  return std::string{processes::command_line(arguments, name, room)};
}

template <std::size_t Size>
std::string_view bytes(const char (&text)[Size]) {
  return {text, Size - 1};
}

}  // namespace

class PidFilesTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(PidFilesTest);
  CPPUNIT_TEST(stat_tells_of_a_process);
  CPPUNIT_TEST(stat_is_understood_on_every_machine);
  CPPUNIT_TEST(stat_tells_the_name_whatever_it_holds);
  CPPUNIT_TEST(stat_rejects_every_truncation);
  CPPUNIT_TEST(stat_rejects_what_is_malformed);
  CPPUNIT_TEST(status_tells_of_memory_and_switches);
  CPPUNIT_TEST(status_is_understood_on_every_machine);
  CPPUNIT_TEST(status_of_old_kernels_lacks_switches);
  CPPUNIT_TEST(status_never_tells_a_wrong_number_when_truncated);
  CPPUNIT_TEST(status_rejects_what_is_malformed);
  CPPUNIT_TEST(io_tells_what_was_read_and_written);
  CPPUNIT_TEST(io_rejects_every_truncation);
  CPPUNIT_TEST(io_rejects_what_is_malformed);
  CPPUNIT_TEST(a_command_line_is_the_arguments_with_blanks);
  CPPUNIT_TEST(a_command_line_without_arguments_is_the_name);
  CPPUNIT_TEST(a_long_command_line_is_cut);
  CPPUNIT_TEST_SUITE_END();

 public:
  void stat_tells_of_a_process() {
    const std::string text = Fixture{"linux-6.18-vm"}.text("proc/14671/stat");
    const auto stat = processes::parse_pid_stat(text);
    CPPUNIT_ASSERT(stat);
    CPPUNIT_ASSERT_EQUAL(std::string{"a) b (c"}, std::string{stat->name});
    CPPUNIT_ASSERT_EQUAL('S', stat->state);
    CPPUNIT_ASSERT(!stat->kernel_thread);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{17}, stat->minor_faults);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, stat->major_faults);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{7}, stat->user_ticks);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, stat->system_ticks);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{4}, stat->threads);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{681709}, stat->start_ticks);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{26296320}, stat->virtual_bytes);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{113}, stat->resident_pages);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{140732225669072}, stat->stack_start);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, stat->stack_pointer);
  }

  void stat_is_understood_on_every_machine() {
    for_each_pid("stat", [](const Fixture& machine, const std::string& directory) {
      const std::string text = machine.text(directory + "/stat");
      const auto stat = processes::parse_pid_stat(text);
      CPPUNIT_ASSERT_MESSAGE(machine.path() + directory, stat);
      CPPUNIT_ASSERT_EQUAL(machine.text(directory + "/comm"), std::string{stat->name} + '\n');
      CPPUNIT_ASSERT_EQUAL(stat->name == "gone (1)", stat->zombie());
      const bool silent = machine.text(directory + "/cmdline").empty();
      CPPUNIT_ASSERT_EQUAL(silent && !stat->zombie(), stat->kernel_thread);
      CPPUNIT_ASSERT_EQUAL(silent, stat->virtual_bytes == 0);
      CPPUNIT_ASSERT_EQUAL(std::uint64_t{stat->name == "a) b (c" ? 4u : 1u}, stat->threads);
    });
    const std::string old = Fixture{"linux-3.10-qemu"}.text("proc/785/stat");
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{140722139909344},
                         processes::parse_pid_stat(old)->stack_pointer);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{77}, processes::parse_pid_stat(old)->user_ticks);
  }

  void stat_tells_the_name_whatever_it_holds() {
    const std::string numbers = " R 1 1 1 0 -1 64 2 0 3 0 4 5 0 0 20 0 1 0 9 100 6 9 1 2 3 4 5 0\n";
    for (const char* const name : {"", " ", ")", "(", ") (", "a) R 1 1 (b", "line\nbreak", "\n",
                                   ")\n", "kworker/u8:3-events", "\x80\xff"}) {
      const std::string text = "7 (" + std::string{name} + ')' + numbers;
      const auto stat = processes::parse_pid_stat(text);
      CPPUNIT_ASSERT_MESSAGE(name, stat);
      CPPUNIT_ASSERT_EQUAL(std::string{name}, std::string{stat->name});
      CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, stat->minor_faults);
      CPPUNIT_ASSERT_EQUAL(std::uint64_t{4}, stat->stack_pointer);
    }
  }

  void stat_rejects_every_truncation() {
    for_each_pid("stat", [](const Fixture& machine, const std::string& directory) {
      const std::string whole = machine.text(directory + "/stat");
      for (std::size_t length = 0; length < whole.size(); ++length)
        CPPUNIT_ASSERT(!processes::parse_pid_stat(std::string_view{whole}.substr(0, length)));
    });
  }

  void stat_rejects_what_is_malformed() {
    const std::string tail = " 0 0 20 0 1 0 9 100 6 9 1 2 3 4 5 0\n";
    const auto accepts = [](const std::string& text) {
      return static_cast<bool>(processes::parse_pid_stat(text));
    };
    CPPUNIT_ASSERT(accepts("7 (x) R 1 1 1 0 -1 64 2 0 3 0 4 5" + tail));
    for (const std::string head :
         {"7 x) R 1 1 1 0 -1 64 2 0 3 0 4 5", "7 (x R 1 1 1 0 -1 64 2 0 3 0 4 5",
          "7 )x( R 1 1 1 0 -1 64 2 0 3 0 4 5", "7 (x)R 1 1 1 0 -1 64 2 0 3 0 4 5",
          "7 (x) RR 1 1 1 0 -1 64 2 0 3 0 4 5", "7 (x) R 1 1 1 0 -1 64 -2 0 3 0 4 5",
          "7 (x) R 1 1 1 0 -1 64 2 0 x 0 4 5", "7 (x) R 1 1 1 0 -1 64 2 0  0 4 5",
          "7 (x) R 1 1 1 0 -1 64 18446744073709551616 0 3 0 4 5",
          "7 (x) R 1 1 1 0 -1 64 2 0 3 0 4 5\n", "7 (x) R 1 1 1 0 -1 64 2 0 3 0 4.5 5"})
      CPPUNIT_ASSERT_MESSAGE(head, !accepts(head + tail));
    CPPUNIT_ASSERT(!accepts("\n"));
    CPPUNIT_ASSERT(!accepts("7 (x)\n"));
    CPPUNIT_ASSERT(!accepts("7 (x) \n"));
  }

  void status_tells_of_memory_and_switches() {
    const Fixture machine{"linux-6.18-vm"};
    const auto burns = processes::parse_pid_status(machine.text("proc/14682/status"));
    CPPUNIT_ASSERT(burns);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{172 * 1024}, burns->data_bytes);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{572 * 1024}, burns->code_bytes);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, *burns->voluntary_switches);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{504}, *burns->involuntary_switches);
    const auto kernel_thread = processes::parse_pid_status(machine.text("proc/14/status"));
    CPPUNIT_ASSERT(kernel_thread);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, kernel_thread->data_bytes);
    CPPUNIT_ASSERT(kernel_thread->voluntary_switches);
  }

  void status_is_understood_on_every_machine() {
    for_each_pid("status", [](const Fixture& machine, const std::string& directory) {
      const auto status = processes::parse_pid_status(machine.text(directory + "/status"));
      CPPUNIT_ASSERT_MESSAGE(machine.path() + directory, status);
      CPPUNIT_ASSERT(status->voluntary_switches && status->involuntary_switches);
      const bool silent = machine.text(directory + "/cmdline").empty();
      CPPUNIT_ASSERT_EQUAL(silent, status->data_bytes == 0);
      CPPUNIT_ASSERT_EQUAL(silent, status->code_bytes == 0);
    });
  }

  void status_of_old_kernels_lacks_switches() {
    const auto status = processes::parse_pid_status("Name:\tx\nVmData:\t  8 kB\nThreads:\t1\n");
    CPPUNIT_ASSERT(status);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{8192}, status->data_bytes);
    CPPUNIT_ASSERT(!status->voluntary_switches);
    CPPUNIT_ASSERT(!status->involuntary_switches);
  }

  void status_never_tells_a_wrong_number_when_truncated() {
    for_each_pid("status", [](const Fixture& machine, const std::string& directory) {
      const std::string text = machine.text(directory + "/status");
      const PidStatus whole = *processes::parse_pid_status(text);
      for (std::size_t length = 0; length < text.size(); ++length) {
        const auto part = processes::parse_pid_status(std::string_view{text}.substr(0, length));
        if (!part) continue;
        CPPUNIT_ASSERT_EQUAL(whole.data_bytes, part->data_bytes);
        CPPUNIT_ASSERT_EQUAL(whole.code_bytes, part->code_bytes);
        if (part->voluntary_switches)
          CPPUNIT_ASSERT_EQUAL(*whole.voluntary_switches, *part->voluntary_switches);
        if (part->involuntary_switches)
          CPPUNIT_ASSERT_EQUAL(*whole.involuntary_switches, *part->involuntary_switches);
      }
    });
  }

  void status_rejects_what_is_malformed() {
    for (const char* const text :
         {"", "\n", "Name:\tx\n", "VmData:\tmuch kB\nThreads:\t1\n", "VmExe:\nThreads:\t1\n",
          "VmLib:\t-4 kB\nThreads:\t1\n", "Threads:\tx\n",
          "Threads:\t1\nvoluntary_ctxt_switches:\t1x\n",
          "Threads:\t1\nnonvoluntary_ctxt_switches:\t99999999999999999999\n"})
      CPPUNIT_ASSERT_MESSAGE(text, !processes::parse_pid_status(text));
  }

  void io_tells_what_was_read_and_written() {
    const auto io = processes::parse_pid_io(
        "rchar: 11\nwchar: 12\nsyscr: 13\nsyscw: 14\nread_bytes: 15\nwrite_bytes: 16\n"
        "cancelled_write_bytes: 17\n");
    CPPUNIT_ASSERT(io);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{11}, io->read_bytes);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{12}, io->written_bytes);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{13}, io->reads);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{14}, io->writes);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{15}, io->storage_read_bytes);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{16}, io->storage_written_bytes);
    for_each_pid("io", [](const Fixture& machine, const std::string& directory) {
      const auto read = processes::parse_pid_io(machine.text(directory + "/io"));
      CPPUNIT_ASSERT_MESSAGE(machine.path() + directory, read);
      if (machine.text(directory + "/comm") != "files\n") return;
      CPPUNIT_ASSERT(read->written_bytes > 0);
      CPPUNIT_ASSERT(read->writes > 0);
    });
  }

  void io_rejects_every_truncation() {
    for_each_pid("io", [](const Fixture& machine, const std::string& directory) {
      const std::string text = machine.text(directory + "/io");
      const std::size_t needed = text.find("cancelled_write_bytes");
      CPPUNIT_ASSERT(needed != std::string::npos);
      for (std::size_t length = 0; length < needed; ++length)
        CPPUNIT_ASSERT(!processes::parse_pid_io(std::string_view{text}.substr(0, length)));
      CPPUNIT_ASSERT(processes::parse_pid_io(std::string_view{text}.substr(0, needed)));
    });
  }

  void io_rejects_what_is_malformed() {
    for (const char* const text :
         {"\n\n\n\n\n\n", "wchar: 12\nrchar: 11\nsyscr: 13\nsyscw: 14\nread_bytes: 15\n",
          "rchar: 11\nwchar: 12\nsyscr: 13\nsyscw: 14\nread_bytes: 15\nwrite_bytes: -1\n",
          "rchar: 11\nwchar: \nsyscr: 13\nsyscw: 14\nread_bytes: 15\nwrite_bytes: 16\n",
          "rchar: 1e3\nwchar: 12\nsyscr: 13\nsyscw: 14\nread_bytes: 15\nwrite_bytes: 16\n"})
      CPPUNIT_ASSERT_MESSAGE(text, !processes::parse_pid_io(text));
  }

  void a_command_line_is_the_arguments_with_blanks() {
    CPPUNIT_ASSERT_EQUAL(std::string{"sleep 10"}, command_line(bytes("sleep\0"
                                                                     "10\0"),
                                                               "sleep"));
    CPPUNIT_ASSERT_EQUAL(std::string{"a  b"}, command_line(bytes("a\0\0b\0\0"), "x"));
    CPPUNIT_ASSERT_EQUAL(std::string{"nginx: worker"}, command_line("nginx: worker   \n", "x"));
    for_each_pid("cmdline", [](const Fixture& machine, const std::string& directory) {
      const std::string text = machine.text(directory + "/cmdline");
      const std::string line = command_line(text, "name");
      CPPUNIT_ASSERT_EQUAL(std::string::npos, line.find('\0'));
      CPPUNIT_ASSERT_EQUAL(text.empty(), line == "[name]");
    });
  }

  void a_command_line_without_arguments_is_the_name() {
    CPPUNIT_ASSERT_EQUAL(std::string{"[kthreadd]"}, command_line("", "kthreadd"));
    CPPUNIT_ASSERT_EQUAL(std::string{"sleep"}, command_line(bytes("\0"
                                                                  "10\0"),
                                                            "sleep"));
    CPPUNIT_ASSERT_EQUAL(std::string{"sleep"}, command_line(std::nullopt, "sleep"));
  }

  void a_long_command_line_is_cut() {
    const std::string arguments(5000, 'z');
    CPPUNIT_ASSERT_EQUAL(arguments.substr(0, processes::kLongestCommandLine),
                         command_line(arguments, "x"));
    CPPUNIT_ASSERT_EQUAL(processes::kLongestCommandLine, command_line("", arguments).size());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PidFilesTest);

}  // namespace vital::test
