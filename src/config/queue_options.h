// SPDX-License-Identifier: MIT
#pragma once
#include <string>

#include "config/options.h"

namespace vital {

/// How a writer's queue is kept on disk.
struct JournalOptions {
  bool on = false;
  std::string directory{};  // empty: below BaseDir, named as the writer is
  std::uint64_t most_bytes = std::uint64_t{256} << 20;
  Span most_age{};  // zero: none
  Span sync_interval = span_of_seconds(1);
};

/// How much may wait for a writer, where, and how it is tried again.
struct QueueOptions {
  std::size_t high_values = 200'000;               // the oldest are dropped above
  std::size_t low_values = 0;                      // some are shed from here on; 0: none
  std::size_t high_bytes = std::size_t{32} << 20;  // the same in memory
  Span retry_first = span_of(0.5);
  Span retry_longest = span_of_seconds(10);
  bool log_failures = true;  // false: the status alone tells of them
  JournalOptions journal{};
};

/// Declares what each writer or notifier, or each of its nodes, takes beside its own options.
void declare_queue(Declaration& writer);
/// Declares the block alone: among the global options, for all writers that leave the host.
void declare_journal(Declaration& declaration, std::string_view help);

/// What was declared so, where it was given; else what `defaults` say.
QueueOptions queue_options(const Options& options, QueueOptions defaults);
JournalOptions journal_options(const Options& options, JournalOptions defaults);

/// "64M" as bytes; 0: it is none. K, M and G count by 1024.
std::uint64_t parse_size(std::string_view text) noexcept;

}  // namespace vital
