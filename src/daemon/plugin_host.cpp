// SPDX-License-Identifier: MIT
#include "daemon/plugin_host.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <condition_variable>
#include <csignal>
#include <deque>
#include <optional>

#include "base/disciplined_clock.h"
#include "base/thread.h"
#include "daemon/capabilities.h"
#include "daemon/isolation_wire.h"
#include "pipeline/journal_codec.h"
#include "plugin/frames.h"
#include "plugin/loader.h"

namespace vital {
namespace {

using namespace isolation;

constexpr int kPipe = 3;
constexpr std::size_t kSlice = 2048;  // samples in one frame
constexpr unsigned kTidyEvery = 256;  // requests
constexpr std::size_t kMostBatches = 64;

/// What this process tells the daemon. When the daemon is gone so is this process.
///
/// Threads  any
class Talk {
 public:
  Talk(FramePipe& pipe, SeriesTable& series) : pipe_{pipe}, series_{series} {}

  void say(Message message, std::string_view body = {}) noexcept {
    const std::lock_guard lock{mutex_};
    send(message, body);
  }
  template <typename What>
  void tell(Message message, const What& what) noexcept {
    const std::lock_guard lock{mutex_};
    body_.clear();
    put(body_, what);
    send(message, body_.view());
  }
  /// Samples in as many frames as they take, each behind what `head` puts there.
  template <typename Head>
  void samples(Message message, const Batch& batch, Head&& head) noexcept {
    for (std::size_t first = 0; first < batch.size(); first += kSlice) {
      const std::lock_guard lock{mutex_};
      if (encoder_.full() || encoder_.size() > 2 * series_.size() + 1024) {
        encoder_.begin();
        send(Message::forget, {});
      }
      body_.clear();
      definitions_.clear();
      head(body_);
      encoder_.encode(batch, first, std::min(first + kSlice, batch.size()), body_, definitions_);
      if (!definitions_.empty()) send(Message::learn, definitions_.view());
      send(message, body_.view());
    }
  }

 private:
  void send(Message message, std::string_view body) noexcept {
    if (!pipe_.send({static_cast<std::uint8_t>(message), body}, Steady::max())) ::_exit(1);
  }

  FramePipe& pipe_;
  SeriesTable& series_;
  std::mutex mutex_;  // guards what follows, and the order of frames
  journal::Encoder encoder_;
  ByteWriter body_, definitions_;
};

class LogThere final : public LogSink {
 public:
  explicit LogThere(Talk& talk) : talk_{talk} {}
  void write(Severity severity, std::string_view message) noexcept override {
    ByteWriter body;
    body.fixed(static_cast<std::uint8_t>(severity));
    body.text(message);
    talk_.say(Message::log, body.view());
  }

 private:
  Talk& talk_;
};

/// What a part is asked to do.
struct Task {
  Message message{};
  std::uint32_t number = 0;
  Time time;
  Span interval{};
  std::shared_ptr<Batch> batch{};
  FlushRequest flush{};
  Notification notification{};
};

/// One of the plugin's readers, writers, notifiers or services, with the thread that calls it.
///
/// Threads  give() any; the rest its own
class Part {
 public:
  Part(Offer offer, Talk& talk, SeriesTable& series, const Root& root)
      : offer_{std::move(offer)}, talk_{talk}, series_{series}, root_{root} {}

  const Offer& offer() const noexcept { return offer_; }
  Reader* reader = nullptr;
  Writer* writer = nullptr;
  Notifier* notifier = nullptr;
  Service* service = nullptr;
  std::shared_ptr<Ledger> ledger{};

  /// False: no thread can be made.
  bool give(Task task) {
    const std::lock_guard lock{mutex_};
    tasks_.push_back(std::move(task));
    changed_.notify_one();
    if (thread_.running()) return true;
    auto thread = Thread::start(offer_.name, [this] { run(); });
    if (!thread) return false;
    thread_ = std::move(*thread);
    return true;
  }

 private:
  void run() {
    std::unique_lock lock{mutex_};
    while (true) {
      changed_.wait(lock, [this] { return !tasks_.empty(); });
      Task task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      perform(task);
      lock.lock();
    }
  }

  void perform(Task& task) {
    Reply reply{.number = task.number, .status = {}, .ledger = {}};
    reply.status = outcome(task, reply);
    if (writer != nullptr) reply.next_wake = writer->next_wake();
    if (ledger) reply.ledger = ledger_change();
    task.batch.reset();
    talk_.tell(Message::reply, reply);
  }

  Status outcome(Task& task, Reply& reply) {
    switch (task.message) {
      case Message::read:
        return reader != nullptr ? read(task) : wrong();
      case Message::write:
        return writer != nullptr ? writer->write(*task.batch) : wrong();
      case Message::flush:
        return writer != nullptr ? writer->flush(task.flush) : wrong();
      case Message::settle:
        return writer != nullptr ? writer->settle(reply.arrived) : wrong();
      case Message::idle:
        if (writer != nullptr) writer->idle();
        return {};
      case Message::wake:
        if (writer != nullptr) writer->wake();
        return {};
      case Message::notify:
        return notifier != nullptr ? notifier->notify(task.notification) : wrong();
      case Message::start:
        return service != nullptr ? service->start() : wrong();
      case Message::stop:
        if (service != nullptr) service->stop();
        return {};
      default:
        return wrong();
    }
  }
  static Error wrong() noexcept {
    return Error{Errc::malformed, "a request to a plugin's process"};
  }

  Status read(const Task& task) {
    root_.new_tick();
    batch_.begin(task.time, task.interval, series_.era());
    Status status = reader->read(batch_);
    talk_.samples(Message::samples, batch_, [&](ByteWriter& body) { body.fixed(task.number); });
    return status;
  }

  LedgerChange ledger_change() noexcept {
    LedgerChange change;
    const Ledger::Snapshot now = ledger->snapshot();
    const std::uint64_t held = ledger->held_now();
    change.delivered = static_cast<std::int64_t>(now.delivered - before_.delivered);
    change.held = static_cast<std::int64_t>(held - held_before_);
    for (std::size_t i = 0; i < kLosses; ++i)
      change.dropped[i] = now.dropped[i] - before_.dropped[i];
    before_ = now;
    held_before_ = held;
    return change;
  }

  const Offer offer_;
  Talk& talk_;
  SeriesTable& series_;
  const Root& root_;
  Batch batch_;
  Ledger::Snapshot before_;
  std::uint64_t held_before_ = 0;

  mutable std::mutex mutex_;  // guards those below
  std::condition_variable changed_;
  std::deque<Task> tasks_;
  Thread thread_;
};

/// The daemon, as a plugin in a process of its own sees it.
///
/// Threads  run() the main thread; the plugin is made by another, so that a constructor that hangs
///          does not keep this process alive when the daemon is gone
class PluginHost final : public Host {
 public:
  explicit PluginHost(Fd socket) : pipe_{std::move(socket)}, talk_{pipe_, series_}, sink_{talk_} {
    log_hub_.add(sink_);
  }

  [[noreturn]] void run() {
    while (true) {
      pollfd ready{.fd = pipe_.fd(), .events = POLLIN, .revents = 0};
      (void)::poll(&ready, 1, -1);
      if (!pipe_.receive(cutter_)) ::_exit(0);
      Frame frame;
      FrameCutter::Outcome outcome{};
      while ((outcome = cutter_.next(frame)) == FrameCutter::Outcome::frame)
        if (!take(frame)) ::_exit(2);
      if (outcome == FrameCutter::Outcome::malformed) ::_exit(2);
    }
  }

  const Clock& clock() const override { return clock_; }
  const Types& types() const override { return types_; }
  LogHub& log_hub() override { return log_hub_; }
  Root root() const override { return *root_; }
  SeriesTable& series() override { return series_; }
  std::string host_name() const override {
    const std::lock_guard lock{mutex_};
    return host_name_;
  }
  void submit(std::shared_ptr<Batch> batch) override {
    talk_.samples(Message::submit, *batch, [&](ByteWriter& body) {
      body.fixed(static_cast<std::uint8_t>(batch->received()));
    });
  }
  void publish() override { talk_.say(Message::publish); }
  void notify(Notification notification) override {
    ByteWriter body;
    journal::Encoder::encode(notification, body);
    talk_.say(Message::notification, body.view());
  }

  void add(Reader& reader, const ReaderSpec& spec) override {
    add({.kind = Offer::Kind::reader, .name = spec.name, .reader = spec}).reader = &reader;
  }
  void add(Writer& writer, const WriterSpec& spec) override {
    Offer offer{.kind = Offer::Kind::writer,
                .name = spec.name,
                .leaves_host = spec.leaves_host,
                .counts = spec.ledger != nullptr,
                .log_failures = spec.log_failures};
    place(offer, spec.options);
    Part& part = add(std::move(offer));
    part.writer = &writer;
    part.ledger = spec.ledger;
  }
  void add(Watcher&, std::string) override {
    throw SetupError{"it watches all values and cannot do that in another process"};
  }
  void add(Notifier& notifier, const NotifierSpec& spec) override {
    Offer offer{.kind = Offer::Kind::notifier, .name = spec.name, .leaves_host = spec.leaves_host};
    place(offer, spec.options);
    add(std::move(offer)).notifier = &notifier;
  }
  /// What is said here it hears at once, what is said elsewhere from the daemon.
  void add(LogSink& sink) override {
    add({.kind = Offer::Kind::log, .name = plan_.name()});
    log_hub_.add(sink);
    messages_.add(sink);
  }
  void add(Service& service) override {
    add({.kind = Offer::Kind::service, .name = plan_.name()}).service = &service;
  }
  void add(const ControlSocketSpec& socket) override {
    add({.kind = Offer::Kind::socket, .name = socket.path, .socket = socket});
  }
  Children& children() override { return children_; }
  void flush(std::string_view writer, const FlushRequest& request) override {
    ByteWriter body;
    body.text(writer);
    body.fixed(request.older_than.count());
    body.text(request.identifier);
    talk_.say(Message::flush_writers, body.view());
  }
  void write(std::string_view writer, std::shared_ptr<Batch> batch) override {
    talk_.samples(Message::write_one, *batch, [&](ByteWriter& body) { body.text(writer); });
  }

 private:
  /// The daemon has options of its own, made from the same statements.
  void place(Offer& offer, const Options* options) const {
    if (options == nullptr) return;
    auto path = plan_.options.path_to(*options);
    offer.has_options = path.has_value();
    if (path) offer.options = std::move(*path);
  }
  Part& add(Offer offer) { return parts_.emplace_back(std::move(offer), talk_, series_, *root_); }

  bool take(const Frame& frame) {
    ByteReader in{frame.body};
    switch (static_cast<Message>(frame.kind)) {
      case Message::brief:
        return take_brief(in);
      case Message::learn:
        return decoder_->learn(frame.body);
      case Message::forget:
        decoder_->begin();
        return true;
      case Message::host_name: {
        const std::lock_guard lock{mutex_};
        host_name_ = frame.body;
        return true;
      }
      case Message::message:
        return take_message(in);
      case Message::ping:
        talk_.say(Message::pong);
        return true;
      case Message::quit:
        quit();
      default:
        return take_task(static_cast<Message>(frame.kind), in);
    }
  }

  bool take_message(ByteReader& in) {
    const auto severity = in.fixed<std::uint8_t>();
    const std::string_view text = in.text();
    if (!in.done() || severity > static_cast<std::uint8_t>(Severity::debug)) return false;
    messages_.write(Severity{severity}, text);
    return true;
  }

  bool take_brief(ByteReader& in) {
    if (!isolation::take(in, brief_)) return false;
    if (const auto held = held_capabilities(); (held & ~brief_.capabilities) != 0)
      (void)keep_capabilities(brief_.capabilities);
    for (DataSet& type : brief_.types) types_.add(std::move(type));
    root_.emplace(brief_.root);
    host_name_ = brief_.host_name;
    past_types_.emplace(types_);
    decoder_.emplace(series_, *past_types_);
    auto thread = Thread::start("making", [this] { make(); });
    if (!thread) return false;
    making_ = std::move(*thread);
    return true;
  }

  void make() {
    Refusal refusal;
    try {
      make_plugin();
      return offer_all();
    } catch (const ConfigError& error) {
      refusal = {.what = error.what(), .hint = error.hint(), .position = error.position()};
    } catch (const std::exception& error) {
      refusal.what = error.what();
    }
    talk_.tell(Message::refused, refusal);
  }

  void make_plugin() {
    const auto found = loader_.find(brief_.plugin, {brief_.directory}, brief_.global_symbols);
    if (found.plugin == nullptr) throw SetupError{"its module cannot be loaded: " + found.why};
    plan_ = {.plugin = found.plugin,
             .position = {},
             .interval = brief_.interval,
             .options = Options{*found.plugin}};
    Problems problems;
    Checker checker{problems, brief_.plugin};
    checker.add(plan_.options, *found.plugin, brief_.options);
    checker.finish(plan_.options, *found.plugin);
    Setup setup{*this, plan_};
    object_ = loader_.make(*found.plugin, setup);
    for (const Problem& problem : setup.left_out())
      setup.log().error(std::string_view{problem.log_line()}, "; this part is left out");
    sources_ = setup.sources();
  }

  void offer_all() {
    std::vector<WriterTraits> writers;
    for (std::uint32_t at = 0; at < parts_.size(); ++at) {
      const Part& part = parts_[at];
      talk_.tell(Message::offer, part.offer());
      if (part.writer != nullptr)
        writers.push_back({at, part.writer->settles_later(), part.writer->next_wake()});
    }
    talk_.tell(Message::ready, writers);
  }

  bool take_task(Message message, ByteReader& in) {
    Task task{.message = message, .number = in.fixed<std::uint32_t>(), .time = {}};
    const auto place = in.fixed<std::uint32_t>();
    if (!in.ok() || place >= parts_.size() || !take_details(task, in)) return false;
    if (++tasks_ % kTidyEvery == 0) series_.retire_unheld();
    return parts_[place].give(std::move(task));
  }

  bool take_details(Task& task, ByteReader& in) {
    using Outcome = journal::Decoder::Outcome;
    switch (task.message) {
      case Message::read:
        task.time = Time{Span{in.fixed<std::int64_t>()}};
        task.interval = Span{in.fixed<std::int64_t>()};
        return in.done();
      case Message::write: {
        const bool received = in.fixed<std::uint8_t>() != 0;
        task.batch = empty_batch();
        if (decoder_->decode(in.raw(in.left()), *task.batch) != Outcome::done) return false;
        if (received) task.batch->mark_received();
        return true;
      }
      case Message::flush:
        task.flush.older_than = Span{in.fixed<std::int64_t>()};
        task.flush.identifier = in.text();
        return in.done();
      case Message::notify:
        return journal::Decoder::decode(in.raw(in.left()), task.notification) == Outcome::done;
      default:
        return in.done();
    }
  }

  std::shared_ptr<Batch> empty_batch() {
    for (const auto& batch : batches_)
      if (is_free(batch)) return batch;
    auto batch = std::make_shared<Batch>();
    if (batches_.size() < kMostBatches) batches_.push_back(batch);
    return batch;
  }

  /// In order: what the plugin still holds is written by its destructor. Nobody else is asked to do
  /// anything, for the daemon quits only what is idle.
  [[noreturn]] void quit() {
    making_.join();
    object_.reset();
    ::_exit(0);
  }

  FramePipe pipe_;
  FrameCutter cutter_;
  SeriesTable series_;
  Talk talk_;
  LogHub log_hub_;   // what is said here
  LogHub messages_;  // what is said elsewhere
  LogThere sink_;
  SystemClock system_clock_;
  DisciplinedClock clock_{system_clock_};
  Types types_;
  std::optional<Root> root_;
  std::optional<PastTypes> past_types_;
  std::optional<journal::Decoder> decoder_;
  Children children_;
  Brief brief_;
  Loader loader_;
  PluginPlan plan_;
  std::shared_ptr<Sources> sources_;
  std::deque<Part> parts_;
  std::shared_ptr<void> object_;
  std::vector<std::shared_ptr<Batch>> batches_;
  unsigned tasks_ = 0;
  Thread making_;

  mutable std::mutex mutex_;
  std::string host_name_;  // guarded by mutex_
};

}  // namespace

[[noreturn]] void run_plugin_process(const char* plugin) {
  Text<15> name;  // as top shows it
  ::prctl(PR_SET_NAME, name.add_cut("vitald/").add_cut(plugin).c_str());
  std::signal(SIGPIPE, SIG_IGN);
  (void)::fcntl(kPipe, F_SETFD, FD_CLOEXEC);  // not for programs that the plugin starts
  PluginHost{Fd{kPipe}}.run();
}

}  // namespace vital
