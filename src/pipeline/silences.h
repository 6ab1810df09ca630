// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "model/notification.h"

namespace vital {

/// For some time nobody wants to hear of what a pattern covers.
struct Silence {
  std::uint64_t id = 0;
  std::string pattern;  // of identifiers, with * and ?
  std::string comment;
  Time since, until;

  bool covers(std::string_view identifier) const noexcept;
};

/// The name that a notification is about: its five fields as an identifier, as far as it has them.
std::string subject_of(const Notification& notification);

/// All silences.
///
/// Threads  none of its own: the pipeline serialises
class Silences {
 public:
  std::uint64_t add(std::string pattern, std::string comment, Time since, Time until);
  /// Lets it be over at once, so that take_ended() gives it; false: there is none with that id.
  bool end(std::uint64_t id, Time now) noexcept;
  /// The one that covers the identifier now, or nullptr.
  const Silence* find(std::string_view identifier, Time now) const noexcept;
  /// Takes out those that are over.
  std::vector<Silence> take_ended(Time now);
  const std::vector<Silence>& all() const noexcept { return all_; }

  std::string save() const;
  /// Bytes that are not understood are ignored.
  void restore(std::string_view bytes);

 private:
  std::vector<Silence> all_;
  std::uint64_t last_id_ = 0;
};

}  // namespace vital
