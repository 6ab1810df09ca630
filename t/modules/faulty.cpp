// SPDX-License-Identifier: MIT
// A plugin that goes wrong when it is told to, in each way that plugins do. For tests alone.
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "base/thread.h"
#include "plugin/plugin.h"

namespace vital::faulty {
namespace {

[[noreturn]] void loop() {
  for (std::atomic<unsigned> turns{0};;) ++turns;
}

/// Touches memory until there is no more, at a pace that a measurement can follow.
[[noreturn]] void eat(std::size_t step_bytes, useconds_t pause) {
  while (true) {
    void* const more = std::malloc(step_bytes);
    if (more == nullptr) std::abort();
    std::memset(more, 1, step_bytes);
    ::usleep(pause);
  }
}

void go_wrong(const std::string& how) {
  constexpr std::size_t kMebibyte = std::size_t{1} << 20;
  if (how == "segfault") *std::unique_ptr<volatile int, decltype([](auto*) {})>{} = 1;
  if (how == "abort") std::abort();
  if (how == "exit") ::_exit(3);
  if (how == "loop") loop();
  if (how == "deaf") {
    std::signal(SIGTERM, SIG_IGN);
    loop();
  }
  if (how == "stop") ::raise(SIGSTOP);
  if (how == "eat") eat(kMebibyte, 10'000);
  if (how == "devour") eat(16 * kMebibyte, 0);
  if (how == "throw") throw std::runtime_error{"thrown by a read"};
  if (how == "personality")  // which no filter lets through
    std::fprintf(stderr, "personality said %ld\n", ::syscall(SYS_personality, 0xffffffffL));
  if (how == "babble")
    for (int i = 0; i < 100'000; ++i) std::fprintf(stderr, "line %d of many\n", i);
  if (how == "nonsense") {
    const char bytes[] = "\xff\xff\xff\x7f nonsense";
    [[maybe_unused]] const auto written = ::write(3, bytes, sizeof bytes);
  }
}

}  // namespace

/// Reads how often it was read; before that it looks for a file that says how to go wrong. The file
/// is taken away first, unless it begins with "always ".
class Faulty final : public Reader, public Writer, public Notifier, public Service {
 public:
  explicit Faulty(Setup& setup)
      : trigger_{setup.options().text("Trigger")},
        out_{setup.options().text("File")},
        log_{setup.log()},
        host_{setup.host()},
        reads_{setup.declare({.type = "gauge", .type_instance = "reads"}, {{"label", "kept"}})},
        served_{setup.declare({.type = "counter", .type_instance = "served"})} {
    if (setup.options().flag("InSetup")) look("setup");
    if (setup.options().text("Refuse") == "yes") throw SetupError{"it was told to refuse"};
    if (setup.options().text("Refuse") == "here")
      throw ConfigError{setup.options().position("Refuse"), "it was told to refuse here"};
    setup.add(static_cast<Reader&>(*this));
    if (setup.options().flag("Service")) setup.add(static_cast<Service&>(*this));
    if (out_.empty()) return;
    setup.add(static_cast<Writer&>(*this), {.ledger = ledger_, .options = &setup.options()});
    setup.add(static_cast<Notifier&>(*this), {.immediate = true});
    log_.info("writes to ", std::string_view{out_}, " on ",
              std::string_view{setup.host().host_name()});
  }

  Status read(Batch& batch) noexcept override {
    look("read");
    return batch.add(reads_, ++count_);
  }

  Status write(const Batch& batch) noexcept override {
    look("write");
    std::ofstream file{out_, std::ios::app};
    for (const Sample& sample : batch) {
      if (sample.series.plugin_instance() == "poison")
        return Error{Errc::refused, sample.series.name()};
      file << sample.series.name();
      for (std::size_t i = 0; i < sample.values.size(); ++i) file << ' ' << sample.rates[i];
      for (const auto& [name, value] : sample.series.labels()) file << ' ' << name << '=' << value;
      if (sample.meta != nullptr)
        for (const auto& entry : *sample.meta)
          file << ' ' << entry.name << '=' << to_text(entry.value);
      file << '\n';
    }
    return {};
  }
  Status flush(const FlushRequest& request) noexcept override {
    std::ofstream{out_, std::ios::app} << "flush " << request.identifier << '\n';
    return {};
  }
  Status notify(const Notification& notification) noexcept override {
    std::ofstream{out_, std::ios::app} << "notification " << notification.message << '\n';
    return {};
  }

  Status start() override {
    auto thread = Thread::start("faulty", [this] { serve(); });
    if (!thread) return thread.error();
    thread_ = std::move(*thread);
    return {};
  }
  void stop() noexcept override {
    bell_.ring();
    thread_.join();
  }

 private:
  void look(std::string_view where) noexcept {
    std::string how, at;
    {
      std::ifstream file{trigger_};
      if (!(file >> at >> how) || (at != where && at != "always")) return;
      if (at == "always" && where != "read") return;
    }
    if (at != "always") ::unlink(trigger_.c_str());
    go_wrong(how);
  }

  void serve() {
    SystemClock clock;
    for (std::uint64_t served = 1;
         clock.sleep_until(clock.now() + std::chrono::milliseconds{200}, bell_); ++served) {
      auto batch = std::make_shared<Batch>();
      batch->begin(clock.wall(), span_of_seconds(1), host_.series().era());
      (void)batch->add(served_, served);
      host_.submit(std::move(batch));
      host_.publish();
      if (served != 1) continue;
      Notification notification;
      notification.level = Level::warning;
      notification.time = clock.wall();
      notification.set_message("served for the first time");
      host_.notify(std::move(notification));
    }
  }

  const std::string trigger_, out_;
  const Log log_;
  Host& host_;
  Series reads_, served_;
  std::uint64_t count_ = 0;
  std::shared_ptr<Ledger> ledger_ = std::make_shared<Ledger>();
  Bell bell_;
  Thread thread_;
};

}  // namespace vital::faulty

extern "C" void vital_register(vital::Registry& registry) {
  using vital::Unset;
  auto& plugin = registry.plugin<vital::faulty::Faulty>("faulty", "Goes wrong when it is told to.");
  plugin.option("Trigger", "/nonexistent", "The file that says how: \"read segfault\".")
      .option("File", "", "Where values are written; empty: it is no writer.")
      .option("Service", false, "Whether it also submits by itself.")
      .option("InSetup", false, "Whether it also looks while it is made.")
      .option("Refuse", "no", "\"yes\" or \"here\": it cannot be made.");
  vital::declare_queue(plugin);
}
