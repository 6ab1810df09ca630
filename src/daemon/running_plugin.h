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
  Children& children;
  QueueOptions queue;  // of writers whose options say nothing else
};

/// A plugin together with all that it added: made as the configuration says, wired and started, and
/// stopped in an order in which no value is lost. While the daemon runs it can take another one's
/// place: make() goes first, and if that throws nothing has happened.
///
/// Threads  the main thread; what it offers as a Host is as that says
class RunningPlugin final : public Host {
 public:
  RunningPlugin(const Parts& parts, PluginPlan plan);
  RunningPlugin(const RunningPlugin&) = delete;
  RunningPlugin& operator=(const RunningPlugin&) = delete;
  ~RunningPlugin() override;

  /// Runs the plugin's constructor and notes what it adds. Throws SetupError, ConfigError.
  void make(const Loader& loader);
  /// Wires what takes messages, and the readers: they are read from the scheduler's start on.
  void connect();
  /// Its writers, services and sockets begin.
  Status start();

  /// Does what connect() and start() do, in the place of `before`, which is disconnected and asked
  /// to end. Writers that `before` had as well do not begin yet: their values wait.
  Status replace(RunningPlugin& before);
  /// Takes over what waits in the writers of `before`, and begins with those that it had as well.
  Status inherit(RunningPlugin& before);
  /// It is not wanted any more: no values come from it or go to it, and it is asked to end. What
  /// waits for writers that `successor` has as well waits for that; the others deliver it.
  void retire(RunningPlugin* successor, Nanoseconds writers_may_take);
  /// All of its threads have left it: it may be destroyed.
  bool gone() noexcept;

  void stop_services() noexcept;
  /// Lets its writers deliver what waits. False: one of them hangs.
  bool stop_writers(Steady end) noexcept;
  /// One of its threads hangs in its code: it must never be unloaded.
  void abandon() noexcept;

  /// Before it takes another's place: what speaks against its start.
  Status rehearse();

  /// Parts of its options that it does without; known when it was made.
  const Problems& left_out() const noexcept { return left_out_; }

  /// The options about queues in its parts have changed.
  void use_queue();

  const std::string& name() const noexcept { return plan_.name(); }
  const PluginPlan& plan() const noexcept { return plan_; }
  bool reads() const noexcept { return !readers_.empty(); }
  bool serves() const noexcept { return !services_.empty(); }
  bool has_journal_default() const noexcept;

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
  void add(Watcher& watcher, std::string name) override;
  void add(Notifier& notifier, const NotifierSpec& spec) override;
  void add(LogSink& sink) override;
  void add(Service& service) override;
  void add(const ControlSocketSpec& socket) override;
  Children& children() override { return parts_.children; }
  void flush(std::string_view writer, const FlushRequest& request) override {
    (void)parts_.pipeline.flush(writer, request, {});
  }
  void write(std::string_view writer, std::shared_ptr<Batch> batch) override {
    parts_.pipeline.write(writer, std::move(batch));
  }

 private:
  struct AddedReader {
    Reader& reader;
    ReaderSpec spec;
    std::shared_ptr<Read> read;  // once connected
  };
  struct AddedOutlet {
    std::unique_ptr<Outlet> outlet;
    const Options* options;  // about its queue, of plan_
    bool leaves_host;
    bool waits = false;      // for its predecessor to end
    bool passes_on = false;  // what waits in it, to its successor
  };

  void add_outlet(std::string name, Writer* writer, Notifier* notifier,
                  std::shared_ptr<Ledger> ledger, const QueueOptions& queue, const Options* options,
                  bool leaves_host);
  std::string own_name(const std::string& name, bool values) const;
  std::unique_ptr<Journal> make_journal(std::string name, const JournalOptions& options);
  QueueOptions queue_of(const Options* options, bool leaves_host) const;
  Status start(AddedOutlet& added);
  Status start_services();
  void open_sockets();
  void replace_outlets(RunningPlugin& before);
  void replace_watchers(RunningPlugin& before);
  void connect_readers(const RunningPlugin* before);
  void disconnect();
  AddedOutlet* counterpart(const Outlet& outlet) noexcept;

  const Parts& parts_;
  const PluginPlan plan_;
  const Log log_;
  std::shared_ptr<Sources> sources_;
  Problems left_out_;
  std::shared_ptr<void> object_;
  std::vector<AddedReader> readers_;
  std::vector<AddedOutlet> outlets_;
  std::vector<std::pair<Watcher*, std::string>> watchers_;
  std::vector<Notifier*> immediate_;
  std::vector<LogSink*> sinks_;
  std::vector<Service*> services_;
  std::vector<ControlSocketSpec> sockets_;
  std::size_t services_started_ = 0;
  bool connected_ = false;
};

}  // namespace vital
