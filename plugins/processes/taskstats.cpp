// SPDX-License-Identifier: MIT
#include "processes/taskstats.h"

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/taskstats.h>

#include <cstddef>
#include <cstring>

namespace vital::processes {
namespace {

constexpr std::string_view kFamily{TASKSTATS_GENL_NAME "\0", sizeof TASKSTATS_GENL_NAME};

// Version 15, of Linux 6.14, had new fields among the old ones: behind the first delay nothing was
// where it stands in all the others.
constexpr std::uint16_t kDisplaced = 15;

constexpr std::array<std::size_t, Delays::kKinds> kPlaces{
    offsetof(taskstats, cpu_delay_total), offsetof(taskstats, blkio_delay_total),
    offsetof(taskstats, swapin_delay_total), offsetof(taskstats, freepages_delay_total)};

/// The number at `place`; false: the bytes end before it.
template <typename Number>
bool number_at(std::string_view bytes, std::size_t place, Number& number) noexcept {
  if (bytes.size() < place || bytes.size() - place < sizeof number) return false;
  std::memcpy(&number, bytes.data() + place, sizeof number);
  return true;
}

void write_question(std::span<char> room, std::uint16_t type, std::uint8_t command,
                    std::uint32_t sequence, std::uint16_t attribute,
                    std::string_view value) noexcept {
  const nlmsghdr head{.nlmsg_len = static_cast<std::uint32_t>(room.size()),
                      .nlmsg_type = type,
                      .nlmsg_flags = NLM_F_REQUEST,
                      .nlmsg_seq = sequence,
                      .nlmsg_pid = 0};
  const genlmsghdr question{.cmd = command, .version = 1, .reserved = 0};
  const nlattr about{.nla_len = static_cast<std::uint16_t>(NLA_HDRLEN + value.size()),
                     .nla_type = attribute};
  std::memset(room.data(), 0, room.size());
  std::memcpy(room.data(), &head, sizeof head);
  std::memcpy(room.data() + NLMSG_HDRLEN, &question, sizeof question);
  std::memcpy(room.data() + NLMSG_HDRLEN + GENL_HDRLEN, &about, sizeof about);
  std::memcpy(room.data() + NLMSG_HDRLEN + GENL_HDRLEN + NLA_HDRLEN, value.data(), value.size());
}

/// The value of the first attribute of that type; false: there is none.
bool find_attribute(std::string_view bytes, std::uint16_t wanted,
                    std::string_view& value) noexcept {
  nlattr about{};
  while (number_at(bytes, 0, about)) {
    if (about.nla_len < NLA_HDRLEN || about.nla_len > bytes.size()) return false;
    if ((about.nla_type & NLA_TYPE_MASK) == wanted) {
      value = bytes.substr(NLA_HDRLEN, about.nla_len - std::size_t{NLA_HDRLEN});
      return true;
    }
    bytes.remove_prefix(std::min<std::size_t>(NLA_ALIGN(about.nla_len), bytes.size()));
  }
  return false;
}

std::string_view attributes_of(const Message& message) noexcept {
  return message.payload.size() < GENL_HDRLEN ? std::string_view{}
                                              : message.payload.substr(GENL_HDRLEN);
}

}  // namespace

void write_family_question(std::span<char, kFamilyQuestion> room, std::uint32_t sequence) noexcept {
  write_question(room, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, sequence, CTRL_ATTR_FAMILY_NAME, kFamily);
}

void write_delays_question(std::span<char, kDelaysQuestion> room, std::uint16_t family,
                           std::uint32_t sequence, int pid) noexcept {
  char number[sizeof pid];
  std::memcpy(number, &pid, sizeof pid);
  write_question(room, family, TASKSTATS_CMD_GET, sequence, TASKSTATS_CMD_ATTR_TGID,
                 {number, sizeof number});
}

bool next_message(std::string_view& bytes, Message& message) noexcept {
  nlmsghdr head{};
  if (!number_at(bytes, 0, head) || head.nlmsg_len < NLMSG_HDRLEN || head.nlmsg_len > bytes.size())
    return false;
  message.type = head.nlmsg_type;
  message.sequence = head.nlmsg_seq;
  message.payload = bytes.substr(NLMSG_HDRLEN, head.nlmsg_len - std::size_t{NLMSG_HDRLEN});
  bytes.remove_prefix(std::min<std::size_t>(NLMSG_ALIGN(head.nlmsg_len), bytes.size()));
  return true;
}

bool refuses(const Message& message, int& number) noexcept {
  int negative = 0;
  if (message.type != NLMSG_ERROR || !number_at(message.payload, 0, negative)) return false;
  number = -negative;
  return true;
}

Result<std::uint16_t> parse_family(const Message& message) noexcept {
  std::string_view value;
  std::uint16_t family = 0;
  if (message.type == GENL_ID_CTRL &&
      find_attribute(attributes_of(message), CTRL_ATTR_FAMILY_ID, value) &&
      number_at(value, 0, family))
    return family;
  return Error{Errc::malformed, "the number of the TASKSTATS family"};
}

Result<Delays> parse_delays(const Message& message) noexcept {
  std::string_view group, statistics;
  std::uint16_t version = 0;
  Delays delays;
  if (find_attribute(attributes_of(message), TASKSTATS_TYPE_AGGR_TGID, group) &&
      find_attribute(group, TASKSTATS_TYPE_STATS, statistics) &&
      number_at(statistics, offsetof(taskstats, version), version)) {
    const std::size_t most = version == kDisplaced ? 1 : Delays::kKinds;
    while (delays.kinds < most &&
           number_at(statistics, kPlaces[delays.kinds], delays.waited[delays.kinds]))
      ++delays.kinds;
  }
  if (delays.kinds == 0) return Error{Errc::malformed, "the statistics of a process"};
  return delays;
}

}  // namespace vital::processes
