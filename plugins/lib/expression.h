// SPDX-License-Identifier: MIT
#pragma once
#include <re2/re2.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace vital {

/// A POSIX extended regular expression, matched in time that grows with the text alone, whatever
/// the expression: names come from strangers. Bytes, not letters; no anchors but those it has.
///
/// Errors   make(): malformed where regcomp(3) refuses the text, with its words; unsupported for
///          back-references and collating elements, which cannot be matched in bounded time
/// Threads  constant; any
/// Source   regex(7); RE2's syntax page
class Expression {
 public:
  static Result<Expression> make(const std::string& text);
  /// What is wrong with the text, for a check of an option; empty: nothing.
  static std::string complaint(const std::string& text);

  /// Whether it matches some part of the text.
  bool matches(std::string_view text) const noexcept;
  /// The first of the longest parts that it matches; false: none.
  bool find(std::string_view text, std::string_view& part) const noexcept;

  /// The same in RE2's syntax; empty, and `why` says so: there is no such thing.
  static std::string translated(std::string_view posix, std::string& why);

 private:
  explicit Expression(std::shared_ptr<const RE2> compiled) : compiled_{std::move(compiled)} {}
  std::shared_ptr<const RE2> compiled_;
};

}  // namespace vital
