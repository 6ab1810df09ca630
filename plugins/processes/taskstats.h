// SPDX-License-Identifier: MIT
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"

namespace vital::processes {

/// How long the threads of a process have waited since it began, each for itself, added up.
///
/// Units    nanoseconds: for a CPU, for block I/O, for pages to be swapped in, and to be freed
/// Source   struct taskstats of linux/taskstats.h; the kernel's accounting/taskstats-struct
struct Delays {
  static constexpr std::size_t kKinds = 4;

  std::array<std::uint64_t, kKinds> waited{};
  std::size_t kinds = 0;  // how many of them are known: old kernels lack the last
};

// The language of generic netlink, as far as a question for the delays of processes needs it: what
// is sent, and what comes back. Numbers are in the byte order of the host.
//
// Errors   malformed: cut short, or not what was asked for
// Threads  all pure

/// The length of each message that is sent.
constexpr std::size_t kFamilyQuestion = 36, kDelaysQuestion = 28;

/// Asks the kernel for the number of its "TASKSTATS" family.
void write_family_question(std::span<char, kFamilyQuestion> room, std::uint32_t sequence) noexcept;
/// Asks that family for the statistics of all threads of a process.
void write_delays_question(std::span<char, kDelaysQuestion> room, std::uint16_t family,
                           std::uint32_t sequence, int pid) noexcept;

/// One message of what was received.
struct Message {
  std::uint16_t type = 0;
  std::uint32_t sequence = 0;
  std::string_view payload;
};

/// Takes the first message off `bytes`. False: none is left, or it is cut short.
bool next_message(std::string_view& bytes, Message& message) noexcept;

/// Whether the message says that the kernel refused, and with which errno.
bool refuses(const Message& message, int& number) noexcept;
Result<std::uint16_t> parse_family(const Message& message) noexcept;
Result<Delays> parse_delays(const Message& message) noexcept;

}  // namespace vital::processes
