// SPDX-License-Identifier: MIT
#include "lib/expression.h"

#include <regex.h>

#include <algorithm>

#include "base/strings.h"

namespace vital {
namespace {

/// What regcomp() has against the text; empty: nothing.
std::string refusal_of(const std::string& text) {
  regex_t compiled{};
  const int failed = ::regcomp(&compiled, text.c_str(), REG_EXTENDED | REG_NOSUB);
  if (failed == 0) {
    ::regfree(&compiled);
    return {};
  }
  char why[128];
  ::regerror(failed, &compiled, why, sizeof why);
  return why;
}

/// Rewrites what the two syntaxes read differently.
class Translator {
 public:
  explicit Translator(std::string_view text) noexcept : text_{text} {}

  std::string run(std::string& why) {
    while (at_ < text_.size() && why_.empty()) one();
    why = why_;
    return why_.empty() ? std::move(result_) : std::string{};
  }

 private:
  void one() {
    const char c = text_[at_];
    if (c == '\\') return escape();
    if (c == '[') return bracket();
    if (c == '{') return brace();
    if (c == '*' || c == '+' || c == '?') return repeat(c);
    if (c == '(') ++depth_;
    if (c == ')' && depth_-- == 0) {  // it closes nothing and is itself
      depth_ = 0;
      result_ += '\\';
    }
    result_ += c;
    repeatable_ = c != '(' && c != '|' && c != '^';
    repeated_ = false;
    ++at_;
  }

  void escape() {
    if (at_ + 1 == text_.size()) {
      result_ += "\\\\";
      ++at_;
      return;
    }
    const char c = text_[at_ + 1];
    at_ += 2;
    repeatable_ = true;
    repeated_ = false;
    if (is_digit(c) && c != '0') {
      why_ = "it has a back-reference, which cannot be matched in bounded time";
    } else if (c == '<' || c == '>') {
      result_ += "\\b";
    } else if (c == '`') {
      result_ += "\\A";
    } else if (c == '\'') {
      result_ += "\\z";
    } else if (std::string_view{"wWsSbB"}.find(c) != std::string_view::npos) {
      result_ += {'\\', c};
    } else if (is_alnum(c)) {
      result_ += c;  // a letter behind a backslash is that letter
    } else {
      result_ += {'\\', c};
    }
  }

  /// In brackets a backslash is a character like any other.
  void bracket() {
    result_ += text_[at_++];
    if (at_ < text_.size() && text_[at_] == '^') result_ += text_[at_++];
    if (at_ < text_.size() && text_[at_] == ']') {
      result_ += "\\]";
      ++at_;
    }
    while (at_ < text_.size() && text_[at_] != ']' && why_.empty()) bracket_item();
    if (at_ < text_.size()) result_ += text_[at_++];
    repeatable_ = true;
    repeated_ = false;
  }

  void bracket_item() {
    const char c = text_[at_];
    const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    if (c == '[' && next == ':') {
      const auto end = text_.find(":]", at_ + 2);
      result_ += text_.substr(at_, end + 2 - at_);  // regcomp() has seen that it ends
      at_ = end + 2;
      return;
    }
    if (c == '[' && (next == '.' || next == '=')) {
      why_ = "it has a collating element, which is not supported";
      return;
    }
    if (c == '\\' || c == '[') result_ += '\\';
    result_ += c;
    ++at_;
  }

  /// Without zeros in front; what stands before the comma is 0 when it is nothing.
  static std::string plain_counts(std::string_view counts) {
    const auto plain = [](std::string_view number) {
      number.remove_prefix(std::min(number.find_first_not_of('0'), number.size()));
      return std::string{number};
    };
    const auto comma = std::min(counts.find(','), counts.size());
    std::string least = plain(counts.substr(0, comma));
    if (least.empty()) least = "0";
    if (comma == counts.size()) return least;
    std::string most = plain(counts.substr(comma + 1));
    if (most.empty() && comma + 1 < counts.size()) most = "0";
    return least + "," + most;
  }

  /// "{,3}" means "{0,3}"; a brace that begins no repetition is itself.
  void brace() {
    const auto end = text_.find('}', at_);
    const std::string_view inside =
        end == std::string_view::npos ? std::string_view{} : text_.substr(at_ + 1, end - at_ - 1);
    const bool counts =
        !inside.empty() && inside.find_first_not_of("0123456789,") == std::string_view::npos;
    if (!counts || !repeatable_) {
      result_ += "\\{";
      ++at_;
      repeatable_ = true;
      return;
    }
    group_repeated();
    result_ += "{" + plain_counts(inside) + "}";
    at_ = end + 1;
    repeated_ = true;
  }

  /// A sign with nothing to repeat is itself; a second one repeats the whole before it.
  void repeat(char c) {
    ++at_;
    if (!repeatable_) {
      if (c == '*') result_ += "\\*";
      repeatable_ = c == '*';
      return;
    }
    if (repeated_) {
      // (x*)* is x*, and so are all others but for x++, x??, which are x+ and x?.
      if (result_.back() != c && !result_.empty() && result_.back() != '}') result_.back() = '*';
      if (result_.back() == '}') {
        why_ = "it repeats a repetition, which is not supported; put the inner one in parentheses";
      }
      return;
    }
    result_ += c;
    repeated_ = true;
  }

  void group_repeated() {
    if (repeated_)
      why_ = "it repeats a repetition, which is not supported; put the inner one in parentheses";
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  std::string result_, why_;
  unsigned depth_ = 0;       // of open parentheses
  bool repeatable_ = false;  // what came last can be repeated
  bool repeated_ = false;    // and has been
};

std::shared_ptr<const RE2> compiled(const std::string& text, std::string& why) {
  why = refusal_of(text);
  if (!why.empty()) return nullptr;
  const std::string pattern = Expression::translated(text, why);
  if (!why.empty()) return nullptr;
  RE2::Options options;
  options.set_encoding(RE2::Options::EncodingLatin1);
  options.set_longest_match(true);
  options.set_dot_nl(true);
  options.set_never_capture(true);
  options.set_log_errors(false);
  auto expression = std::make_shared<const RE2>(pattern, options);
  if (expression->ok()) return expression;
  why = "it is not supported: " + expression->error();
  return nullptr;
}

}  // namespace

std::string Expression::translated(std::string_view posix, std::string& why) {
  return Translator{posix}.run(why);
}

Result<Expression> Expression::make(const std::string& text) {
  std::string why;
  auto expression = compiled(text, why);
  if (!expression) return Error{Errc::malformed, why};
  return Expression{std::move(expression)};
}

std::string Expression::complaint(const std::string& text) {
  std::string why;
  (void)compiled(text, why);
  return why.empty() ? why : "has a regular expression that is wrong: " + why;
}

bool Expression::matches(std::string_view text) const noexcept {
  return compiled_->Match(re2::StringPiece{text.data(), text.size()}, 0, text.size(),
                          RE2::UNANCHORED, nullptr, 0);
}

bool Expression::find(std::string_view text, std::string_view& part) const noexcept {
  re2::StringPiece found;
  if (!compiled_->Match(re2::StringPiece{text.data(), text.size()}, 0, text.size(), RE2::UNANCHORED,
                        &found, 1))
    return false;
  part = {found.data(), found.size()};
  return true;
}

}  // namespace vital
