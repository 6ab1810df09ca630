// SPDX-License-Identifier: MIT
#pragma once
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "model/put.h"
#include "pipeline/pipeline.h"

namespace vital {

/// The answer to a command that takes its time: given once, by any thread.
class LateReply {
 public:
  explicit LateReply(std::function<void()> ready) : ready_{std::move(ready)} {}
  /// One or more whole lines.
  void give(std::string lines);
  /// What was given, once.
  std::optional<std::string> take();

 private:
  const std::function<void()> ready_;
  std::mutex mutex_;
  std::optional<std::string> lines_;  // guarded by mutex_
};

/// What a session works on, and the commands that only the daemon can answer.
struct ControlContext {
  /// Answers one command with one or more whole lines.
  using Command = std::function<std::string(std::string_view arguments)>;
  /// Sees to it that it is answered later; the client's next commands wait for that. `trusted`:
  /// the client may read what the daemon may.
  using LateCommand = std::function<void(std::string_view arguments, bool trusted,
                                         std::shared_ptr<LateReply> reply)>;

  const Clock& clock;
  const Types& types;
  SeriesTable& series;
  Pipeline& pipeline;
  const Log& log;
  std::map<std::string, Command, std::less<>> commands;  // by their names in upper case
  /// Those that change the daemon, or show its configuration: only where
  /// ControlSocketSpec::manages.
  std::map<std::string, LateCommand, std::less<>> manage{};
};

/// What a client may do beside asking and putting values.
struct ClientRights {
  bool manages = false;  // it has come over a socket where `manage` counts
  bool trusted = false;  // it is the superuser, or the daemon's own user
};

/// One client's conversation in the text protocol: lines in, replies out, in the same order.
///
/// Threads  none of its own: the server's
/// Source   collectd-unixsock(5)
class Session {
 public:
  /// `ready` is called, by any thread, when a reply that had to wait can be fetched.
  Session(const ControlContext& context, Span interval, std::function<void()> ready,
          ClientRights rights = {});
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  /// Executes whole lines of what the client sent. Returns how many bytes were used; it stops
  /// early while waiting().
  std::size_t feed(std::span<char> bytes);
  /// The client will send no more: executes an unfinished last line.
  void finish(std::span<char> bytes);
  /// A reply is not ready yet, and the client's next command has to wait for it.
  bool waiting() const noexcept { return pending_ != nullptr || late_ != nullptr; }
  /// Looks whether it is, or was waited for long enough.
  void poll();

  std::string& output() noexcept { return output_; }

 private:
  struct Pending {
    std::atomic<bool> done{false};
    Text<64> reply;
    Steady give_up;
  };

  void line(std::span<char> bytes);
  void other(std::string_view word, std::string_view arguments);
  void getval(std::span<char> arguments);
  void listval(std::span<char> arguments);
  void putval(std::span<char> arguments);
  void putnotif(std::span<char> arguments);
  void flush(std::span<char> arguments);
  void getthreshold(std::span<char> arguments);
  bool ask_flush(const std::vector<std::string>& plugins, const std::vector<std::string>& ids,
                 Span older_than);
  void submit();
  void say(std::string_view status, std::string_view message);
  void refuse(std::string_view message) { say("-1", message); }

  const ControlContext& context_;
  const Span interval_;
  const std::function<void()> ready_;
  const ClientRights rights_;
  PutvalParser parser_;
  std::shared_ptr<Batch> batch_;  // of PUTVALs that were not submitted yet
  std::shared_ptr<Pending> pending_;
  std::shared_ptr<LateReply> late_;
  std::string output_;
};

/// A number as GETVAL prints it: "%12e", and NaN as "NaN".
Text<32> getval_number(double value) noexcept;

}  // namespace vital
