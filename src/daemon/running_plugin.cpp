// SPDX-License-Identifier: MIT
#include "daemon/running_plugin.h"

#include <algorithm>

#include "daemon/isolated_plugin.h"

namespace vital {

RunningPlugin::RunningPlugin(const Parts& parts, PluginPlan plan)
    : parts_{parts}, plan_{std::move(plan)}, log_{parts.log_hub, plan_.name()} {}

RunningPlugin::~RunningPlugin() {
  disconnect();
  (void)stop_writers(parts_.clock.now());
}

void RunningPlugin::make(const Loader& loader) {
  if (plan_.isolated) {
    object_ = std::make_shared<IsolatedPlugin>(*this, parts_.past_types, plan_, loader);
    return;
  }
  Setup setup{*this, plan_};
  sources_ = setup.sources();
  object_ = loader.make(*plan_.plugin, setup);
  left_out_ = setup.left_out();
}

void RunningPlugin::connect() {
  connected_ = true;
  for (LogSink* sink : sinks_) parts_.log_hub.add(*sink);
  for (Notifier* notifier : immediate_) parts_.pipeline.add(*notifier);
  connect_readers(nullptr);
}

/// A reader is due when the one of the same name was whose place it takes, unless that was at other
/// times.
void RunningPlugin::connect_readers(const RunningPlugin* before) {
  for (AddedReader& added : readers_) {
    Time due{};
    if (before != nullptr)
      for (const AddedReader& old : before->readers_)
        if (old.read && old.spec.name == added.spec.name)
          due =
              old.spec.interval == added.spec.interval
                  ? old.read->due()
                  : Read{added.reader, added.spec, nullptr, log_}.next_on_grid(parts_.clock.wall());
    added.read = parts_.scheduler.add(added.reader, added.spec, sources_,
                                      Log{parts_.log_hub, added.spec.name}, due);
  }
}

Status RunningPlugin::start() {
  for (AddedOutlet& added : outlets_) {
    if (auto status = start(added); !status) return status;
    parts_.pipeline.add(*added.outlet);
  }
  for (const auto& [watcher, name] : watchers_) parts_.pipeline.add(*watcher, name);
  open_sockets();
  return start_services();
}

Status RunningPlugin::start(AddedOutlet& added) {
  added.waits = false;
  if (auto status = added.outlet->start(); !status) return status;
  if (plan_.flush_interval > Span::zero())
    added.outlet->flush_every(plan_.flush_interval, plan_.flush_timeout);
  return {};
}

Status RunningPlugin::start_services() {
  for (; services_started_ < services_.size(); ++services_started_) {
    Service& service = *services_[services_started_];
    if (auto status = service.start(); !status) return status;
    parts_.pipeline.add(name(), service);
  }
  return {};
}

Status RunningPlugin::rehearse() {
  for (Service* const service : services_)
    if (auto status = service->rehearse(); !status) return status;
  return {};
}

void RunningPlugin::open_sockets() {
  for (const ControlSocketSpec& socket : sockets_)
    if (const auto status = parts_.control.add(socket); !status)
      log_.error("no socket for clients: ", status.error());
}

Status RunningPlugin::replace(RunningPlugin& before) {
  connected_ = true;
  for (LogSink* sink : sinks_) parts_.log_hub.add(*sink);
  for (Notifier* notifier : immediate_) parts_.pipeline.add(*notifier);
  replace_outlets(before);
  replace_watchers(before);
  before.disconnect();
  connect_readers(&before);
  open_sockets();
  for (AddedOutlet& added : outlets_) {
    if (added.waits) continue;
    if (auto status = start(added); !status) return status;
    parts_.pipeline.add(*added.outlet);
  }
  return start_services();
}

void RunningPlugin::replace_outlets(RunningPlugin& before) {
  for (AddedOutlet& added : outlets_) {
    AddedOutlet* const old = before.counterpart(*added.outlet);
    if (old == nullptr) continue;
    added.outlet->ledger()->continues(*old->outlet->ledger());
    parts_.pipeline.replace(*old->outlet, *added.outlet);
    added.waits = true;
  }
}

void RunningPlugin::replace_watchers(RunningPlugin& before) {
  for (const auto& [watcher, name] : watchers_) {
    const auto old =
        std::find_if(before.watchers_.begin(), before.watchers_.end(),
                     [&name = name](const auto& other) { return other.second == name; });
    if (old == before.watchers_.end())
      parts_.pipeline.add(*watcher, name);
    else
      parts_.pipeline.replace(*old->first, *watcher);
  }
}

Status RunningPlugin::inherit(RunningPlugin& before) {
  Status outcome;
  for (AddedOutlet& added : outlets_) {
    AddedOutlet* const old = before.counterpart(*added.outlet);
    if (old == nullptr) continue;
    added.outlet->take_over(*old->outlet);
    if (!std::exchange(added.waits, false) || added.passes_on) continue;
    if (auto status = start(added); !status) outcome = status;
  }
  return outcome;
}

void RunningPlugin::retire(RunningPlugin* successor, Nanoseconds writers_may_take) {
  disconnect();
  for (AddedOutlet& added : outlets_) {
    parts_.pipeline.remove(*added.outlet);
    added.passes_on = successor != nullptr && successor->counterpart(*added.outlet) != nullptr;
    if (added.passes_on)
      added.outlet->retire(writers_may_take);
    else
      added.outlet->finish(writers_may_take);
  }
}

bool RunningPlugin::gone() noexcept {
  bool all = true;
  for (const AddedReader& added : readers_)
    all = all && !(added.read && parts_.scheduler.busy(*added.read));
  for (AddedOutlet& added : outlets_) all = !added.waits && added.outlet->ended() && all;
  return all;
}

/// From here on it brings no values, and is told nothing.
void RunningPlugin::disconnect() {
  stop_services();
  if (!std::exchange(connected_, false)) return;
  for (AddedReader& added : readers_)
    if (added.read) parts_.scheduler.remove(added.read);
  for (const ControlSocketSpec& socket : sockets_) parts_.control.remove(socket.path);
  for (const auto& [watcher, name] : watchers_) parts_.pipeline.remove(*watcher);
  for (Notifier* notifier : immediate_) parts_.pipeline.remove(*notifier);
  for (LogSink* sink : sinks_) parts_.log_hub.remove(*sink);
}

void RunningPlugin::stop_services() noexcept {
  while (services_started_ != 0) {
    Service& service = *services_[--services_started_];
    parts_.pipeline.remove(service);
    service.stop();
  }
}

bool RunningPlugin::stop_writers(Steady end) noexcept {
  bool all = true;
  for (const AddedOutlet& added : outlets_) {
    parts_.pipeline.remove(*added.outlet);
    const Nanoseconds left = std::max(Nanoseconds{end - parts_.clock.now()}, Nanoseconds::zero());
    all = added.outlet->stop(left) && all;
  }
  return all;
}

void RunningPlugin::abandon() noexcept {
  // The object is kept by a share that nothing ever drops: a thread is still inside it.
  static_cast<void>(std::make_unique<std::shared_ptr<void>>(object_).release());
}  // NOLINT(clang-analyzer-cplusplus.NewDeleteLeaks): that is the purpose

void RunningPlugin::use_queue() {
  for (AddedOutlet& added : outlets_)
    added.outlet->set_limits(queue_of(added.options, added.leaves_host));
}

bool RunningPlugin::has_journal_default() const noexcept {
  return std::any_of(outlets_.begin(), outlets_.end(), [](const AddedOutlet& added) {
    return added.leaves_host &&
           (added.options == nullptr || added.options->blocks("Journal").empty());
  });
}

RunningPlugin::AddedOutlet* RunningPlugin::counterpart(const Outlet& outlet) noexcept {
  const auto found = std::find_if(outlets_.begin(), outlets_.end(), [&](const AddedOutlet& added) {
    return added.outlet->name() == outlet.name() &&
           added.outlet->takes_values() == outlet.takes_values();
  });
  return found == outlets_.end() ? nullptr : &*found;
}

QueueOptions RunningPlugin::queue_of(const Options* options, bool leaves_host) const {
  QueueOptions queue = parts_.queue;
  queue.journal.on = queue.journal.on && leaves_host;
  if (options != nullptr) queue = queue_options(*options, std::move(queue));
  return queue;
}

void RunningPlugin::add(Reader& reader, const ReaderSpec& spec) {
  readers_.push_back({reader, spec, nullptr});
}

void RunningPlugin::add(Writer& writer, const WriterSpec& spec) {
  QueueOptions queue = queue_of(spec.options, spec.leaves_host);
  queue.log_failures = spec.log_failures;
  add_outlet(spec.name, &writer, nullptr, spec.ledger, queue, spec.options, spec.leaves_host);
}

void RunningPlugin::add(Watcher& watcher, std::string name) {
  watchers_.emplace_back(&watcher, std::move(name));
}

void RunningPlugin::add(Notifier& notifier, const NotifierSpec& spec) {
  if (spec.immediate) return immediate_.push_back(&notifier);
  add_outlet(spec.name, nullptr, &notifier, nullptr, queue_of(spec.options, spec.leaves_host),
             spec.options, spec.leaves_host);
}

void RunningPlugin::add_outlet(std::string name, Writer* writer, Notifier* notifier,
                               std::shared_ptr<Ledger> ledger, const QueueOptions& queue,
                               const Options* options, bool leaves_host) {
  if (!ledger) ledger = std::make_shared<Ledger>();
  name = own_name(name, writer != nullptr);
  Log log{parts_.log_hub, name};
  // A plugin may have a writer and a notifier of the same name.
  const std::string place = writer != nullptr ? name : name + "-notifications";
  auto journal = queue.journal.on ? make_journal(place, queue.journal) : nullptr;
  auto outlet = std::make_unique<Outlet>(std::move(name), writer, notifier, std::move(ledger),
                                         queue, parts_.clock, std::move(log), std::move(journal));
  outlets_.push_back({std::move(outlet), options, leaves_host});
}  // NOLINT(clang-analyzer-cplusplus.NewDeleteLeaks): it is in outlets_

/// Two blocks of a plugin may have been given one name; queue, counts and journal are not shared.
std::string RunningPlugin::own_name(const std::string& name, bool values) const {
  const auto is_taken = [&](std::string_view wanted) {
    return std::any_of(outlets_.begin(), outlets_.end(), [&](const AddedOutlet& added) {
      return added.outlet->name() == wanted && added.outlet->takes_values() == values;
    });
  };
  std::string own = name;
  for (int i = 2; is_taken(own); ++i) own = name + "#" + std::to_string(i);
  return own;
}

/// One directory for each writer, also where a directory is given for all of them.
std::unique_ptr<Journal> RunningPlugin::make_journal(std::string name,
                                                     const JournalOptions& options) {
  std::replace(name.begin(), name.end(), '/', '_');
  const std::string directory = options.directory.empty() ? "journal" : options.directory;
  return std::make_unique<Journal>(directory + "/" + name, limits_of(options), parts_.series,
                                   parts_.past_types, parts_.clock);
}

void RunningPlugin::add(LogSink& sink) { sinks_.push_back(&sink); }

void RunningPlugin::add(Service& service) { services_.push_back(&service); }

void RunningPlugin::add(const ControlSocketSpec& socket) {
  sockets_.push_back(socket);
  if (sockets_.back().interval == Span::zero()) sockets_.back().interval = plan_.interval;
}

}  // namespace vital
