// SPDX-License-Identifier: MIT
#include "daemon/isolated_plugin.h"

#include <algorithm>
#include <atomic>

#include "daemon/privileges.h"

namespace vital {
namespace {

using namespace isolation;

// What a read may take beyond its limit, so that the scheduler reports it before the process
// ends.
constexpr Nanoseconds kBeyondLimit = std::chrono::milliseconds{50};

std::string directory_of(const std::string& file) {
  const auto slash = file.rfind('/');
  return slash == std::string::npos ? "." : file.substr(0, slash);
}

Brief brief_of(Host& host, const PluginPlan& plan, const Loader& loader) {
  Brief brief{.plugin = plan.name(),
              .directory = directory_of(loader.file_of(*plan.plugin)),
              .global_symbols = plan.global_symbols,
              .interval = plan.interval,
              .root = host.root().path(""),
              .host_name = host.host_name(),
              .capabilities = capabilities_for(plan),
              .options = plan.statements,
              .types = {}};
  for (const std::string_view type : host.types().names())
    brief.types.push_back(*host.types().find(type));
  return brief;
}

PluginProcess::Limits limits_of(const PluginPlan& plan) {
  using namespace std::chrono_literals;
  return {.memory = plan.memory_limit,
          .silence = std::clamp<Nanoseconds>(nanoseconds(plan.interval), 1s, 10s)};
}

}  // namespace

class IsolatedPlugin::ReaderThere final : public Reader {
 public:
  ReaderThere(PluginProcess& process, std::uint32_t part, Nanoseconds limit)
      : process_{process}, part_{part}, limit_{limit} {}

  Status read(Batch& batch) noexcept override {
    asked_ = process_.incarnation();
    return process_.read(part_, batch, limit_ + kBeyondLimit);
  }
  /// The process that failed was followed by another.
  bool is_back() const noexcept { return process_.running() && process_.incarnation() != asked_; }

 private:
  PluginProcess& process_;
  const std::uint32_t part_;
  const Nanoseconds limit_;
  std::uint64_t asked_ = 0;  // which incarnation
};

/// Keeps the daemon's ledger as exact as the writer keeps its own: what a process that ended had
/// held back is lost, and counted so.
class IsolatedPlugin::WriterThere final : public Writer {
 public:
  WriterThere(PluginProcess& process, const WriterTraits& traits, std::shared_ptr<Ledger> ledger)
      : process_{process},
        part_{traits.part},
        settles_later_{traits.settles_later},
        ledger_{std::move(ledger)},
        next_wake_{traits.next_wake.time_since_epoch().count()},
        incarnation_{process.incarnation()} {}

  Status write(const Batch& batch) noexcept override {
    look_for_restart();
    Reply reply;
    const Status status = process_.write(part_, batch, reply);
    account(reply);
    if (status && settles_later_) ++unsettled_;
    return status;
  }
  bool settles_later() const noexcept override { return settles_later_; }
  Status settle(std::uint64_t& arrived) noexcept override {
    look_for_restart();
    if (std::exchange(lost_, false))
      return Error{Errc::temporary, "the process that had them was ended"};
    if (unsettled_ == 0) return {};
    Reply reply;
    const Status status = process_.ask(Message::settle, part_, reply);
    account(reply);
    arrived += std::min(reply.arrived, unsettled_);
    unsettled_ = status ? unsettled_ - std::min(reply.arrived, unsettled_) : 0;
    return status;
  }
  Status flush(const FlushRequest& request) noexcept override {
    look_for_restart();
    Reply reply;
    const Status status = process_.flush(part_, request, reply);
    account(reply);
    return status;
  }
  void idle() noexcept override { tell(Message::idle); }
  Steady next_wake() const noexcept override {
    return Steady{Steady::duration{next_wake_.load(std::memory_order_relaxed)}};
  }
  void wake() noexcept override { tell(Message::wake); }

 private:
  void tell(Message message) noexcept {
    look_for_restart();
    Reply reply;
    (void)process_.ask(message, part_, reply);
    account(reply);
  }

  void account(const Reply& reply) noexcept {
    next_wake_ = reply.next_wake.time_since_epoch().count();
    if (!ledger_) return;
    if (reply.ledger.held > 0) ledger_->held(static_cast<std::uint64_t>(reply.ledger.held));
    for (std::size_t i = 0; i < kLosses; ++i)
      if (reply.ledger.dropped[i] != 0)
        ledger_->dropped(static_cast<Loss>(i), reply.ledger.dropped[i]);
    if (reply.ledger.delivered > 0)
      ledger_->delivered(static_cast<std::uint64_t>(reply.ledger.delivered));
    if (reply.ledger.held < 0) ledger_->released(static_cast<std::uint64_t>(-reply.ledger.held));
    held_ += reply.ledger.held;
  }

  void look_for_restart() noexcept {
    const std::uint64_t now = process_.incarnation();
    if (now == incarnation_) return;
    incarnation_ = now;
    lost_ = std::exchange(unsettled_, 0) != 0;
    const auto held =
        static_cast<std::uint64_t>(std::max<std::int64_t>(std::exchange(held_, 0), 0));
    if (held == 0 || !ledger_) return;
    ledger_->dropped(Loss::failed, held);
    ledger_->released(held);
  }

  PluginProcess& process_;
  const std::uint32_t part_;
  const bool settles_later_;
  const std::shared_ptr<Ledger> ledger_;  // empty: the writer has none of its own
  std::atomic<Steady::rep> next_wake_;
  std::uint64_t incarnation_;
  std::uint64_t unsettled_ = 0;  // batches
  std::int64_t held_ = 0;
  bool lost_ = false;  // what was not settled
};

class IsolatedPlugin::NotifierThere final : public Notifier {
 public:
  NotifierThere(PluginProcess& process, std::uint32_t part) : process_{process}, part_{part} {}
  Status notify(const Notification& notification) noexcept override {
    return process_.notify(part_, notification);
  }

 private:
  PluginProcess& process_;
  const std::uint32_t part_;
};

class IsolatedPlugin::ServiceThere final : public Service {
 public:
  ServiceThere(PluginProcess& process, std::uint32_t part) : process_{process}, part_{part} {}
  Status start() override { return process_.start_service(part_); }
  void stop() noexcept override { process_.stop_service(part_); }

 private:
  PluginProcess& process_;
  const std::uint32_t part_;
};

/// One for all that the plugin has: the process gives each message to each of them.
class IsolatedPlugin::SinkThere final : public LogSink {
 public:
  explicit SinkThere(PluginProcess& process) : process_{process} {}
  void write(Severity severity, std::string_view message) noexcept override {
    process_.tell(severity, message);
  }

 private:
  PluginProcess& process_;
};

IsolatedPlugin::IsolatedPlugin(Host& host, PastTypes& past_types, const PluginPlan& plan,
                               const Loader& loader)
    : host_{host},
      plan_{plan},
      process_{host, past_types, brief_of(host, plan, loader), limits_of(plan),
               Log{host.log_hub(), plan.name()}} {
  process_.start();
  std::uint32_t part = 0;
  for (const Offer& offer : process_.offers()) add(part++, offer);
}

IsolatedPlugin::~IsolatedPlugin() { process_.stop(); }

Nanoseconds IsolatedPlugin::read_limit(const Offer& offer) const noexcept {
  if (plan_.read_timeout != Span::zero()) return nanoseconds(plan_.read_timeout);
  return std::max(offer.reader.deadline,
                  plan_.plugin->patience() * nanoseconds(offer.reader.interval));
}

void IsolatedPlugin::add(std::uint32_t part, const Offer& offer) {
  switch (offer.kind) {
    case Offer::Kind::reader: {
      ReaderThere& reader = readers_.emplace_back(process_, part, read_limit(offer));
      return host_.add(reader, ReaderSpec{.name = offer.name,
                                          .interval = offer.reader.interval,
                                          .deadline = offer.reader.deadline,
                                          .blocking = true,
                                          .is_back = [&reader] { return reader.is_back(); }});
    }
    case Offer::Kind::writer: {
      WriterTraits traits{.part = part};
      for (const WriterTraits& writer : process_.writers())
        if (writer.part == part) traits = writer;
      const auto ledger = offer.counts ? std::make_shared<Ledger>() : nullptr;
      return host_.add(
          writers_.emplace_back(process_, traits, ledger),
          WriterSpec{.name = offer.name,
                     .ledger = ledger,
                     .options = offer.has_options ? plan_.options.at(offer.options) : nullptr,
                     .leaves_host = offer.leaves_host,
                     .log_failures = offer.log_failures});
    }
    case Offer::Kind::notifier:
      // Never an immediate one: whoever raises a notification does not wait for a process.
      return host_.add(
          notifiers_.emplace_back(process_, part),
          NotifierSpec{.name = offer.name,
                       .options = offer.has_options ? plan_.options.at(offer.options) : nullptr,
                       .leaves_host = offer.leaves_host});
    case Offer::Kind::service:
      return host_.add(services_.emplace_back(process_, part));
    case Offer::Kind::socket:
      return host_.add(offer.socket);
    case Offer::Kind::log:
      if (sinks_.empty()) host_.add(sinks_.emplace_back(process_));
      return;
  }
}

}  // namespace vital
