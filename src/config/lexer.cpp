// SPDX-License-Identifier: MIT
#include "config/lexer.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "base/numbers.h"
#include "base/strings.h"

namespace vital {
namespace {

// Each of these tells how many bytes at the beginning of the text are such a token; 0: none are.

std::size_t digits(std::string_view text, std::size_t at = 0) noexcept {
  std::size_t end = at;
  while (end < text.size() && is_digit(text[end])) ++end;
  return end - at;
}

std::size_t match_eol(std::string_view text) noexcept {
  if (text.starts_with('\n')) return 1;
  return text.starts_with("\r\n") ? 2 : 0;
}

std::size_t match_word(std::string_view text) noexcept {
  std::size_t end = 0;
  while (end < text.size() && (is_alnum(text[end]) || text[end] == '_')) ++end;
  return end;
}

std::size_t match_boolean(std::string_view text) noexcept {
  constexpr std::array<std::string_view, 6> kWords{"true", "yes", "on", "false", "no", "off"};
  std::size_t best = 0;
  for (const std::string_view word : kWords)
    if (text.starts_with(word)) best = std::max(best, word.size());
  return best;
}

std::size_t match_hexadecimal(std::string_view text) noexcept {
  if (!text.starts_with("0x") && !text.starts_with("0X")) return 0;
  std::size_t end = 2;
  while (end < text.size() && is_hex_digit(text[end])) ++end;
  return end > 2 ? end : 0;
}

/// An exponent needs its sign: "1.5e3" is a number and a word.
std::size_t match_exponent(std::string_view text, std::size_t at) noexcept {
  if (at + 2 >= text.size() || to_lower(text[at]) != 'e') return 0;
  if (text[at + 1] != '+' && text[at + 1] != '-') return 0;
  const std::size_t power = digits(text, at + 2);
  return power != 0 ? 2 + power : 0;
}

std::size_t match_decimal(std::string_view text) noexcept {
  const std::size_t sign = text.starts_with('+') || text.starts_with('-') ? 1 : 0;
  const std::size_t whole = digits(text, sign);
  const std::size_t point = sign + whole;
  if (point < text.size() && text[point] == '.') {
    const std::size_t fraction = digits(text, point + 1);
    const std::size_t end = point + 1 + fraction;
    if (fraction != 0) return end + match_exponent(text, end);
  }
  return whole != 0 ? point : 0;
}

std::size_t match_number(std::string_view text) noexcept {
  return std::max(match_decimal(text), match_hexadecimal(text));
}

/// ":1" to ":65535", as many digits as make a port.
std::size_t match_port(std::string_view text) noexcept {
  if (!text.starts_with(':') || text.size() < 2 || text[1] == '0') return 0;
  for (std::size_t size = std::min<std::size_t>(digits(text, 1), 5); size > 0; --size) {
    unsigned port = 0;
    if (parse_whole(text.substr(1, size), port) && port <= 65535) return 1 + size;
  }
  return 0;
}

std::size_t match_ipv4(std::string_view text) noexcept {
  std::size_t end = 0;
  for (int part = 0; part < 4; ++part) {
    if (part != 0) {
      if (end >= text.size() || text[end] != '.') return 0;
      ++end;
    }
    std::size_t size = std::min<std::size_t>(digits(text, end), 3);
    unsigned byte = 0;
    while (size > 0 && !(parse_whole(text.substr(end, size), byte) && byte <= 255 &&
                         (size == 1 || text[end] != '0')))
      --size;
    if (size == 0) return 0;
    end += size;
  }
  return end + match_port(text.substr(end));
}

bool is_ipv6(std::string_view text) noexcept {
  std::array<char, INET6_ADDRSTRLEN + 1> name{};
  if (text.size() >= name.size()) return false;
  std::copy(text.begin(), text.end(), name.begin());
  in6_addr address{};
  return ::inet_pton(AF_INET6, name.data(), &address) == 1;
}

std::size_t match_bare_ipv6(std::string_view text) noexcept {
  std::size_t end = 0;
  bool colon = false;
  for (; end < text.size() && end < INET6_ADDRSTRLEN; ++end) {
    if (!is_hex_digit(text[end]) && text[end] != ':' && text[end] != '.') break;
    colon = colon || text[end] == ':';
  }
  if (!colon) return 0;
  for (; end > 1; --end)
    if (is_ipv6(text.substr(0, end))) return end;
  return 0;
}

std::size_t match_ipv6(std::string_view text) noexcept {
  if (!text.starts_with('[')) return match_bare_ipv6(text);
  const auto close = text.substr(0, INET6_ADDRSTRLEN + 2).find(']');
  if (close == std::string_view::npos || !is_ipv6(text.substr(1, close - 1))) return 0;
  return close + 1 + match_port(text.substr(close + 1));
}

std::size_t match_quoted(std::string_view text) noexcept {
  if (!text.starts_with('"')) return 0;
  for (std::size_t end = 1; end < text.size(); ++end) {
    if (text[end] == '"') return end + 1;
    if (text[end] == '\\') ++end;
  }
  return 0;
}

/// What a quoted string means: a backslash makes the next character literal; before a line end it
/// joins the lines and swallows the blanks at the beginning of the next.
std::string unquote(std::string_view inner) {
  std::string text;
  while (!inner.empty()) {
    if (inner.front() != '\\') {
      text += inner.front();
      inner.remove_prefix(1);
      continue;
    }
    inner.remove_prefix(1);
    if (const std::size_t eol = match_eol(inner); eol != 0) {
      inner.remove_prefix(eol);
      while (inner.starts_with(' ') || inner.starts_with('\t')) inner.remove_prefix(1);
    } else if (!inner.empty()) {
      text += inner.front();
      inner.remove_prefix(1);
    }
  }
  return text;
}

double to_number(std::string_view text) noexcept {
  std::size_t used = 0;
  return c_strtod(text, used);  // as collectd: no octal, everything a double
}

}  // namespace

Lexer::Lexer(std::shared_ptr<const Source> source, Problems& problems)
    : source_{std::move(source)}, problems_{problems} {
  if (!rest().starts_with("\xef\xbb\xbf")) return;
  problems_.warning(here(3), "the file begins with a byte order mark, which is ignored");
  advance(3);
}

Token Lexer::next() {
  while (true) {
    if (skip_ignored()) continue;
    if (rest().empty()) return {.kind = Token::Kind::end_of_file, .text = {}, .position = here(0)};
    const Match match = longest();
    if (match.size != 0) return take(match);
    complain_of_stray();
  }
}

bool Lexer::skip_ignored() {
  const std::string_view text = rest();
  std::size_t size = 0;
  if (text.starts_with('#')) {
    size = std::min(text.find('\n'), text.size());
    if (size < text.size() && size > 1 && text[size - 1] == '\r') --size;
  } else if (text.starts_with('\\')) {
    const std::size_t eol = match_eol(text.substr(1));
    size = eol != 0 ? 1 + eol : 0;
  } else {
    while (size < text.size() &&
           std::string_view{" \t\b"}.find(text[size]) != std::string_view::npos)
      ++size;
  }
  advance(size);
  return size != 0;
}

Lexer::Match Lexer::longest() const {
  const std::string_view text = rest();
  const char first = text.front();
  const std::array<Match, 10> matches{{
      {Token::Kind::end_of_line, match_eol(text)},
      {Token::Kind::open, first == '<' ? std::size_t{1} : 0},
      {Token::Kind::close, first == '>' ? std::size_t{1} : 0},
      {Token::Kind::slash, first == '/' ? std::size_t{1} : 0},
      {Token::Kind::boolean, match_boolean(text)},
      {Token::Kind::unquoted, match_ipv4(text)},
      {Token::Kind::unquoted, match_ipv6(text)},
      {Token::Kind::number, match_number(text)},
      {Token::Kind::quoted, match_quoted(text)},
      {Token::Kind::unquoted, match_word(text)},
  }};
  return *std::max_element(matches.begin(), matches.end(),
                           [](const Match& a, const Match& b) { return a.size < b.size; });
}

Token Lexer::take(Match match) {
  const std::string_view text = rest().substr(0, match.size);
  Token token{.kind = match.kind, .text = std::string{text}, .position = here(match.size)};
  if (match.kind == Token::Kind::quoted) token.text = unquote(text.substr(1, text.size() - 2));
  if (match.kind == Token::Kind::number) token.number = to_number(text);
  advance(match.size);
  return token;
}

void Lexer::complain_of_stray() {
  const auto byte = static_cast<unsigned char>(rest().front());
  std::string what = "the character ";
  if (byte == '"')
    what = "a quoted string begins here and does not end; its first quote";
  else if (byte > 0x20 && byte < 0x7f)
    what += '\'' + std::string(1, rest().front()) + '\'';
  else
    what += "with the code " + std::to_string(byte);
  std::size_t size = 1;
  if (byte >= 0xc0)  // one character of UTF-8 is one mistake
    while (size < rest().size() && (static_cast<unsigned char>(rest()[size]) & 0xc0) == 0x80)
      ++size;
  problems_.warning(here(size), what + " means nothing here and is skipped",
                    byte == '"' ? "" : "put strings in double quotes");
  advance(size);
}

Position Lexer::here(std::size_t size) const {
  return {source_, line_, static_cast<std::uint32_t>(at_ - line_start_ + 1),
          static_cast<std::uint32_t>(size)};
}

void Lexer::advance(std::size_t size) {
  for (; size > 0; --size, ++at_) {
    if (source_->text[at_] != '\n') continue;
    ++line_;
    line_start_ = at_ + 1;
  }
}

}  // namespace vital
