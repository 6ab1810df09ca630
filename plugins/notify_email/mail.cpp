// SPDX-License-Identifier: MIT
#include "notify_email/mail.h"

#include <algorithm>
#include <ctime>

#include "base/clock.h"
#include "base/strings.h"

namespace vital::notify_email {
namespace {

constexpr std::string_view kEnd = "\r\n";

bool is_printable(char c) noexcept { return c >= ' ' && c <= '~'; }

/// One line: control characters become blanks.
std::string one_line(std::string_view text) {
  std::string line{text};
  for (char& c : line)
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = ' ';
  return line;
}

/// A date as RFC 5322 wants it, in UTC and in English whatever the locale.
std::string date_of(Time moment) {
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto second = static_cast<std::time_t>(rounded_seconds(moment));
  std::tm at{};
  ::gmtime_r(&second, &at);
  char text[64];
  std::snprintf(text, sizeof text, "%s, %02d %s %d %02d:%02d:%02d +0000", kDays[at.tm_wday],
                at.tm_mday, kMonths[at.tm_mon], at.tm_year + 1900, at.tm_hour, at.tm_min,
                at.tm_sec);
  return text;
}

std::string subject_of(std::string_view pattern, const Notification& notification) {
  const std::string_view words[] = {name_of(notification.level), notification.host};
  std::string text;
  std::size_t word = 0;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%' || i + 1 == pattern.size()) {
      text += pattern[i];
    } else if (pattern[++i] == 's') {
      text += words[std::min<std::size_t>(word++, 1)];
    } else {
      text += pattern[i];
    }
  }
  return one_line(text);
}

void append_header(std::string& mail, std::string_view name, std::string_view text) {
  mail.append(name).append(": ").append(text).append(kEnd);
}

void append_field(std::string& mail, std::string_view name, const std::string& text) {
  if (!text.empty()) mail.append(name).append(": ").append(one_line(text)).append(kEnd);
}

void append_body(std::string& mail, const Notification& notification) {
  mail.append(local_time(notification.time).view()).append(" - ");
  mail.append(name_of(notification.level)).append("@").append(one_line(notification.host));
  mail.append(kEnd).append(kEnd);
  append_field(mail, "Host", notification.host);
  append_field(mail, "Plugin", notification.plugin);
  append_field(mail, "Plugin instance", notification.plugin_instance);
  append_field(mail, "Type", notification.type);
  append_field(mail, "Type instance", notification.type_instance);
  mail.append(kEnd).append("Message: ").append(one_line(notification.message)).append(kEnd);
}

}  // namespace

std::string subject_complaint(std::string_view subject) {
  int words = 0;
  for (std::size_t i = 0; i < subject.size(); ++i) {
    if (subject[i] != '%') continue;
    const char next = ++i < subject.size() ? subject[i] : '\0';
    if (next != 's' && next != '%') return "has a % that neither %s nor %% is";
    words += next == 's';
  }
  return words > 2 ? "has more than two %s: the severity and the host" : "";
}

/// Words of at most 75 bytes, never cut within a character of UTF-8.
std::string header_text(std::string_view text) {
  if (std::all_of(text.begin(), text.end(), is_printable)) return std::string{text};
  constexpr std::size_t kLongestWord = 60;
  constexpr std::string_view kBegin = "=?UTF-8?Q?", kDigits = "0123456789ABCDEF";
  std::string result{kBegin};
  std::size_t begun = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (result.size() - begun > kLongestWord && (byte & 0xc0) != 0x80) {
      result.append("?=").append(kEnd).append(" ");
      begun = result.size();
      result += kBegin;
    }
    if (is_alnum(c))
      result += c;
    else
      result.append("=").append(1, kDigits[byte >> 4]).append(1, kDigits[byte & 15]);
  }
  return result + "?=";
}

std::string mail_of(const Notification& notification, const Envelope& envelope, Time now,
                    std::string_view id) {
  std::string mail;
  append_header(mail, "MIME-Version", "1.0");
  append_header(mail, "Content-Type", "text/plain; charset=\"UTF-8\"");
  append_header(mail, "Content-Transfer-Encoding", "8bit");
  append_header(mail, "Subject", header_text(subject_of(envelope.subject, notification)));
  append_header(mail, "Date", date_of(now));
  append_header(mail, "From", envelope.from);
  append_header(mail, "Message-Id", id);
  append_header(mail, "To", join(envelope.recipients, ",\r\n\t"));
  mail += kEnd;
  append_body(mail, notification);
  return mail;
}

}  // namespace vital::notify_email
