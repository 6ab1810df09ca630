// SPDX-License-Identifier: MIT
#pragma once
#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/child.h"
#include "base/child_output.h"
#include "base/restart_policy.h"
#include "base/thread.h"
#include "daemon/isolation_wire.h"
#include "pipeline/journal_codec.h"
#include "plugin/frames.h"

namespace vital {

/// The daemon's end of a plugin that runs in a process of its own: starts that process, asks it to
/// read and write, takes what it submits and says, and ends it when it crashes, is too large, does
/// not answer or passes a deadline; starts it anew after growing pauses, or parks it.
///
/// Errors   of requests: temporary while there is no process to ask; timed_out when it did not
///          answer in time, and is ended for that; else what the plugin returned
/// Threads  start() and stop() belong to the main thread; requests any, one at a time for each part
class PluginProcess final : public ChildOwner {
 public:
  struct Limits {
    std::uint64_t memory = 0;  // bytes that it may have to itself; 0: any
    Nanoseconds silence{};     // after so long without a word it is asked whether it is well
  };

  PluginProcess(Host& host, PastTypes& past_types, isolation::Brief brief, const Limits& limits,
                Log log);
  PluginProcess(const PluginProcess&) = delete;
  PluginProcess& operator=(const PluginProcess&) = delete;
  ~PluginProcess() override;

  /// Starts it and waits until the plugin is made. Throws SetupError, ConfigError.
  void start();
  /// Lets it end in order, if it does so at once.
  void stop() noexcept;

  /// What the plugin offers, in the order of parts.
  const std::vector<isolation::Offer>& offers() const noexcept { return offers_; }
  const std::vector<isolation::WriterTraits>& writers() const noexcept { return writers_; }
  /// How many times the plugin was made: a process that has another number knows nothing of what
  /// an earlier one was told.
  std::uint64_t incarnation() const noexcept;
  bool running() const noexcept;

  Status read(std::uint32_t part, Batch& batch, Nanoseconds limit) noexcept;
  Status write(std::uint32_t part, const Batch& batch, isolation::Reply& reply) noexcept;
  Status flush(std::uint32_t part, const FlushRequest& request, isolation::Reply& reply) noexcept;
  Status notify(std::uint32_t part, const Notification& notification) noexcept;
  /// settle, idle, wake: requests that say nothing more.
  Status ask(isolation::Message message, std::uint32_t part, isolation::Reply& reply) noexcept;
  /// A service is started again whenever its process is.
  Status start_service(std::uint32_t part) noexcept;
  void stop_service(std::uint32_t part) noexcept;
  /// A log message for its sinks. Never waits; what the process itself said is left out.
  void tell(Severity severity, std::string_view message) noexcept;

  ChildReport report() const override;
  bool restart() noexcept override;

 private:
  static constexpr Nanoseconds kTalkMayTake = std::chrono::milliseconds{100};  // by the pipe
  static constexpr Nanoseconds kGrace = std::chrono::milliseconds{300};  // from SIGTERM to SIGKILL
  static constexpr Nanoseconds kMemoryLook = std::chrono::milliseconds{500};

  using Message = isolation::Message;
  enum class State : std::uint8_t { idle, starting, running, ending, waiting, parked, stopped };
  /// Somebody who waits for a reply.
  struct Request {
    std::uint32_t number = 0;
    Batch* batch = nullptr;  // where samples go
    bool any_samples = false;
    bool done = false;
    std::uint64_t incarnation = 0;
    isolation::Reply reply;
  };
  using Lock = std::unique_lock<std::mutex>;
  /// Puts what is special to a request behind its head; what it needs defined into the other.
  using Fill = std::function<void(ByteWriter& body, ByteWriter& definitions)>;

  Status request(Message message, std::uint32_t part, const Fill& fill, Request& request,
                 Steady deadline, std::string_view what) noexcept;
  Status send_request(Message message, std::uint32_t part, const Fill& fill, const Request& request,
                      Steady deadline) noexcept;
  Status send_definitions(Steady deadline) noexcept;
  Status send(Message message, std::string_view body, Steady deadline) noexcept;
  Error away() const noexcept;

  // All below: its own thread.
  void run();
  void wait_for_events();
  void pass_messages();
  void launch();
  Status spawn();
  bool arrived();
  void hear_last_words();
  bool take(const Frame& frame);
  bool take_offer(ByteReader& in);
  bool take_ready(ByteReader& in);
  bool take_refusal(ByteReader& in);
  bool take_samples(ByteReader& in);
  bool take_reply(ByteReader& in);
  bool take_submission(ByteReader& in);
  bool take_notification(std::string_view body);
  bool take_flush(ByteReader& in);
  bool take_write(ByteReader& in);
  void take_log(ByteReader& in);
  void start_services();
  void ended(const ChildEnd& end);
  void decide();
  void never_made(std::string what);
  void on_time(Steady now);
  void look_after(Steady now);
  void tell_host_name();
  void obey();
  void begin_end(std::string why);
  void end_in_order();
  void await_end(Nanoseconds limit);
  void fail_requests();
  void set(State state, Steady moment = Steady::max());
  State state() const;
  std::shared_ptr<Batch> empty_batch();

  Host& host_;
  isolation::Brief brief_;
  const Limits limits_;
  const Log log_;
  Bell bell_;
  std::atomic<std::thread::id> own_thread_{};

  // Of its own thread; offers_ and writers_ are constant once start() has returned.
  Child child_;
  ChildOutput output_;
  bool output_open_ = false;
  FrameCutter cutter_;
  journal::Decoder decoder_;
  RestartPolicy policy_;
  std::vector<isolation::Offer> offers_, offered_;
  std::vector<isolation::WriterTraits> writers_;
  Batch scratch_;
  std::vector<std::shared_ptr<Batch>> batches_;
  std::string fault_;  // why it is being ended
  std::string host_name_told_;
  Steady moment_ = Steady::max();  // when the state takes too long, or is over
  Steady heard_{}, asked_{}, next_look_ = Steady::max();
  bool made_ = false;
  bool pipe_open_ = false;
  bool wanted_ = false;    // it ends because somebody wants it started anew
  bool hangs_ = false;     // not even SIGKILL ends it
  bool relaying_ = false;  // a log message of the process

  mutable std::mutex mutex_;  // guards those below
  std::condition_variable changed_;
  State state_ = State::idle;
  std::vector<Request*> requests_;
  std::uint32_t last_number_ = 0;
  std::uint64_t incarnation_ = 0, faults_ = 0, starts_ = 0;
  std::vector<bool> services_;  // by part: which were started
  std::optional<isolation::Refusal> refusal_;
  std::deque<std::pair<Severity, std::string>> messages_;
  std::string complaint_;  // of a request: why the process must be ended
  std::string last_fault_;
  bool stop_ = false, restart_ = false;
  pid_t pid_ = 0;
  Nanoseconds cpu_before_{};  // of processes that have ended

  std::mutex sending_;  // guards those below; taken before mutex_, if both are
  FramePipe pipe_;
  std::uint64_t pipe_incarnation_ = 0;
  journal::Encoder encoder_;
  ByteWriter body_, definitions_;

  Thread thread_;
};

}  // namespace vital
