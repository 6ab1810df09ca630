// SPDX-License-Identifier: MIT
#include "daemon/running_plugin.h"

#include <algorithm>

namespace vital {

RunningPlugin::RunningPlugin(const Parts& parts, PluginPlan plan)
    : parts_{parts}, plan_{std::move(plan)}, log_{parts.log_hub, plan_.name()} {}

RunningPlugin::~RunningPlugin() {
  stop_services();
  (void)stop_writers(parts_.clock.now());
  for (Notifier* notifier : immediate_) parts_.pipeline.remove(*notifier);
  for (LogSink* sink : sinks_) parts_.log_hub.remove(*sink);
}

void RunningPlugin::make(const Loader& loader) {
  Setup setup{*this, plan_};
  sources_ = setup.sources();
  object_ = loader.make(*plan_.plugin, setup);
}

Status RunningPlugin::start() {
  for (const auto& outlet : outlets_) {
    if (auto status = outlet->start(); !status) return status;
    if (plan_.flush_interval > Span::zero())
      outlet->flush_every(plan_.flush_interval, plan_.flush_timeout);
    parts_.pipeline.add(*outlet);
  }
  for (; services_started_ < services_.size(); ++services_started_)
    if (auto status = services_[services_started_]->start(); !status) return status;
  return {};
}

void RunningPlugin::stop_services() noexcept {
  while (services_started_ != 0) services_[--services_started_]->stop();
}

bool RunningPlugin::stop_writers(Steady end) noexcept {
  bool all = true;
  for (const auto& outlet : outlets_) {
    parts_.pipeline.remove(*outlet);
    const Nanoseconds left = std::max(Nanoseconds{end - parts_.clock.now()}, Nanoseconds::zero());
    all = outlet->stop(left) && all;
  }
  return all;
}

void RunningPlugin::abandon() noexcept {
  // The object is kept by a share that nothing ever drops: a thread is still inside it.
  static_cast<void>(std::make_unique<std::shared_ptr<void>>(object_).release());
}

void RunningPlugin::add(Reader& reader, const ReaderSpec& spec) {
  ++readers_;
  parts_.scheduler.add(reader, spec, sources_, Log{parts_.log_hub, spec.name});
}

void RunningPlugin::add(Writer& writer, const WriterSpec& spec) {
  QueueOptions queue = parts_.queue;
  queue.journal.on = queue.journal.on && spec.leaves_host;
  if (spec.options != nullptr) queue = queue_options(*spec.options, std::move(queue));
  add_outlet(spec.name, &writer, nullptr, spec.ledger, queue);
}

void RunningPlugin::add(Notifier& notifier, std::string name, bool immediate) {
  if (!immediate) return add_outlet(std::move(name), nullptr, &notifier, nullptr, parts_.queue);
  immediate_.push_back(&notifier);
  parts_.pipeline.add(notifier);
}

void RunningPlugin::add_outlet(std::string name, Writer* writer, Notifier* notifier,
                               std::shared_ptr<Ledger> ledger, const QueueOptions& queue) {
  if (!ledger) ledger = std::make_shared<Ledger>();
  Log log{parts_.log_hub, name};
  auto journal =
      writer != nullptr && queue.journal.on ? make_journal(name, queue.journal) : nullptr;
  outlets_.push_back(std::make_unique<Outlet>(std::move(name), writer, notifier, std::move(ledger),
                                              queue, parts_.clock, std::move(log),
                                              std::move(journal)));
}

/// One directory for each writer, also where a directory is given for all of them.
std::unique_ptr<Journal> RunningPlugin::make_journal(std::string name,
                                                     const JournalOptions& options) {
  std::replace(name.begin(), name.end(), '/', '_');
  const std::string directory = options.directory.empty() ? "journal" : options.directory;
  return std::make_unique<Journal>(
      directory + "/" + name,
      JournalLimits{.most_bytes = options.most_bytes,
                    .most_age = options.most_age,
                    .sync_interval = nanoseconds(options.sync_interval)},
      parts_.series, parts_.past_types, parts_.clock);
}

void RunningPlugin::add(LogSink& sink) {
  sinks_.push_back(&sink);
  parts_.log_hub.add(sink);
}

void RunningPlugin::add(Service& service) { services_.push_back(&service); }

void RunningPlugin::add(const ControlSocketSpec& socket) {
  ControlSocketSpec spec = socket;
  if (spec.interval == Span::zero()) spec.interval = plan_.interval;
  if (const auto status = parts_.control.add(spec); !status)
    log_.error("no socket for clients: ", status.error());
}

}  // namespace vital
