// SPDX-License-Identifier: MIT
#pragma once
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/fd.h"
#include "pipeline/journal_place.h"

namespace vital::journal {

/// What a journal knows of itself from one start to the next.
struct MarkState {
  Settled settled;
  Place end;  // behind the last entry that was written
};

/// The file that keeps it. There are two slots, written by turns, so that a torn or damaged one
/// leaves the one before it.
///
/// Threads  none of its own: whoever owns it serialises; sync() may run beside write()
class Mark {
 public:
  static constexpr std::size_t kSlotBytes = 4096;

  /// Opens or makes the file and reads it. No state: it is new, or both slots are damaged.
  Status open(int directory, std::optional<MarkState>& state) noexcept;
  bool is_open() const noexcept { return static_cast<bool>(file_); }
  void close() noexcept { file_.reset(); }

  /// Safe from the end of this process on, but not from the host's: see sync().
  Status write(const Settled& settled, Place end) noexcept;
  Status sync() noexcept;

 private:
  Fd file_;
  std::uint64_t generation_ = 0;
  ByteWriter slot_;
};

/// One slot's bytes. A state that is valid in itself, with its generation, or nothing.
struct MarkSlot {
  std::uint64_t generation = 0;
  MarkState state;
};
std::optional<MarkSlot> parse_mark_slot(std::string_view bytes);

}  // namespace vital::journal
