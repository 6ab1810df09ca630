// SPDX-License-Identifier: MIT
#include "python/session.h"

namespace vital::python {
namespace {

// Scripts have threads of their own: which of them reads for the daemon is the thread's own matter.
thread_local Batch* reading = nullptr;

}  // namespace

Session::Session(Host& host, Log log, Span interval)
    : host_{host}, log_{std::move(log)}, interval_{interval} {}

Session::~Session() {
  if (Py_IsInitialized() == 0) return;
  const Gil gil;
  callbacks_ = Callbacks{};
}

Session::Reading::Reading(Batch& batch) noexcept : before_{std::exchange(reading, &batch)} {}
Session::Reading::~Reading() { reading = before_; }

Status Session::dispatch(const Series& series, Time time, Span interval,
                         const std::vector<Value>& values, std::shared_ptr<const Meta> meta) {
  const Time stamp = time == Time{} ? host_.clock().wall() : time;
  if (reading != nullptr)
    return reading->add_at(*series.get(), stamp,
                           interval > Span::zero() ? interval : reading->interval(), values,
                           std::move(meta));
  return write({}, series, stamp, interval, values, std::move(meta));
}

Status Session::write(std::string writer, const Series& series, Time time, Span interval,
                      const std::vector<Value>& values, std::shared_ptr<const Meta> meta) {
  const Time stamp = time == Time{} ? host_.clock().wall() : time;
  auto batch = std::make_shared<Batch>();
  batch->begin(stamp, interval > Span::zero() ? interval : interval_, host_.series().era());
  if (auto status = batch->add_at(*series.get(), stamp, batch->interval(), values, std::move(meta));
      !status)
    return status;
  hand_on({std::move(batch), std::move(writer)});
  return {};
}

void Session::hand_on(Outgoing outgoing) {
  if (!started_) return early_.push_back(std::move(outgoing));
  const WithoutGil without;
  hand_on_now(outgoing);
}

void Session::hand_on_now(const Outgoing& outgoing) const {
  if (!outgoing.writer.empty()) return host_.write(outgoing.writer, outgoing.batch);
  host_.submit(outgoing.batch);
  host_.publish();
}

void Session::flush(const std::string& writer, const FlushRequest& request) const {
  const WithoutGil without;
  host_.flush(writer, request);
}

void Session::notify(Notification notification) {
  if (!started_) return early_notifications_.push_back(std::move(notification));
  const WithoutGil without;
  host_.notify(std::move(notification));
}

void Session::start() {
  const Gil gil;
  started_ = true;
  const auto early = std::exchange(early_, {});
  const auto notifications = std::exchange(early_notifications_, {});
  const WithoutGil without;
  for (const Outgoing& outgoing : early) hand_on_now(outgoing);
  for (const Notification& notification : notifications) host_.notify(notification);
}

std::optional<Fault> Session::call(const Callback& callback, std::vector<Ref> arguments) {
  const Ref function = callback.function, data = callback.data;
  if (!function) return std::nullopt;  // taken back
  const Py_ssize_t own = static_cast<Py_ssize_t>(arguments.size());
  const Ref all{PyTuple_New(own + PyTuple_GET_SIZE(data.get()))};
  if (!all) return take_fault();
  Py_ssize_t at = 0;
  for (Ref& argument : arguments) {
    if (!argument) return take_fault();
    PyTuple_SET_ITEM(all.get(), at++, argument.release());
  }
  for (; at < PyTuple_GET_SIZE(all.get()); ++at)
    PyTuple_SET_ITEM(all.get(), at, Ref::share(PyTuple_GET_ITEM(data.get(), at - own)).release());
  const Ref result{PyObject_CallObject(function.get(), all.get())};
  back_from_script();
  if (result) return std::nullopt;
  return take_fault();
}

void Session::back_from_script() noexcept {
  forks_.end_fork();
  if (forks_.reap() == 0 || forks_said_.exchange(true)) return;
  log_.warning(
      "a process that a script forked came back from its callback into the plugin, and was ended "
      "there; this is said once");
}

bool Session::call_aloud(const Callback& callback, std::vector<Ref> arguments) {
  const auto fault = call(callback, std::move(arguments));
  if (fault)
    say("the " + std::string{name_of(callback.event)} + " callback " + callback.name, *fault);
  return !fault;
}

void Session::judge(Callback& callback, const std::optional<Fault>& fault) const {
  const std::string what =
      "the " + std::string{name_of(callback.event)} + " callback " + callback.name;
  if (!fault) return callback.trouble.ends(log_, what);
  if (callback.trouble.failures() == 0) trace(*fault);
  callback.trouble.begins(log_, what, fault->error());
}

void Session::say(std::string_view where, const Fault& fault) const {
  log_.say(fault.expected ? Severity::warning : Severity::error, where,
           " failed: ", std::string_view{fault.what});
  trace(fault);
}

void Session::trace(const Fault& fault) const {
  if (!log_traces_ || fault.expected) return;
  for (const std::string& line : fault.traceback) log_.error(std::string_view{line});
}

}  // namespace vital::python
