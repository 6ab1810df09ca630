// SPDX-License-Identifier: MIT
#pragma once
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace vital {

/// Writes `value` as printf's %.15g does in the C locale; NaN is "nan", infinity "inf".
///
/// Returns  the end of what was written, or nullptr when it does not fit
/// Threads  pure
char* format_general(char* first, char* last, double value) noexcept;

/// Writes `value` as printf's %.*f does in the C locale.
char* format_fixed(char* first, char* last, double value, int decimals) noexcept;

/// A piece of text built on the stack, at most `Capacity` bytes long.
///
/// Errors   what does not fit is left out whole and remembered: ask overflowed()
/// Threads  a plain value
template <std::size_t Capacity>
class Text {
 public:
  Text& add(std::string_view text) noexcept {
    if (text.size() > Capacity - size_) return overflow();
    size_ += text.copy(data_ + size_, text.size());  // an empty view may point nowhere
    return *this;
  }
  Text& add(const char* text) noexcept { return add(std::string_view{text}); }
  Text& add(char c) noexcept { return add(std::string_view{&c, 1}); }

  template <typename Integer>
  requires std::is_integral_v<Integer> Text& add(Integer value) noexcept {
    const auto [end, error] = std::to_chars(data_ + size_, data_ + Capacity, value);
    return error == std::errc{} ? upto(end) : overflow();
  }
  Text& add(bool value) noexcept { return add(std::string_view{value ? "true" : "false"}); }

  /// The number as %.15g prints it.
  Text& add(double value) noexcept {
    return upto(format_general(data_ + size_, data_ + Capacity, value));
  }
  Text& add_fixed(double value, int decimals) noexcept {
    return upto(format_fixed(data_ + size_, data_ + Capacity, value, decimals));
  }

  /// As much of `text` as there is room for: for messages, where a cut text is better than none.
  Text& add_cut(std::string_view text) noexcept { return add(text.substr(0, Capacity - size_)); }

  void clear() noexcept { size_ = 0, overflowed_ = false; }
  std::string_view view() const noexcept { return {data_, size_}; }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  bool overflowed() const noexcept { return overflowed_; }
  const char* c_str() noexcept {
    data_[size_] = '\0';
    return data_;
  }

 private:
  Text& overflow() noexcept {
    overflowed_ = true;
    return *this;
  }
  Text& upto(const char* end) noexcept {
    if (end == nullptr) return overflow();
    size_ = static_cast<std::size_t>(end - data_);
    return *this;
  }

  std::size_t size_ = 0;
  bool overflowed_ = false;
  char data_[Capacity + 1];  // one more for c_str(); bytes past size_ are never read
};

}  // namespace vital
