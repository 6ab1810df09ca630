// SPDX-License-Identifier: MIT
#include "base/strings.h"
#include "lib/log_level.h"
#include "logfile/line_file.h"
#include "plugin/plugin.h"

namespace vital::logfile {

/// Writes messages and notifications to a file, one line each, as collectd's plugin does.
class LogfilePlugin final : public LogSink, public Notifier {
 public:
  explicit LogfilePlugin(Setup& setup)
      : least_{severity_of(setup.options().text("LogLevel"))},
        clock_{setup.clock()},
        file_{setup.options().text("File"),
              {.time = setup.options().flag("Timestamp"),
               .severity = setup.options().flag("PrintSeverity")},
              clock_} {
    setup.add(static_cast<LogSink&>(*this));
    setup.add(static_cast<Notifier&>(*this), {.immediate = true});
  }

  void write(Severity severity, std::string_view message) noexcept override {
    if (severity <= least_) file_.add(severity, clock_.wall(), message);
  }
  void reopen() noexcept override { file_.reopen(); }

  /// Whatever LogLevel says: who loads the plugin hears of every notification.
  Status notify(const Notification& notification) noexcept override {
    const Time time = notification.time == Time{} ? clock_.wall() : notification.time;
    file_.add(Severity::info, time, log_line(notification));
    return {};
  }

 private:
  const Severity least_;
  const Clock& clock_;
  LineFile file_;
};

}  // namespace vital::logfile

extern "C" void vital_register(vital::Registry& registry) {
  registry.plugin<vital::logfile::LogfilePlugin>("logfile", "Writes the log to a file.")
      .early()
      .note(
          "Notifications are written at their own time and whatever LogLevel is. A file that was "
          "moved or removed, by logrotate for example, is made anew within a second, and at once "
          "on SIGHUP; nobody has to tell the daemon. When the file cannot be written, that is said "
          "once on standard error; when it can be again, the first line says how many messages "
          "were lost.")
      .option("LogLevel", vital::log_levels(),
              "The least grave messages that are written: debug, info, notice, warning or err. "
              "emerg, alert and crit count as err.")
      .option("File", "vitald.log",
              "Where to write, by default in BaseDir; stdout or stderr writes to the standard "
              "output or standard error.")
      .called("PATH")
      .written(vital::OptionDeclaration::Written::file)
      .option("Timestamp", true, "Begin each line with the local time.")
      .option("PrintSeverity", false, "Begin each message with its severity, such as [warning].");
}
