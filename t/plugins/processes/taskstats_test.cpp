// SPDX-License-Identifier: MIT
#include "processes/taskstats.h"

#include <cppunit/extensions/HelperMacros.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/taskstats.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "processes/delay_accounting.h"

namespace vital::test {
namespace {

using processes::Delays;
using processes::Message;

template <typename Plain>
std::string bytes_of(const Plain& plain) {
  return {reinterpret_cast<const char*>(&plain), sizeof plain};
}

std::string attribute(unsigned type, const std::string& value) {
  const nlattr head{.nla_len = static_cast<std::uint16_t>(NLA_HDRLEN + value.size()),
                    .nla_type = static_cast<std::uint16_t>(type)};
  std::string text = bytes_of(head) + value;
  text.resize(NLA_ALIGN(text.size()));
  return text;
}

std::string message(std::uint16_t type, std::uint32_t sequence, const std::string& payload) {
  const nlmsghdr head{.nlmsg_len = static_cast<std::uint32_t>(NLMSG_HDRLEN + payload.size()),
                      .nlmsg_type = type,
                      .nlmsg_flags = 0,
                      .nlmsg_seq = sequence,
                      .nlmsg_pid = 0};
  std::string text = bytes_of(head) + payload;
  text.resize(NLMSG_ALIGN(text.size()));
  return text;
}

std::string generic(const std::string& attributes) {
  return bytes_of(genlmsghdr{.cmd = 1, .version = 1, .reserved = 0}) + attributes;
}

std::string family_answer() {
  std::string name{TASKSTATS_GENL_NAME};
  name.push_back('\0');
  return message(GENL_ID_CTRL, 1,
                 generic(attribute(CTRL_ATTR_FAMILY_NAME, name) +
                         attribute(CTRL_ATTR_FAMILY_ID, bytes_of(std::uint16_t{27}))));
}

/// As the kernel of that version answers; of old kernels the structure is shorter.
std::string delays_answer(std::uint16_t version, std::size_t length = sizeof(taskstats)) {
  taskstats statistics{};
  statistics.version = version;
  statistics.cpu_delay_total = 1'000;
  statistics.blkio_delay_total = 2'000;
  statistics.swapin_delay_total = 3'000;
  statistics.freepages_delay_total = 4'000;
  return message(27, 5,
                 generic(attribute(
                     TASKSTATS_TYPE_AGGR_TGID,
                     attribute(TASKSTATS_TYPE_TGID, bytes_of(42)) +
                         attribute(TASKSTATS_TYPE_STATS, bytes_of(statistics).substr(0, length)))));
}

Message first_of(std::string_view bytes) {
  Message taken;
  CPPUNIT_ASSERT(processes::next_message(bytes, taken));
  return taken;
}

}  // namespace

class TaskstatsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(TaskstatsTest);
  CPPUNIT_TEST(asks_for_the_family);
  CPPUNIT_TEST(asks_for_all_threads_of_a_process);
  CPPUNIT_TEST(takes_one_message_after_the_other);
  CPPUNIT_TEST(understands_the_family);
  CPPUNIT_TEST(understands_the_delays);
  CPPUNIT_TEST(tells_only_what_a_kernel_has);
  CPPUNIT_TEST(understands_a_refusal);
  CPPUNIT_TEST(rejects_every_truncation);
  CPPUNIT_TEST(never_tells_a_wrong_number_when_the_payload_is_cut);
  CPPUNIT_TEST(rejects_what_was_not_asked_for);
  CPPUNIT_TEST(asks_this_kernel_about_many_processes);
  CPPUNIT_TEST_SUITE_END();

 public:
  void asks_for_the_family() {
    std::array<char, processes::kFamilyQuestion> room;
    processes::write_family_question(room, 9);
    const Message question = first_of({room.data(), room.size()});
    CPPUNIT_ASSERT_EQUAL(std::uint16_t{GENL_ID_CTRL}, question.type);
    CPPUNIT_ASSERT_EQUAL(std::uint32_t{9}, question.sequence);
    std::string name{TASKSTATS_GENL_NAME};
    name.push_back('\0');
    CPPUNIT_ASSERT(question.payload ==
                   bytes_of(genlmsghdr{.cmd = CTRL_CMD_GETFAMILY, .version = 1, .reserved = 0}) +
                       attribute(CTRL_ATTR_FAMILY_NAME, name));
  }

  void asks_for_all_threads_of_a_process() {
    std::array<char, processes::kDelaysQuestion> room;
    processes::write_delays_question(room, 27, 10, 42);
    const Message question = first_of({room.data(), room.size()});
    CPPUNIT_ASSERT_EQUAL(std::uint16_t{27}, question.type);
    CPPUNIT_ASSERT_EQUAL(std::uint32_t{10}, question.sequence);
    CPPUNIT_ASSERT(question.payload ==
                   bytes_of(genlmsghdr{.cmd = TASKSTATS_CMD_GET, .version = 1, .reserved = 0}) +
                       attribute(TASKSTATS_CMD_ATTR_TGID, bytes_of(42)));
  }

  void takes_one_message_after_the_other() {
    const std::string both = message(3, 1, "abcde") + message(4, 2, "");
    std::string_view bytes{both};
    Message taken;
    CPPUNIT_ASSERT(processes::next_message(bytes, taken));
    CPPUNIT_ASSERT_EQUAL(std::string{"abcde"}, std::string{taken.payload});
    CPPUNIT_ASSERT(processes::next_message(bytes, taken));
    CPPUNIT_ASSERT_EQUAL(std::uint32_t{2}, taken.sequence);
    CPPUNIT_ASSERT(taken.payload.empty());
    CPPUNIT_ASSERT(!processes::next_message(bytes, taken));
  }

  void understands_the_family() {
    const std::string answer = family_answer();
    const auto family = processes::parse_family(first_of(answer));
    CPPUNIT_ASSERT(family);
    CPPUNIT_ASSERT_EQUAL(std::uint16_t{27}, *family);
  }

  void understands_the_delays() {
    const std::string answer = delays_answer(14);
    const auto delays = processes::parse_delays(first_of(answer));
    CPPUNIT_ASSERT(delays);
    CPPUNIT_ASSERT_EQUAL(std::size_t{4}, delays->kinds);
    CPPUNIT_ASSERT((delays->waited == std::array<std::uint64_t, 4>{1'000, 2'000, 3'000, 4'000}));
  }

  void tells_only_what_a_kernel_has() {
    const std::string old = delays_answer(5, offsetof(taskstats, freepages_count));
    CPPUNIT_ASSERT_EQUAL(std::size_t{3}, processes::parse_delays(first_of(old))->kinds);
    const std::string displaced = delays_answer(15);
    const auto delays = processes::parse_delays(first_of(displaced));
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, delays->kinds);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1'000}, delays->waited[0]);
  }

  void understands_a_refusal() {
    const std::string refusal =
        message(NLMSG_ERROR, 1, bytes_of(nlmsgerr{.error = -ESRCH, .msg = {}}));
    int number = 0;
    CPPUNIT_ASSERT(processes::refuses(first_of(refusal), number));
    CPPUNIT_ASSERT_EQUAL(ESRCH, number);
    const std::string answer = family_answer();
    CPPUNIT_ASSERT(!processes::refuses(first_of(answer), number));
    const std::string cut = message(NLMSG_ERROR, 1, "xy");
    CPPUNIT_ASSERT(!processes::refuses(first_of(cut), number));
  }

  void rejects_every_truncation() {
    for (const std::string& whole : {family_answer(), delays_answer(16)})
      for (std::size_t length = 0; length < whole.size(); ++length) {
        const std::string part = whole.substr(0, length);
        std::string_view bytes{part};
        Message taken;
        CPPUNIT_ASSERT(!processes::next_message(bytes, taken));
      }
  }

  void never_tells_a_wrong_number_when_the_payload_is_cut() {
    const std::string family = family_answer(), delays = delays_answer(16);
    const Message told = first_of(family), whole = first_of(delays);
    for (std::size_t length = 0; length < told.payload.size(); ++length) {
      Message part = told;
      part.payload = told.payload.substr(0, length);
      const auto number = processes::parse_family(part);
      CPPUNIT_ASSERT(!number || *number == 27);
    }
    for (std::size_t length = 0; length < whole.payload.size(); ++length) {
      Message part = whole;
      part.payload = whole.payload.substr(0, length);
      CPPUNIT_ASSERT(!processes::parse_delays(part));
    }
  }

  void rejects_what_was_not_asked_for() {
    const std::string family = family_answer(), delays = delays_answer(16);
    CPPUNIT_ASSERT(!processes::parse_delays(first_of(family)));
    CPPUNIT_ASSERT(!processes::parse_family(first_of(delays)));
    const std::string empty = message(GENL_ID_CTRL, 1, generic({}));
    CPPUNIT_ASSERT(!processes::parse_family(first_of(empty)));
    const std::string endless = message(GENL_ID_CTRL, 1, generic(bytes_of(nlattr{0, 1})));
    CPPUNIT_ASSERT(!processes::parse_family(first_of(endless)));
  }

  /// More than fit one message. Whoever may not ask is told so.
  void asks_this_kernel_about_many_processes() {
    processes::DelayAccounting accounting;
    std::vector<int> pids(70, ::getpid());
    pids.back() = 0x7fffffff;  // nobody's
    std::vector<std::optional<Delays>> answers(pids.size());
    const auto status = accounting.ask(pids, answers);
    if (!status) {
      const Errc code = status.error().code();
      CPPUNIT_ASSERT(code == Errc::denied || code == Errc::absent || code == Errc::unsupported);
      return;
    }
    CPPUNIT_ASSERT(!answers.back());
    answers.pop_back();
    for (const auto& answer : answers) CPPUNIT_ASSERT(answer && answer->kinds >= 1);
    CPPUNIT_ASSERT(answers.front()->waited[0] <= answers.back()->waited[0]);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TaskstatsTest);

}  // namespace vital::test
