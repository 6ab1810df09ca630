// SPDX-License-Identifier: MIT
#pragma once
#include <memory>
#include <mutex>
#include <optional>

#include "base/disciplined_clock.h"
#include "daemon/alerts.h"
#include "daemon/errands.h"
#include "daemon/filter_chains.h"
#include "daemon/own_socket.h"
#include "daemon/privileges.h"
#include "daemon/process.h"
#include "daemon/reload.h"
#include "daemon/state_keeper.h"
#include "daemon/upkeep.h"

namespace vital {

/// The running daemon: builds its parts from a checked configuration, wires them, and waits for
/// signals until it is told to stop.
///
/// Threads  the main thread
class Daemon {
 public:
  /// `types` and `configuration` were read from `source` before the daemon went to the background.
  /// `self` is what the loader's own plugin asks about.
  Daemon(const ConfigurationSource& source, Configuration configuration, Types types,
         SelfSources& self);
  ~Daemon();

  /// Runs until a signal ends it; the process's exit status.
  int run();
  /// -T: everything once.
  int read_once();

 private:
  enum class Event { nothing, stop };

  bool give_up_privileges();
  bool go_to_base_dir();
  bool go_to_background();
  void log_problems();
  void open_control_socket();
  ControlContext control_context();
  void reload();
  void publish_problems();
  Problems problems() const;
  bool begin();
  void wait();
  Event handle_signals();
  void flush_all();
  void name_is_known(bool give_up);
  int poll_timeout(Steady now) const;
  bool stop();

  const CommandLine& line_;
  const Places& places_;
  Configuration configuration_;
  Types types_;

  LogHub log_hub_;
  Log log_;
  SystemClock system_clock_;
  DisciplinedClock clock_;
  const Time started_;
  const bool root_;  // it was when it was started
  ServiceManager manager_;
  Background background_;
  std::optional<PidFile> pid_file_;
  Privileges privileges_;
  Fd signals_;
  HostName host_name_;
  Steady give_up_name_;
  Steady next_watchdog_ = Steady::max();
  Steady settled_ = Steady::max();  // what only the first ticks needed may go

  PastTypes past_types_;  // before the series that are of them
  SeriesTable series_;
  Children children_;
  std::unique_ptr<Pipeline> pipeline_;
  std::unique_ptr<Scheduler> scheduler_;
  std::unique_ptr<ControlServer> control_;
  std::unique_ptr<Parts> parts_;
  std::unique_ptr<Upkeep> upkeep_;
  std::unique_ptr<OwnSocket> own_socket_;
  std::unique_ptr<CacheState> cache_state_;
  std::unique_ptr<AlertState> alert_state_;
  std::unique_ptr<SilenceState> silence_state_;
  std::unique_ptr<StateKeeper> state_;
  std::unique_ptr<FilterChains> chains_;
  std::unique_ptr<Assembly> assembly_;
  std::unique_ptr<Reloader> reloader_;
  Errands errands_;

  mutable std::mutex problems_mutex_;
  Problems problems_;  // guarded by it: those of configuration_, for clients
};

}  // namespace vital
