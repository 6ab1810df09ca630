// SPDX-License-Identifier: MIT
#include "daemon/plugin_process.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <csignal>

#include "daemon/capabilities.h"
#include "model/types.h"

namespace vital {
namespace {

using namespace isolation;
using namespace std::chrono_literals;

constexpr const char* kThisProgram = "/proc/self/exe";  // also when its file was replaced
constexpr int kPipeThere = 3;
constexpr Nanoseconds kMakingMayTake = 10s;
constexpr Nanoseconds kWritingMayTake = 30s;
constexpr Nanoseconds kServiceMayTake = 1s;
constexpr Nanoseconds kLastWords = 500ms;                         // to end in order
constexpr std::uint64_t kMemoryBeyond = std::uint64_t{64} << 20;  // is refused at once
constexpr std::size_t kMostMessages = 1000;                       // that wait; the oldest go
constexpr unsigned kSilences = 3;                                 // without an answer

Steady now() noexcept { return std::chrono::steady_clock::now(); }

std::string mebibytes(std::uint64_t bytes) {
  Text<32> text;
  text.add_fixed(static_cast<double>(bytes) / (1 << 20), 1).add(" MiB");
  return std::string{text.view()};
}

std::string_view name_of(int state) noexcept {
  constexpr std::array<std::string_view, 7> kNames{"idle",    "starting", "running", "ending",
                                                   "waiting", "parked",   "stopped"};
  return kNames[static_cast<std::size_t>(state)];
}

}  // namespace

PluginProcess::PluginProcess(Host& host, PastTypes& past_types, Brief brief, const Limits& limits,
                             Log log)
    : host_{host},
      brief_{std::move(brief)},
      limits_{limits},
      log_{std::move(log)},
      output_{log_},
      decoder_{host.series(), past_types} {
  host_.children().add(*this);
}

PluginProcess::~PluginProcess() {
  host_.children().remove(*this);
  stop();
}

void PluginProcess::start() {
  auto thread = Thread::start("process " + brief_.plugin, [this] { run(); });
  if (!thread) throw SetupError{thread.error()};
  thread_ = std::move(*thread);
  Lock lock{mutex_};
  changed_.wait(lock, [this] { return state_ == State::running || state_ == State::stopped; });
  if (state_ == State::running) return;
  const Refusal refusal = refusal_.value_or(Refusal{});
  if (refusal.position) throw ConfigError{*refusal.position, refusal.what, refusal.hint};
  throw SetupError{refusal.what};
}

void PluginProcess::stop() noexcept {
  {
    const Lock lock{mutex_};
    stop_ = true;
  }
  bell_.ring();
  thread_.join();
}

std::uint64_t PluginProcess::incarnation() const noexcept {
  const Lock lock{mutex_};
  return incarnation_;
}

bool PluginProcess::running() const noexcept { return state() == State::running; }

PluginProcess::State PluginProcess::state() const {
  const Lock lock{mutex_};
  return state_;
}

void PluginProcess::set(State state, Steady moment) {
  moment_ = moment;
  const Lock lock{mutex_};
  state_ = state;
  changed_.notify_all();
}

// --- requests ----------------------------------------------------------------------------------

/// Why nobody can be asked just now; under mutex_.
Error PluginProcess::away() const noexcept {
  if (state_ == State::parked) return Error{Errc::temporary, "its process is parked"};
  if (state_ == State::stopped) return Error{Errc::stopped, "its process"};
  return Error{Errc::temporary, "its process is started anew"};
}

Status PluginProcess::request(Message message, std::uint32_t part, const Fill& fill,
                              Request& request, Steady deadline, std::string_view what) noexcept {
  {
    const Lock lock{mutex_};
    if (state_ != State::running) return away();
    if (++last_number_ == 0) ++last_number_;  // nobody waits for 0
    request.number = last_number_;
    request.incarnation = incarnation_;
    requests_.push_back(&request);
  }
  const Status sent = send_request(message, part, fill, request, deadline);
  Lock lock{mutex_};
  if (sent) changed_.wait_until(lock, deadline, [&] { return request.done; });
  std::erase(requests_, &request);
  if (request.done) return request.reply.status;
  if (!sent && sent.error().code() != Errc::timed_out) return sent;
  if (complaint_.empty())
    complaint_ = std::string{what} + " of " + offers_.at(part).name + " did not come back in time";
  bell_.ring();
  return Error{Errc::timed_out, what};
}

Status PluginProcess::send_request(Message message, std::uint32_t part, const Fill& fill,
                                   const Request& request, Steady deadline) noexcept {
  const std::lock_guard lock{sending_};
  if (pipe_incarnation_ != request.incarnation)
    return Error{Errc::temporary, "its process is started anew"};
  body_.clear();
  definitions_.clear();
  body_.fixed(request.number);
  body_.fixed(part);
  if (encoder_.full() || encoder_.size() > 2 * host_.series().size() + 1024) {
    encoder_.begin();
    if (auto status = pipe_.send({static_cast<std::uint8_t>(Message::forget), {}}, deadline);
        !status)
      return status;
  }
  fill(body_, definitions_);
  if (body_.size() > Frame::kLongestBody || definitions_.size() > Frame::kLongestBody) {
    encoder_.begin();  // what it thinks it has defined was not sent
    if (auto status = pipe_.send({static_cast<std::uint8_t>(Message::forget), {}}, deadline);
        !status)
      return status;
    return Error{Errc::too_long, "more than fits into one message to a process"};
  }
  if (!definitions_.empty())
    if (auto status =
            pipe_.send({static_cast<std::uint8_t>(Message::learn), definitions_.view()}, deadline);
        !status)
      return status;
  return pipe_.send({static_cast<std::uint8_t>(message), body_.view()}, deadline);
}

Status PluginProcess::send(Message message, std::string_view body, Steady deadline) noexcept {
  const std::lock_guard lock{sending_};
  return pipe_.send({static_cast<std::uint8_t>(message), body}, deadline);
}

Status PluginProcess::read(std::uint32_t part, Batch& batch, Nanoseconds limit) noexcept {
  Request read;
  read.batch = &batch;
  return request(
      Message::read, part,
      [&](ByteWriter& body, ByteWriter&) {
        body.fixed(batch.time().time_since_epoch().count());
        body.fixed(batch.interval().count());
      },
      read, now() + limit, "a read");
}

Status PluginProcess::write(std::uint32_t part, const Batch& batch, Reply& reply) noexcept {
  Request write;
  const Status status = request(
      Message::write, part,
      [&](ByteWriter& body, ByteWriter& definitions) {
        body.fixed(static_cast<std::uint8_t>(batch.received()));
        encoder_.encode(batch, 0, batch.size(), body, definitions);
      },
      write, now() + kWritingMayTake, "a write");
  reply = write.reply;
  return status;
}

Status PluginProcess::flush(std::uint32_t part, const FlushRequest& request,
                            Reply& reply) noexcept {
  Request flush;
  const Status status = this->request(
      Message::flush, part,
      [&](ByteWriter& body, ByteWriter&) {
        body.fixed(request.older_than.count());
        body.text(request.identifier);
      },
      flush, now() + kWritingMayTake, "a flush");
  reply = flush.reply;
  return status;
}

Status PluginProcess::notify(std::uint32_t part, const Notification& notification) noexcept {
  Request notify;
  return request(
      Message::notify, part,
      [&](ByteWriter& body, ByteWriter&) { journal::Encoder::encode(notification, body); }, notify,
      now() + kWritingMayTake, "a notification");
}

Status PluginProcess::ask(Message message, std::uint32_t part, Reply& reply) noexcept {
  Request asked;
  const Status status = request(
      message, part, [](ByteWriter&, ByteWriter&) {}, asked, now() + kWritingMayTake, "a write");
  reply = asked.reply;
  return status;
}

Status PluginProcess::start_service(std::uint32_t part) noexcept {
  {
    const Lock lock{mutex_};
    services_.resize(std::max<std::size_t>(services_.size(), part + 1u));
    services_[part] = true;
  }
  Request start;
  return request(
      Message::start, part, [](ByteWriter&, ByteWriter&) {}, start, now() + kMakingMayTake,
      "the start");
}

void PluginProcess::stop_service(std::uint32_t part) noexcept {
  {
    const Lock lock{mutex_};
    services_[part] = false;
  }
  Request stop;
  (void)request(
      Message::stop, part, [](ByteWriter&, ByteWriter&) {}, stop, now() + kServiceMayTake,
      "the stop");
}

ChildReport PluginProcess::report() const {
  ChildReport report;
  report.name = brief_.plugin;
  report.memory_limit = limits_.memory;
  {
    const Lock lock{mutex_};
    report.state = name_of(static_cast<int>(state_));
    report.pid = pid_;
    report.starts = starts_;
    report.faults = faults_;
    report.cpu = cpu_before_;
    report.last_fault = last_fault_;
  }
  if (report.pid != 0) add_usage(report, report.pid);
  return report;
}

bool PluginProcess::restart() noexcept {
  {
    const Lock lock{mutex_};
    restart_ = true;
  }
  bell_.ring();
  return true;
}

void PluginProcess::tell(Severity severity, std::string_view message) noexcept {
  if (own_thread_.load() == std::this_thread::get_id() && relaying_) return;
  {
    const Lock lock{mutex_};
    if (state_ != State::running) return;
    if (messages_.size() >= kMostMessages) messages_.pop_front();
    messages_.emplace_back(severity, message);
  }
  bell_.ring();
}

// --- its thread: the life of the process -------------------------------------------------------

void PluginProcess::run() {
  own_thread_ = std::this_thread::get_id();
  // This thread starts nothing but that process.
  if (brief_.capabilities != 0) (void)hand_down_capabilities(brief_.capabilities);
  launch();
  while (state() != State::stopped) {
    wait_for_events();
    obey();
    pass_messages();
    const Steady at = now();
    if (at >= moment_) on_time(at);
    if (at >= next_look_) look_after(at);
  }
}

/// What others say goes to the log sinks there. One that does not listen is found out otherwise.
void PluginProcess::pass_messages() {
  std::deque<std::pair<Severity, std::string>> messages;
  {
    const Lock lock{mutex_};
    messages.swap(messages_);
  }
  for (const auto& [severity, text] : messages) {
    if (state() != State::running) return;
    ByteWriter body;
    body.fixed(static_cast<std::uint8_t>(severity));
    body.text(text);
    if (!send(Message::message, body.view(), now() + kTalkMayTake)) return;
  }
}

void PluginProcess::wait_for_events() {
  const Steady next = std::min(moment_, next_look_);
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - now()).count();
  const int limit =
      next == Steady::max() ? -1 : static_cast<int>(std::clamp<std::int64_t>(left, 0, 1'000'000));
  std::array<pollfd, 4> events{{{bell_.fd(), POLLIN, 0},
                                {pipe_open_ ? pipe_.fd() : -1, POLLIN, 0},
                                {output_open_ ? child_.output_fd() : -1, POLLIN, 0},
                                {child_.alive() ? child_.end_fd() : -1, POLLIN, 0}}};
  (void)::poll(events.data(), events.size(), limit);
  bell_.clear();
  if (events[1].revents != 0) (void)arrived();
  if (events[2].revents != 0) output_open_ = output_.drain(child_.output_fd(), now());
  if (events[3].revents == 0) return;
  hear_last_words();
  if (const auto end = child_.reap()) ended(*end);
}

void PluginProcess::launch() {
  if (const Status status = spawn(); !status) {
    fault_ = "its process cannot be started: " + std::string{status.error().message().view()};
    return decide();
  }
  ByteWriter body;
  brief_.host_name = host_name_told_ = host_.host_name();
  put(body, brief_);
  if (const Status status = send(Message::brief, body.view(), now() + 1s); !status)
    begin_end("its process does not listen");
}

Status PluginProcess::spawn() {
  auto pair = FramePipe::make_pair();
  if (!pair) return pair.error();
  auto child =
      Child::start({.program = kThisProgram,
                    .arguments = {"vitald", "--plugin-process", brief_.plugin},
                    .fds = {{pair->second.get(), kPipeThere}},
                    .most_data_bytes = limits_.memory == 0 ? 0 : limits_.memory + kMemoryBeyond});
  if (!child) return child.error();
  child_ = std::move(*child);
  output_open_ = pipe_open_ = true;
  cutter_.clear();
  decoder_.begin();
  offered_.clear();
  hangs_ = false;
  {
    const std::lock_guard sending{sending_};
    pipe_ = FramePipe{std::move(pair->first)};
    pipe_incarnation_ = 0;
    encoder_.begin();
  }
  {
    const Lock lock{mutex_};
    pid_ = child_.pid();
    ++starts_;
    complaint_.clear();
  }
  set(State::starting, now() + kMakingMayTake);
  return {};
}

/// Asks the process to go; on_time() makes it.
void PluginProcess::begin_end(std::string why) {
  fault_ = std::move(why);
  next_look_ = Steady::max();
  set(State::ending, now() + kGrace);
  if (pipe_open_) ::shutdown(pipe_.fd(), SHUT_RDWR);  // whoever is about to send need not wait
  pipe_open_ = false;
  fail_requests();
  child_.signal(SIGTERM);
}

void PluginProcess::ended(const ChildEnd& end) {
  if (output_open_) (void)output_.drain(child_.output_fd(), now());
  output_.end(now());
  output_open_ = pipe_open_ = false;
  next_look_ = Steady::max();
  fail_requests();
  {
    const Lock lock{mutex_};
    pid_ = 0;
    cpu_before_ += end.cpu;
  }
  if (fault_.empty()) fault_ = "its process " + end.text();
  decide();
}

/// There is no process any more: when will there be one again?
void PluginProcess::decide() {
  const std::string why = std::exchange(fault_, {});
  if (std::exchange(wanted_, false)) return launch();
  if (!made_) return never_made(why);
  const auto pause = policy_.fault(now());
  {
    const Lock lock{mutex_};
    ++faults_;
    last_fault_ = why;
  }
  if (pause) {
    log_.error(std::string_view{why}, "; it is started anew in ", seconds(*pause), " s");
    return set(State::waiting, now() + *pause);
  }
  log_.error(std::string_view{why},
             "; that was the fifth fault within a minute, so it is parked. \"", "vitalctl restart ",
             std::string_view{brief_.plugin}, "\" starts it again");
  set(State::parked);
}

void PluginProcess::never_made(std::string what) {
  {
    const Lock lock{mutex_};
    if (!refusal_) refusal_ = Refusal{.what = std::move(what), .hint = {}, .position = {}};
  }
  set(State::stopped);
}

void PluginProcess::on_time(Steady at) {
  switch (state()) {
    case State::starting:
      return begin_end("its process has not made the plugin after 10 s");
    case State::ending:
      moment_ = Steady::max();
      if (hangs_) {
        log_.error("its process ", static_cast<int>(child_.pid()),
                   " hangs in the kernel and cannot be ended; it is waited for");
        return;
      }
      hangs_ = true;
      child_.signal(SIGKILL);
      moment_ = at + 1s;
      return;
    case State::waiting:
      return launch();
    default:
      moment_ = Steady::max();
  }
}

/// Whether the process is too large, and whether it is there at all.
void PluginProcess::look_after(Steady at) {
  next_look_ =
      at + (limits_.memory != 0 ? std::min(kMemoryLook, limits_.silence) : limits_.silence);
  if (limits_.memory != 0) {
    const auto usage = usage_of(child_.pid());
    if (usage && usage->own_bytes > limits_.memory)
      return begin_end("its process takes " + mebibytes(usage->own_bytes) +
                       " of memory, more than MemoryLimit allows");
  }
  tell_host_name();
  if (at - heard_ < limits_.silence) return;
  if (asked_ <= heard_) {
    asked_ = at;
    (void)send(Message::ping, {}, at + kTalkMayTake);
  } else if (at - asked_ >= kSilences * limits_.silence) {
    begin_end("its process does not answer");
  }
}

void PluginProcess::tell_host_name() {
  std::string name = host_.host_name();
  if (name == host_name_told_) return;
  host_name_told_ = std::move(name);
  (void)send(Message::host_name, host_name_told_, now() + kTalkMayTake);
}

/// What others want of it.
void PluginProcess::obey() {
  bool stop = false, restart = false;
  std::string complaint;
  {
    const Lock lock{mutex_};
    stop = stop_;
    restart = std::exchange(restart_, false);
    complaint = std::exchange(complaint_, {});
  }
  if (stop) return end_in_order();
  if (!complaint.empty() && state() == State::running) begin_end(std::move(complaint));
  if (!restart) return;
  policy_.forgive();
  log_.notice("its process is started anew, as somebody wished");
  if (!child_.alive()) return launch();
  wanted_ = true;
  if (state() != State::ending) begin_end("somebody wished so");
}

void PluginProcess::end_in_order() {
  bool well = false;
  {
    const Lock lock{mutex_};
    well = state_ == State::running && requests_.empty();
  }
  if (well && send(Message::quit, {}, now() + kTalkMayTake)) await_end(kLastWords);
  child_.kill();
  fail_requests();
  {
    const Lock lock{mutex_};
    pid_ = 0;
  }
  set(State::stopped);
}

void PluginProcess::await_end(Nanoseconds limit) {
  const Steady end = now() + limit;
  while (child_.alive() && now() < end) {
    std::array<pollfd, 3> events{{{child_.end_fd(), POLLIN, 0},
                                  {pipe_open_ ? pipe_.fd() : -1, POLLIN, 0},
                                  {output_open_ ? child_.output_fd() : -1, POLLIN, 0}}};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - now()).count();
    (void)::poll(events.data(), events.size(), static_cast<int>(left));
    if (events[1].revents != 0) (void)arrived();
    if (events[2].revents != 0) output_open_ = output_.drain(child_.output_fd(), now());
    if (events[0].revents == 0) continue;
    hear_last_words();
    if (output_open_) (void)output_.drain(child_.output_fd(), now());
    output_.end(now());
    if (child_.reap()) return;
  }
}

void PluginProcess::fail_requests() {
  const Lock lock{mutex_};
  for (Request* request : requests_) {
    request->reply.status = Error{Errc::temporary, "its process was ended"};
    request->done = true;
  }
  requests_.clear();
  changed_.notify_all();
}

}  // namespace vital
