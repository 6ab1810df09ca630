// SPDX-License-Identifier: MIT
#include <syslog.h>

#include "base/strings.h"
#include "lib/log_level.h"
#include "plugin/plugin.h"

namespace vital::syslog {
namespace {

int priority_of(Level level) noexcept {
  switch (level) {
    case Level::failure:
      return LOG_ERR;
    case Level::warning:
      return LOG_WARNING;
    case Level::okay:
      return LOG_NOTICE;
  }
  return LOG_ERR;
}

}  // namespace

/// Hands messages and notifications to the host's syslog.
class SyslogPlugin final : public LogSink, public Notifier {
 public:
  explicit SyslogPlugin(Setup& setup)
      : least_{severity_of(setup.options().text("LogLevel"))},
        notify_{parse_level(setup.options().text("NotifyLevel"))} {
    ::openlog("vitald", LOG_CONS | LOG_PID, LOG_DAEMON);
    setup.add(static_cast<LogSink&>(*this));
    if (notify_) setup.add(static_cast<Notifier&>(*this), {.immediate = true});
  }
  ~SyslogPlugin() override { ::closelog(); }

  void write(Severity severity, std::string_view message) noexcept override {
    if (severity <= least_) send(static_cast<int>(severity), message);
  }

  /// Both bounds count, as in collectd: NotifyLevel by level, LogLevel by what it is logged as.
  Status notify(const Notification& notification) noexcept override {
    const int priority = priority_of(notification.level);
    if (notification.level <= *notify_ && priority <= static_cast<int>(least_))
      send(priority, log_line(notification));
    return {};
  }

 private:
  static void send(int priority, std::string_view message) noexcept {
    ::syslog(priority, "%.*s", static_cast<int>(message.size()), message.data());
  }

  const Severity least_;
  const Result<Level> notify_;  // an error: no notification is sent
};

}  // namespace vital::syslog

extern "C" void vital_register(vital::Registry& registry) {
  registry.plugin<vital::syslog::SyslogPlugin>("syslog", "Writes the log to the host's syslog.")
      .early()
      .note(
          "Messages come from vitald, facility daemon. Notifications are errors (FAILURE), "
          "warnings (WARNING) and notices (OKAY); LogLevel keeps them back like other messages.")
      .option("LogLevel", vital::log_levels(),
              "The least grave messages that are sent: debug, info, notice, warning or err. "
              "emerg, alert and crit count as err.")
      .option("NotifyLevel", vital::Choice{"none", "OKAY", "WARNING", "FAILURE"},
              "The least grave notifications that are sent. OKAY sends all of them.");
}
