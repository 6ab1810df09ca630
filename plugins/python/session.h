// SPDX-License-Identifier: MIT
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "base/trouble.h"
#include "plugin/setup.h"
#include "python/callbacks.h"
#include "python/fault.h"
#include "python/fork_watch.h"

namespace vital::python {

/// What all scripts together share: the daemon behind its host, and the list of their callbacks.
///
/// Threads  whoever holds the interpreter's lock, but for log()
class Session {
 public:
  Session(Host& host, Log log, Span interval);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();  // takes the interpreter's lock, for it lets go of the scripts' functions

  Host& host() const noexcept { return host_; }
  const Log& log() const noexcept { return log_; }
  Callbacks& callbacks() noexcept { return callbacks_; }
  Span interval() const noexcept { return interval_; }

  /// While it lives, what this thread dispatches goes into that batch, with that interval.
  class Reading {
   public:
    explicit Reading(Batch& batch) noexcept;
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;
    ~Reading();

   private:
    Batch* const before_;
  };

  /// Hands a sample on: into the batch that this thread reads, or else at once.
  Status dispatch(const Series& series, Time time, Span interval, const std::vector<Value>& values,
                  std::shared_ptr<const Meta> meta);

  /// Hands a sample to one writer alone.
  Status write(std::string writer, const Series& series, Time time, Span interval,
               const std::vector<Value>& values, std::shared_ptr<const Meta> meta);
  /// Asks one writer to flush, or all.
  void flush(const std::string& writer, const FlushRequest& request) const;

  /// Hands a notification on.
  void notify(Notification notification);
  /// All is wired: what was dispatched so far goes on its way.
  void start();

  /// Calls a function; what it returned, or why it came to no good end.
  std::optional<Fault> call(const Callback& callback, std::vector<Ref> arguments);
  /// The same, and says what went wrong each time: for what is called once.
  bool call_aloud(const Callback& callback, std::vector<Ref> arguments);
  /// Says once that the callback fails, and when it works again. With the interpreter's lock.
  void judge(Callback& callback, const std::optional<Fault>& fault) const;
  void say(std::string_view where, const Fault& fault) const;
  void trace(const Fault& fault) const;

  /// From now on nothing can be registered that the daemon would have to be told of; what is done
  /// with a read all the same.
  using Late = std::function<Status(std::shared_ptr<Callback>)>;
  void seal(Late late) { late_ = std::move(late); }
  bool sealed() const noexcept { return static_cast<bool>(late_); }
  Status add_late(std::shared_ptr<Callback> callback) const { return late_(std::move(callback)); }
  /// False: this is a fork of the plugin's process, which may do what it likes but cannot speak.
  bool at_home() const noexcept { return forks_.at_home(); }
  /// Control came back from a script: in a fork that is the end.
  void back_from_script() noexcept;
  void set_log_traces(bool on) noexcept { log_traces_ = on; }

 private:
  Host& host_;
  const Log log_;
  const Span interval_;
  Callbacks callbacks_;
  Late late_;
  bool started_ = false;
  struct Outgoing {
    std::shared_ptr<Batch> batch;
    std::string writer{};  // the one that it is for; empty: it goes the way of all values
  };
  void hand_on(Outgoing outgoing);
  void hand_on_now(const Outgoing& outgoing) const;
  std::vector<Outgoing> early_;
  std::vector<Notification> early_notifications_;
  bool log_traces_ = false;
  const ForkWatch forks_;
  std::atomic<bool> forks_said_{false};
};

}  // namespace vital::python
