// SPDX-License-Identifier: MIT
#pragma once
#include "model/notification.h"

namespace vital::notify_nagios {

/// A notification as Nagios takes the result of a passive check on its command file, line feed
/// included:
///
///     [TIME] PROCESS_SERVICE_CHECK_RESULT;HOST;PLUGIN[-INSTANCE]/TYPE[-INSTANCE];CODE;MESSAGE
///
/// Bytes that would end the line or a field become blanks. The message may have semicolons.
///
/// Units    whole seconds since 1970, rounded
/// Threads  pure
/// Source   collectd 5.12's notify_nagios; Nagios Core 4, "External Commands"
std::string check_result(const Notification& notification);

}  // namespace vital::notify_nagios
