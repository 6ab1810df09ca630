// SPDX-License-Identifier: MIT
#pragma once
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/ledger.h"
#include "plugin/loader.h"
#include "support/fake_clock.h"
#include "support/fixture.h"

namespace vital::test {

/// A plugin as the daemon loads it: the built module, set up with options as text, over a tree of
/// fixtures. What its readers produce is recorded as text, what it logs as well.
class PluginUnderTest final : public Host, private LogSink {
 public:
  /// `options`: what would stand in its <Plugin> block. Throws SetupError and ConfigError as the
  /// plugin's constructor does; a mistake in the options is a ConfigError too.
  PluginUnderTest(std::string_view plugin, const Fixture& root, std::string_view options = {});
  /// The same over any directory.
  PluginUnderTest(std::string_view plugin, const std::string& root, std::string_view options = {});
  /// A plugin that the test registers itself, to give it what no module can be given.
  PluginUnderTest(const std::function<void(Registry&)>& registers, std::string_view plugin,
                  const std::string& root, std::string_view options = {});
  ~PluginUnderTest() override;

  /// Reads once with every reader; the interval of 10 s passes before each read but the first.
  /// The first failure, if there was one.
  Status read();
  /// What the reads produced since the last call: a line "plugin/type value ..." for each sample,
  /// in their order, without the host. Values are raw: totals as totals.
  std::string recorded();
  /// The same, sorted: for readers that walk through directories.
  std::string sorted();

  /// Gives values to every writer, as PUTVAL lines without their command word, and counts them as
  /// an outlet does. The first failure.
  Status write(std::string_view lines);
  Status write(const Batch& batch);
  Status flush(const FlushRequest& request = {});
  /// Wakes each writer whose moment has come. False: there was none.
  bool wake();
  const Ledger& ledger() const noexcept { return *ledger_; }

  /// Starts its services, and stops them; they stop at the latest when the plugin goes. What they
  /// submit is recorded as reads are, with the host.
  Status start();
  void stop() noexcept;
  /// Waits until so many samples were recorded since the last recorded(); false: they were not,
  /// within seconds.
  bool await_recorded(std::size_t count);

  /// Each notification that was raised, as log plugins print it.
  std::string notifications();
  /// What was logged: "warning: ..." a line.
  std::string logged();

  FakeClock& fake_clock() noexcept { return clock_; }
  /// How often the readers or writers allocated during the last read() or write().
  std::uint64_t allocations() const noexcept { return allocations_; }
  std::size_t readers() const noexcept { return readers_.size(); }

  /// What it added to hear messages and notifications.
  Watcher& watcher(std::size_t at = 0) { return *watchers_.at(at); }
  LogSink& sink(std::size_t at = 0) { return *sinks_.at(at); }
  Notifier& notifier(std::size_t at = 0) { return *notifiers_.at(at); }
  std::size_t notifiers() const noexcept { return notifiers_.size(); }
  const std::vector<ControlSocketSpec>& sockets() const noexcept { return sockets_; }

  const Clock& clock() const override { return clock_; }
  const Types& types() const override { return types_; }
  LogHub& log_hub() override { return log_hub_; }
  Root root() const override { return root_; }
  SeriesTable& series() override { return series_; }
  std::string host_name() const override { return "host"; }
  void submit(std::shared_ptr<Batch> batch) override;
  void publish() override {}
  void notify(Notification notification) override;
  void add(Reader& reader, const ReaderSpec&) override { readers_.push_back(&reader); }
  void add(Writer& writer, const WriterSpec& spec) override;
  void add(Watcher& watcher, std::string) override { watchers_.push_back(&watcher); }
  void add(Notifier& notifier, const NotifierSpec&) override { notifiers_.push_back(&notifier); }
  void add(LogSink& sink) override { sinks_.push_back(&sink); }
  void add(Service& service) override { services_.push_back(&service); }
  void add(const ControlSocketSpec& socket) override { sockets_.push_back(socket); }
  Children& children() override { return children_; }
  void flush(std::string_view, const FlushRequest&) override {}
  void write(std::string_view, std::shared_ptr<Batch> batch) override { submit(std::move(batch)); }

 private:
  void write(Severity severity, std::string_view message) noexcept override;
  void record(const Batch& batch, bool with_host);

  FakeClock clock_;
  Types types_;
  LogHub log_hub_;
  Root root_;
  SeriesTable series_;
  Children children_;
  Declaration globals_, load_plugin_;
  std::unique_ptr<Loader> loader_;
  Configuration configuration_;
  std::vector<Reader*> readers_;
  std::vector<Writer*> writers_;
  std::vector<Watcher*> watchers_;
  std::vector<Notifier*> notifiers_;
  std::vector<Service*> services_;
  std::vector<LogSink*> sinks_;
  std::vector<ControlSocketSpec> sockets_;
  std::size_t services_started_ = 0;
  std::shared_ptr<Ledger> ledger_ = std::make_shared<Ledger>();
  std::shared_ptr<void> object_;
  Batch batch_;
  std::mutex mutex_;  // guards what is recorded
  std::condition_variable more_;
  std::vector<std::string> recorded_;
  std::string notifications_, logged_;
  std::uint64_t allocations_ = 0;
  bool first_ = true;
};

}  // namespace vital::test
