// SPDX-License-Identifier: MIT
#include <algorithm>

#include "fuzz/fuzz.h"
#include "notify_email/mail.h"
#include "notify_http/body.h"
#include "notify_nagios/check_result.h"
#include "tools/nagios_alerts.h"

using namespace vital;

namespace {

/// Whatever a notification holds, it makes one line, one mail, one string.
void deliver(const Notification& notification) {
  const std::string line = notify_nagios::check_result(notification);
  fuzz::promise(std::count(line.begin(), line.end(), '\n') == 1 && line.back() == '\n');

  const notify_email::Envelope envelope{
      .from = "a@b", .recipients = {"c@d"}, .subject = "%s on %s"};
  const std::string mail = notify_email::mail_of(notification, envelope, Time{}, "<1@h>");
  std::size_t lines = 0;
  for (std::size_t at = 0; at < mail.size(); ++at) {
    if (mail[at] != '\r' && mail[at] != '\n') continue;
    fuzz::promise(mail[at] == '\r' && mail[at + 1] == '\n');
    ++at;
    ++lines;
  }
  const auto head = mail.substr(0, mail.find("\r\n\r\n"));
  fuzz::promise(lines < 40 && head.find("\r\nBcc") == std::string::npos);

  std::string escaped;
  notify_http::append_escaped(notification.message, escaped);
  for (std::size_t at = 0; at < escaped.size(); ++at) {
    fuzz::promise(static_cast<unsigned char>(escaped[at]) >= ' ' && escaped[at] != '"');
    if (escaped[at] == '\\') ++at;
  }
}

}  // namespace

/// Any line is an alert or malformed, and an alert is told in as many lines as there are alerts.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  if (auto alert = parse_alert(text)) {
    const bool fires = alert->level != Level::okay;
    const std::string told = judge({std::move(*alert)}).text;
    fuzz::promise(std::count(told.begin(), told.end(), '\n') == (fires ? 2 : 1));
    fuzz::promise(std::count(told.begin(), told.end(), '|') == 1);
  }
  NagiosRange range;
  range.read(text);
  (void)range.is_bad(1);

  Notification notification;
  const auto part = [&](std::size_t nth) {
    return std::string{text.substr(size * nth / 6, size / 6)};
  };
  notification.host = part(0);
  notification.plugin = part(1);
  notification.plugin_instance = part(2);
  notification.type = part(3);
  notification.type_instance = part(4);
  notification.set_message(part(5));
  deliver(notification);
  return 0;
}
