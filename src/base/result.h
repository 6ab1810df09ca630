// SPDX-License-Identifier: MIT
#pragma once
#include <array>
#include <cassert>
#include <cstdint>
#include <string_view>
#include <utility>
#include <variant>

#include "base/text.h"

namespace vital {

/// What kind of thing went wrong; what to do about it follows from the kind.
enum class Errc : std::uint8_t {
  malformed,    ///< foreign bytes that are not what they should be
  absent,       ///< not there: a file, a column, a device
  too_long,     ///< does not fit where it has to go; never cut silently
  denied,       ///< not allowed to this user
  unsupported,  ///< this host, kernel or build cannot do it
  unknown,      ///< a name nobody knows: a type, a series, a command
  refused,      ///< the far end has seen it and will never take it; sending it again is useless
  temporary,    ///< may work when tried again: a connection, a full disk, a busy peer
  timed_out,    ///< took longer than its deadline
  too_old,      ///< not newer than what is already there
  limit,        ///< a bound that keeps the daemon small was met
  stopped,      ///< given up because the daemon, or the part, is being stopped
};

std::string_view describe(Errc code) noexcept;

/// A failure of fixed size: what kind, the system's number if there is one, and the first bytes of
/// the culprit (a path, a line, a name). Making one allocates nothing.
class Error {
 public:
  using Message = Text<256>;
  static constexpr std::size_t kLongestCulprit = 104;

  explicit Error(Errc code, std::string_view culprit = {}, int number = 0) noexcept;
  /// From errno as it stands, which chooses the kind.
  static Error system(std::string_view culprit) noexcept;
  static Error system(std::string_view culprit, int number) noexcept;

  Errc code() const noexcept { return code_; }
  int number() const noexcept { return number_; }
  std::string_view culprit() const noexcept { return {culprit_.data(), size_}; }

  /// "/proc/stat: No such file or directory", "malformed: cpu0 12 x".
  Message message() const noexcept;

 private:
  Errc code_;
  std::uint8_t size_ = 0;
  int number_ = 0;
  std::array<char, kLongestCulprit> culprit_;
};

/// A value, or why there is none.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) noexcept : state_{std::in_place_index<0>, std::move(value)} {}
  Result(Error error) noexcept : state_{std::in_place_index<1>, error} {}

  explicit operator bool() const noexcept { return state_.index() == 0; }
  const T& operator*() const& noexcept { return *std::get_if<0>(&state_); }
  T& operator*() & noexcept { return *std::get_if<0>(&state_); }
  T&& operator*() && noexcept { return std::move(*std::get_if<0>(&state_)); }
  const T* operator->() const noexcept { return std::get_if<0>(&state_); }
  T* operator->() noexcept { return std::get_if<0>(&state_); }
  const Error& error() const noexcept {
    assert(!*this);
    return *std::get_if<1>(&state_);
  }

 private:
  std::variant<T, Error> state_;
};

/// Success, or why not.
class [[nodiscard]] Status {
 public:
  Status() noexcept = default;
  Status(Error error) noexcept : state_{std::in_place_index<1>, error} {}

  explicit operator bool() const noexcept { return state_.index() == 0; }
  const Error& error() const noexcept {
    assert(!*this);
    return *std::get_if<1>(&state_);
  }

 private:
  std::variant<std::monostate, Error> state_;
};

}  // namespace vital
