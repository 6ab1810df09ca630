// SPDX-License-Identifier: MIT
#include "daemon/daemon.h"

#include <poll.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>

#include "base/strings.h"
#include "daemon/memory.h"
#include "daemon/status.h"

namespace vital {
namespace {

constexpr Nanoseconds kReadsMayTake = std::chrono::milliseconds{1000};
constexpr Nanoseconds kWritersMayTake = std::chrono::milliseconds{3400};
constexpr Nanoseconds kStateMayTake = std::chrono::milliseconds{400};  // beyond that
constexpr unsigned kStopTakesAtMost = 5;                               // seconds
constexpr Nanoseconds kNameMayTake = std::chrono::seconds{30};

std::uint64_t random_seed() noexcept {
  std::uint64_t seed = 0;
  [[maybe_unused]] const ssize_t got = ::getrandom(&seed, sizeof seed, GRND_NONBLOCK);
  return seed;
}

/// The last resort when something that must be waited for never ends.
void exit_when_stop_hangs() {
  std::signal(SIGALRM, [](int) { ::_exit(1); });
  sigset_t alarm;
  sigemptyset(&alarm);
  sigaddset(&alarm, SIGALRM);
  pthread_sigmask(SIG_UNBLOCK, &alarm, nullptr);
  ::alarm(kStopTakesAtMost);
}

/// Names the kernel's run; empty where the kernel does not say.
std::string boot_id(const Root& root) {
  const auto text = root.text("proc/sys/kernel/random/boot_id");
  return text ? std::string{trim(*text)} : std::string{};
}

Fd take_signals() {
  sigset_t wanted;
  sigemptyset(&wanted);
  for (const int signal : {SIGTERM, SIGINT, SIGUSR1, SIGHUP}) sigaddset(&wanted, signal);
  pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return Fd{::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK)};
}

}  // namespace

Daemon::Daemon(const ConfigurationSource& source, Configuration configuration, Types types,
               SelfSources& self)
    : line_{source.line},
      places_{source.places},
      configuration_{std::move(configuration)},
      types_{std::move(types)},
      log_{log_hub_},
      clock_{system_clock_},
      started_{clock_.wall()},
      root_{::geteuid() == 0},
      privileges_{log_},
      host_name_{log_},
      past_types_{types_},
      series_{random_seed()} {
  const Options& globals = configuration_.globals;
  pipeline_ = std::make_unique<Pipeline>(series_, clock_, log_, globals.integer("Timeout"));
  const Root root{globals.text("RootPath")};
  scheduler_ = std::make_unique<Scheduler>(
      ReadContext{clock_, *pipeline_, series_, root, globals.duration("MaxReadInterval")},
      static_cast<std::size_t>(globals.integer("ReadThreads")), log_);
  control_ = std::make_unique<ControlServer>(control_context());
  parts_ = std::make_unique<Parts>(Parts{clock_, types_, log_hub_, root, series_, *pipeline_,
                                         *scheduler_, *control_, host_name_, past_types_, children_,
                                         global_queue(globals)});
  self.scheduler = scheduler_.get();
  self.pipeline = pipeline_.get();
  self.as_collectd.set(globals.flag("CollectInternalStats"));
  upkeep_ = std::make_unique<Upkeep>(*pipeline_, *scheduler_, log_);
  own_socket_ = std::make_unique<OwnSocket>(*control_, source.places.run_dir);
  cache_state_ =
      std::make_unique<CacheState>(*pipeline_, boot_id(root), globals.duration("StateInterval"));
  state_ = std::make_unique<StateKeeper>(globals, clock_, log_);
  state_->add(*cache_state_);
  alert_state_ = std::make_unique<AlertState>(*pipeline_);
  state_->add(*alert_state_);
  silence_state_ = std::make_unique<SilenceState>(*pipeline_);
  state_->add_small(*silence_state_);
  pipeline_->when_silences_change([this] { state_->keep_now(); });
  chains_ = std::make_unique<FilterChains>(*pipeline_, source.loader, clock_, types_, series_,
                                           log_.part("filter chains"));
  assembly_ = std::make_unique<Assembly>(*parts_, source.loader, log_);
  reloader_ = std::make_unique<Reloader>(
      source,
      Reloader::Running{
          configuration_,
          types_,
          *parts_,
          self,
          *assembly_,
          {&privileges_, chains_.get(), upkeep_.get(), own_socket_.get(), state_.get()},
          [this] { publish_problems(); }},
      log_);
}

Daemon::~Daemon() = default;

int Daemon::run() {
  if (!go_to_base_dir()) return 1;
  if (!go_to_background()) return 2;
  signals_ = take_signals();
  state_->restore();
  if (!begin()) return 1;
  open_control_socket();
  if (const auto status = state_->start(); !status)
    log_.error("no state is kept for a restart: ", status.error());
  if (const auto status = control_->start(); !status)
    log_.error("control socket: ", status.error());
  if (const auto status = scheduler_->start(); !status) {
    log_.error("the reads cannot be started: ", status.error());
    background_.report(1);
    return 1;
  }
  log_.info("Initialization complete, entering read-loop.");
  manager_.tell("READY=1\nSTATUS=Reading and writing");
  background_.report(0);
  return_memory_of_start();
  settled_ = clock_.now() + nanoseconds(configuration_.globals.duration("Interval")) * 5 / 2;
  wait();
  return stop() ? 0 : 1;
}

int Daemon::read_once() {
  if (!go_to_base_dir()) return 1;
  signals_ = take_signals();
  if (!begin()) return 1;
  host_name_.wait(kNameMayTake);
  name_is_known(false);
  const bool all = scheduler_->read_once();
  const bool stopped = stop();
  return all && stopped && !assembly_->incomplete() ? 0 : 1;
}

bool Daemon::go_to_base_dir() {
  const std::string directory = configuration_.globals.text("BaseDir");
  const auto status = enter_directory(directory, line_.make_base_dir);
  if (!status) log_.error("BaseDir: ", status.error(), "; name another one, or make it writable");
  return static_cast<bool>(status);
}

/// Under a service manager, or with -f, the daemon stays where it is.
bool Daemon::go_to_background() {
  if (line_.foreground || manager_.present()) return true;
  if (const auto status = background_.detach(); !status) {
    log_.error("cannot go to the background: ", status.error());
    return false;
  }
  const std::string path = line_.pid_file.value_or(configuration_.globals.text("PIDFile"));
  auto file = PidFile::create(path);
  if (!file) {
    log_.error("no PID file: ", file.error());
    background_.report(2);
    return false;
  }
  pid_file_ = std::move(*file);
  return true;
}

/// What needs root was done before; from here on there are threads, and plugins.
bool Daemon::give_up_privileges() {
  std::vector<std::string> directories{configuration_.globals.text("BaseDir")};
  if (root_ && !configuration_.globals.given("ControlSocket")) {
    (void)make_directory(places_.run_dir);
    directories.push_back(places_.run_dir);
  }
  const bool done = privileges_.give_up(configuration_, directories);
  if (!done) background_.report(1);
  return done;
}

bool Daemon::begin() {
  ::setenv("LC_NUMERIC", "C", 1);
  ::unsetenv("LC_ALL");
  if (!give_up_privileges()) return false;
  const Options& globals = configuration_.globals;
  host_name_.start(globals.text("Hostname"), globals.flag("FQDNLookup"));
  give_up_name_ = clock_.now() + kNameMayTake;
  if (host_name_.known())
    series_.set_local_host(host_name_.name());
  else
    pipeline_->hold();
  chains_->use(configuration_);
  assembly_->make(configuration_, configuration_.problems);
  upkeep_->use(globals);
  log_problems();
  privileges_.tell();
  assembly_->start();
  publish_problems();
  if (manager_.watchdog_interval() > Nanoseconds::zero()) next_watchdog_ = clock_.now();
  return true;
}

/// Problems went to the terminal at once; here they reach the log, if there is another.
void Daemon::log_problems() {
  if (log_hub_.unheard()) return;
  for (const Problem& problem : configuration_.problems)
    log_.say(problem.gravity == Gravity::warning ? Severity::warning : Severity::error,
             std::string_view{problem.log_line()});
}

void Daemon::open_control_socket() {
  if (const auto status = own_socket_->open(configuration_.globals); !status)
    log_.warning("no control socket: ", status.error(), "; set ControlSocket");
}

ControlContext Daemon::control_context() {
  ControlContext context{.clock = clock_,
                         .types = types_,
                         .series = series_,
                         .pipeline = *pipeline_,
                         .log = log_,
                         .commands = {}};
  context.commands["STATUS"] = [this](std::string_view) {
    return status_reply(host_name_.name(), started_, clock_.wall(), *scheduler_, *pipeline_,
                        children_, problems());
  };
  const auto later = [this](auto work) {
    return [this, work](std::string_view arguments, bool trusted,
                        const std::shared_ptr<LateReply>& reply) {
      errands_.post([work, trusted, text = std::string{arguments}, reply] {
        reply->give(work(text, trusted));
      });
    };
  };
  context.manage["RESTART"] =
      later([this](const std::string& name, bool) { return restart_reply(children_, name); });
  context.manage["RELOAD"] =
      later([this](const std::string&, bool) { return reloader_->reload().reply(); });
  context.manage["DIFF"] = later([this](const std::string& file, bool trusted) {
    if (!file.empty() && !trusted)
      return std::string{"-1 Only the superuser and the daemon's own user may name a file\n"};
    return reloader_->diff(file).reply();
  });
  context.commands["ALERTS"] = [this](std::string_view) { return alerts_reply(*pipeline_); };
  context.commands["SILENCE"] = [this](std::string_view arguments) {
    return silence_reply(*pipeline_, arguments);
  };
  return context;
}

int Daemon::poll_timeout(Steady now) const {
  Steady next = std::min({next_watchdog_, settled_, assembly_->next_look()});
  if (!host_name_.known()) next = std::min(next, give_up_name_);
  if (next == Steady::max()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - now).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 1'000'000));
}

void Daemon::wait() {
  while (true) {
    std::array<pollfd, 4> events{{{signals_.get(), POLLIN, 0},
                                  {scheduler_->watch_fd(), POLLIN, 0},
                                  {host_name_.fd(), POLLIN, 0},
                                  {errands_.fd(), POLLIN, 0}}};
    (void)::poll(events.data(), events.size(), poll_timeout(clock_.now()));
    if (events[1].revents != 0) scheduler_->supervise();
    if (events[3].revents != 0) errands_.run();
    assembly_->tend();
    if (!host_name_.known()) {
      const bool late = clock_.now() >= give_up_name_;
      if (events[2].revents != 0 || late) name_is_known(events[2].revents == 0);
    }
    if (clock_.now() >= next_watchdog_) {
      manager_.tell("WATCHDOG=1");
      next_watchdog_ = clock_.now() + manager_.watchdog_interval();
    }
    if (clock_.now() >= settled_) {
      return_memory_of_start();
      settled_ = Steady::max();
    }
    if (events[0].revents != 0 && handle_signals() == Event::stop) return;
  }
}

void Daemon::name_is_known(bool give_up) {
  if (!host_name_.known()) (void)host_name_.settle(give_up);
  series_.set_local_host(host_name_.name());
  pipeline_->release();
}

Daemon::Event Daemon::handle_signals() {
  signalfd_siginfo info{};
  while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
    switch (static_cast<int>(info.ssi_signo)) {
      case SIGTERM:
      case SIGINT:
        log_.info("Exiting normally.");
        return Event::stop;
      case SIGUSR1:
        flush_all();
        break;
      case SIGHUP:
        log_hub_.reopen();
        log_.info("The log files were opened anew.");
        reload();
        break;
      default:
        break;
    }
  }
  return Event::nothing;
}

/// Clients ask for them in another thread.
void Daemon::publish_problems() {
  const std::lock_guard lock{problems_mutex_};
  problems_ = configuration_.problems;
}

Problems Daemon::problems() const {
  const std::lock_guard lock{problems_mutex_};
  return problems_;
}

void Daemon::reload() {
  manager_.tell("RELOADING=1");
  (void)reloader_->reload();
  manager_.tell("READY=1");
}

void Daemon::flush_all() {
  log_.info("Flushing all data.");
  pipeline_->flush({}, {}, [this] { log_.info("Finished flushing all data."); });
}

/// Readers first, then what brings values from elsewhere, then the writers, so that nothing that
/// was read is lost. False: something hung and is left behind.
bool Daemon::stop() {
  exit_when_stop_hangs();
  manager_.tell("STOPPING=1");
  if (!host_name_.known()) name_is_known(true);
  const std::vector<std::string> stuck = scheduler_->stop(kReadsMayTake);
  for (const std::string& name : stuck)
    log_.error("the read of ", std::string_view{name}, " hangs and is given up");
  assembly_->stop_services();
  control_->stop();
  state_->request_stop();
  const bool delivered = assembly_->stop_writers(clock_.now() + kWritersMayTake);
  const bool kept = state_->stop(kStateMayTake);
  if (!delivered || !kept || !stuck.empty()) {
    // Threads are still inside of plugins: nothing may be taken apart under them.
    pid_file_.reset();
    ::_exit(0);
  }
  assembly_->destroy();
  ::alarm(0);
  return true;
}

}  // namespace vital
