// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "model/notification.h"

namespace vital::notify_email {

/// What is the same in all mails.
struct Envelope {
  std::string from;
  std::vector<std::string> recipients;
  std::string subject;  // with "%s" for the severity, then for the host; "%%" is a percent sign
};

/// What is wrong with a subject template; empty: nothing.
std::string subject_complaint(std::string_view subject);

/// A notification as a mail, headers and all, lines ending with CR LF: what collectd 5.12 sends,
/// but in UTF-8. Nothing in the notification can add a header or a line.
///
/// `now` is when it is written, `id` what tells it from all others.
///
/// Threads  pure, but for the time zone of the body's first line, which is local
/// Source   RFC 5322, RFC 2047 for the subject
std::string mail_of(const Notification& notification, const Envelope& envelope, Time now,
                    std::string_view id);

/// Text for a header: as it is, or as encoded words if it has other bytes than printable ASCII.
std::string header_text(std::string_view text);

}  // namespace vital::notify_email
