// SPDX-License-Identifier: MIT
#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "base/disciplined_clock.h"
#include "daemon/process.h"
#include "daemon/running_plugin.h"
#include "daemon/self.h"
#include "daemon/startup.h"

namespace vital {

/// The running daemon: builds its parts from a checked configuration, wires them, and waits for
/// signals until it is told to stop.
///
/// Threads  the main thread
class Daemon {
 public:
  /// `types` and `configuration` were read before the daemon went to the background. `self` is what
  /// the loader's own plugin asks about.
  Daemon(const CommandLine& line, const Places& places, Configuration configuration, Types types,
         const Loader& loader, SelfSources& self);
  ~Daemon();

  /// Runs until a signal ends it; the process's exit status.
  int run();
  /// -T: everything once.
  int read_once();

 private:
  class Housekeeper;
  enum class Event { nothing, stop };

  bool go_to_base_dir();
  bool go_to_background();
  void log_problems();
  void make_plugins();
  void make_plugin(const PluginPlan& plan);
  void start_plugins();
  void open_control_socket();
  std::string control_path() const;
  ControlContext control_context();
  void begin();
  void wait();
  Event handle_signals();
  void flush_all();
  void name_is_known(bool give_up);
  int poll_timeout(Steady now) const;
  bool stop();

  const CommandLine& line_;
  const Places& places_;
  Configuration configuration_;
  const Types types_;
  const Loader& loader_;

  LogHub log_hub_;
  Log log_;
  SystemClock system_clock_;
  DisciplinedClock clock_;
  const Time started_;
  ServiceManager manager_;
  Background background_;
  std::optional<PidFile> pid_file_;
  Fd signals_;
  HostName host_name_;
  Steady give_up_name_;
  Steady next_watchdog_ = Steady::max();

  PastTypes past_types_;  // before the series that are of them
  SeriesTable series_;
  std::unique_ptr<Pipeline> pipeline_;
  std::unique_ptr<Scheduler> scheduler_;
  std::unique_ptr<ControlServer> control_;
  std::unique_ptr<Parts> parts_;
  std::unique_ptr<Housekeeper> housekeeper_;
  std::vector<std::unique_ptr<RunningPlugin>> plugins_;
  bool set_up_failed_ = false;
};

}  // namespace vital
