// SPDX-License-Identifier: MIT
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "control/server.h"
#include "daemon/host_name.h"
#include "plugin/loader.h"
#include "scheduler/scheduler.h"

namespace vital {

/// The parts of the daemon that plugins are wired to.
struct Parts {
  Clock& clock;
  const Types& types;
  LogHub& log_hub;
  Root root;
  SeriesTable& series;
  Pipeline& pipeline;
  Scheduler& scheduler;
  ControlServer& control;
  const HostName& host_name;
  PastTypes& past_types;
  QueueOptions queue;
};

/// A plugin together with all that it added: made and started as the configuration says, stopped in
/// an order in which no value is lost.
///
/// Threads  the main thread; what it offers as a Host is as that says
class RunningPlugin final : public Host {
 public:
  RunningPlugin(const Parts& parts, PluginPlan plan);
  RunningPlugin(const RunningPlugin&) = delete;
  RunningPlugin& operator=(const RunningPlugin&) = delete;
  ~RunningPlugin() override;

  /// Runs the plugin's constructor and wires what it adds. Throws SetupError, ConfigError.
  void make(const Loader& loader);
  Status start();
  void stop_services() noexcept;
  /// Lets its writers deliver what waits. False: one of them hangs.
  bool stop_writers(Steady end) noexcept;
  /// One of its threads hangs in its code: it must never be unloaded.
  void abandon() noexcept;

  const std::string& name() const noexcept { return plan_.name(); }
  const PluginPlan& plan() const noexcept { return plan_; }
  bool reads() const noexcept { return readers_ != 0; }

  const Clock& clock() const override { return parts_.clock; }
  const Types& types() const override { return parts_.types; }
  LogHub& log_hub() override { return parts_.log_hub; }
  Root root() const override { return parts_.root; }
  SeriesTable& series() override { return parts_.series; }
  std::string host_name() const override { return parts_.host_name.name(); }
  void submit(std::shared_ptr<Batch> batch) override { parts_.pipeline.submit(std::move(batch)); }
  void publish() override { parts_.pipeline.publish(); }
  void notify(Notification notification) override {
    parts_.pipeline.notify(std::move(notification));
  }
  void add(Reader& reader, const ReaderSpec& spec) override;
  void add(Writer& writer, const WriterSpec& spec) override;
  void add(Notifier& notifier, std::string name, bool immediate) override;
  void add(LogSink& sink) override;
  void add(Service& service) override;
  void add(const ControlSocketSpec& socket) override;

 private:
  void add_outlet(std::string name, Writer* writer, Notifier* notifier,
                  std::shared_ptr<Ledger> ledger, const QueueOptions& queue);
  std::unique_ptr<Journal> make_journal(std::string name, const JournalOptions& options);

  const Parts& parts_;
  const PluginPlan plan_;
  const Log log_;
  std::shared_ptr<Sources> sources_;
  std::shared_ptr<void> object_;
  std::size_t readers_ = 0;
  std::vector<std::unique_ptr<Outlet>> outlets_;
  std::vector<Notifier*> immediate_;
  std::vector<LogSink*> sinks_;
  std::vector<Service*> services_;
  std::size_t services_started_ = 0;
};

}  // namespace vital
