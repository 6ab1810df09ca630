// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <new>

#include "base/fd.h"
#include "notify_nagios/check_result.h"
#include "plugin/plugin.h"

namespace vital::notify_nagios {

/// Writes the results of passive checks into Nagios's command file.
///
/// Threads  its outlet's
class NagiosNotifier final : public Notifier {
 public:
  explicit NagiosNotifier(Setup& setup)
      : path_{setup.options().text("CommandFile")}, clock_{setup.clock()} {}

  /// Opened each time: Nagios makes the file anew when it starts.
  Status notify(const Notification& notification) noexcept override {
    try {
      Notification dated = notification;
      if (dated.time == Time{}) dated.time = clock_.wall();
      return append(check_result(dated));
    } catch (const std::bad_alloc&) {
      return Error{Errc::temporary, "no memory", ENOMEM};
    }
  }

 private:
  /// A FIFO that nobody reads, or that is full, must not hold up the outlet: it is tried again. It
  /// takes a line as a whole or not at all.
  Status append(std::string_view line) const noexcept {
    auto file = open_file(path_.c_str(), O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY);
    if (!file && file.error().number() == ENXIO) {
      Text<Error::kLongestCulprit> why;
      return Error{Errc::temporary, why.add("nobody reads ").add_cut(path_).view()};
    }
    if (!file) return Error{Errc::temporary, path_, file.error().number()};
    const ssize_t count = ::write(file->get(), line.data(), line.size());
    if (count == static_cast<ssize_t>(line.size())) return {};
    return Error{Errc::temporary, path_, count < 0 ? errno : EAGAIN};
  }

  const std::string path_;
  const Clock& clock_;
};

}  // namespace vital::notify_nagios

extern "C" void vital_register(vital::Registry& registry) {
  registry
      .notifier<vital::notify_nagios::NagiosNotifier>(
          "notify_nagios", "Hands notifications to Nagios or Icinga as results of passive checks.")
      .note(
          "FAILURE is CRITICAL, WARNING and OKAY are what they say. The service is named as the "
          "series is: PLUGIN[-INSTANCE]/TYPE[-INSTANCE]. While nobody reads the command file, "
          "notifications wait and are tried again.")
      .option("CommandFile", "/usr/local/nagios/var/rw/nagios.cmd",
              "Nagios's command file. On Debian /var/lib/nagios4/rw/nagios.cmd.")
      .called("PATH");
}
