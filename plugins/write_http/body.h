// SPDX-License-Identifier: MIT
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "config/options.h"
#include "lib/format_json.h"
#include "lib/format_kairosdb.h"

namespace vital::write_http {

/// Values in the form of one of the three formats, as pieces that a request's body is made of.
///
/// Threads  none of its own: whoever owns it serialises
class Format {
 public:
  explicit Format(const Options& node);

  /// Appends a piece; it stays empty when there is nothing to say.
  void append(const Sample& sample, std::string& text);
  std::string_view content_type() const noexcept;
  bool is_json() const noexcept { return json_ || kairosdb_; }

 private:
  const bool rates_;
  std::optional<JsonFormat> json_;
  std::optional<KairosdbFormat> kairosdb_;
};

/// The body of a request: pieces as an array, or one behind the other.
class Body {
 public:
  explicit Body(bool is_array) : is_array_{is_array} {}

  void add(std::string_view piece) {
    if (is_array_) text_ += text_.empty() ? '[' : ',';
    text_ += piece;
  }
  /// How large it would become.
  std::size_t size_with(std::size_t piece) const noexcept { return text_.size() + piece + 2; }
  bool empty() const noexcept { return text_.empty(); }
  /// The whole body; then nothing may be added until clear().
  std::string_view finish() {
    if (is_array_) text_ += ']';
    return text_;
  }
  void clear() noexcept { text_.clear(); }

 private:
  const bool is_array_;
  std::string text_;
};

}  // namespace vital::write_http
