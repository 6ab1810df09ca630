// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace vital {

using MetaValue = std::variant<std::string, std::int64_t, std::uint64_t, double, bool>;

/// The value as text: integers in decimal, a double as %.15g, "true" or "false".
std::string to_text(const MetaValue& value);

/// What is known beside a value or a notification: named data that are no part of its identity.
/// Names are compared without regard to case and keep their order.
///
/// Threads  a plain value
class Meta {
 public:
  struct Entry {
    std::string name;
    MetaValue value;
  };

  /// Replaces an entry of that name.
  void set(std::string_view name, MetaValue value);
  bool remove(std::string_view name) noexcept;
  const MetaValue* find(std::string_view name) const noexcept;
  bool empty() const noexcept { return entries_.empty(); }
  auto begin() const noexcept { return entries_.begin(); }
  auto end() const noexcept { return entries_.end(); }

 private:
  std::vector<Entry> entries_;
};

}  // namespace vital
