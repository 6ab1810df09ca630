// SPDX-License-Identifier: MIT
#include "support/plugin_under_test.h"

#include <algorithm>

#include "base/fd.h"
#include "model/put.h"
#include "support/no_allocation.h"

namespace vital::test {
namespace {

constexpr Span kInterval = span_of_seconds(10);

std::string line_of(const Sample& sample, bool with_host) {
  Text<2048> line;
  if (with_host) line.add(sample.series.host()).add('/');
  line.add(sample.series.plugin_part()).add('/').add(sample.series.type_part());
  for (std::size_t i = 0; i < sample.values.size(); ++i) {
    line.add(' ');
    switch (sample.kind(i)) {
      case Kind::gauge:
        line.add(sample.values[i].gauge);
        break;
      case Kind::derive:
        line.add(sample.values[i].derive);
        break;
      default:
        line.add(sample.values[i].counter);
    }
  }
  return std::string{line.add('\n').view()};
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line;
  return text;
}

}  // namespace

PluginUnderTest::PluginUnderTest(std::string_view plugin, const Fixture& root,
                                 std::string_view options)
    : PluginUnderTest{plugin, root.path(), options} {}

PluginUnderTest::PluginUnderTest(std::string_view plugin, const std::string& root,
                                 std::string_view options)
    : PluginUnderTest{[](Registry&) {}, plugin, root, options} {}

PluginUnderTest::PluginUnderTest(const std::function<void(Registry&)>& registers,
                                 std::string_view plugin, const std::string& root,
                                 std::string_view options)
    : root_{root}, loader_{std::make_unique<Loader>()} {
  Registry registry;
  registers(registry);
  loader_->add_built_in(registry);
  log_hub_.add(static_cast<LogSink&>(*this));
  series_.set_local_host("host");
  const auto types = read_file(TYPES_DB);
  types_.add(*types, [](std::size_t, std::string_view) {});
  declare_globals(globals_, {});
  declare_load_plugin(load_plugin_);
  Problems problems;
  const std::string name{plugin};
  const auto statements = load_config_text(
      "options",
      "LoadPlugin " + name + "\n<Plugin " + name + ">\n" + std::string{options} + "\n</Plugin>\n",
      problems);
  configuration_ = interpret(statements, globals_, load_plugin_, BUILT_PLUGINS, *loader_);
  for (const Problem& problem : configuration_.problems)
    throw ConfigError{problem.position, problem.log_line(), problem.hint};
  PluginPlan& plan = configuration_.plugins.at(0);
  Setup setup{*this, plan};
  object_ = loader_->make(*plan.plugin, setup);
}

PluginUnderTest::~PluginUnderTest() {
  stop();
  object_.reset();
  log_hub_.remove(static_cast<LogSink&>(*this));
}

Status PluginUnderTest::start() {
  for (; services_started_ < services_.size(); ++services_started_)
    if (auto status = services_[services_started_]->start(); !status) return status;
  return {};
}

Status PluginUnderTest::read() {
  if (!std::exchange(first_, false)) clock_.advance(nanoseconds(kInterval));
  root_.new_tick();
  Status first;
  batch_.begin(clock_.wall(), kInterval, series_.era());
  {
    const NoAllocation guard;
    for (Reader* reader : readers_)
      if (const auto status = reader->read(batch_); !status && first) first = status;
    allocations_ = guard.count();
  }
  record(batch_, false);
  return first;
}

void PluginUnderTest::submit(std::shared_ptr<Batch> batch) { record(*batch, true); }

void PluginUnderTest::record(const Batch& batch, bool with_host) {
  const std::lock_guard lock{mutex_};
  for (const Sample& sample : batch) recorded_.push_back(line_of(sample, with_host));
  more_.notify_all();
}

std::string PluginUnderTest::recorded() {
  const std::lock_guard lock{mutex_};
  return joined(std::exchange(recorded_, {}));
}

bool PluginUnderTest::await_recorded(std::size_t count) {
  std::unique_lock lock{mutex_};
  return more_.wait_for(lock, std::chrono::seconds{10}, [&] { return recorded_.size() >= count; });
}

void PluginUnderTest::stop() noexcept {
  while (services_started_ != 0) services_[--services_started_]->stop();
}

std::string PluginUnderTest::sorted() {
  std::sort(recorded_.begin(), recorded_.end());
  return recorded();
}

void PluginUnderTest::add(Writer& writer, const WriterSpec& spec) {
  writers_.push_back(&writer);
  if (spec.ledger) ledger_ = spec.ledger;
}

Status PluginUnderTest::write(std::string_view lines) {
  batch_.begin(clock_.wall(), kInterval, series_.era());
  PutvalParser parser{types_};
  for (const std::string_view line : split(lines, "\n")) {
    std::string copy{line};
    Refusal refusal;
    if (!parser.parse(copy, clock_.wall(), refusal)) return Error{Errc::malformed, refusal.view()};
    if (auto status = parser.add_to(batch_, series_, kInterval); !status) return status;
  }
  return write(batch_);
}

Status PluginUnderTest::write(const Batch& batch) {
  for (Writer* writer : writers_) {
    ledger_->submitted(batch.size());
    const std::uint64_t before = ledger_->settled();
    const NoAllocation guard;
    if (auto status = writer->write(batch); !status) return status;
    allocations_ = guard.count();
    const std::uint64_t counted = ledger_->settled() - before;
    if (counted < batch.size()) ledger_->delivered(batch.size() - counted);
  }
  return {};
}

bool PluginUnderTest::wake() {
  bool any = false;
  for (Writer* writer : writers_) {
    if (clock_.now() < writer->next_wake()) continue;
    writer->wake();
    any = true;
  }
  return any;
}

Status PluginUnderTest::flush(const FlushRequest& request) {
  for (Writer* writer : writers_)
    if (auto status = writer->flush(request); !status) return status;
  return {};
}

void PluginUnderTest::notify(Notification notification) {
  const std::lock_guard lock{mutex_};
  notifications_ += log_line(notification) + "\n";
}

std::string PluginUnderTest::notifications() {
  const std::lock_guard lock{mutex_};
  return std::exchange(notifications_, {});
}

void PluginUnderTest::write(Severity severity, std::string_view message) noexcept {
  const std::lock_guard lock{mutex_};
  logged_.append(name_of(severity)).append(": ").append(message).append("\n");
}

std::string PluginUnderTest::logged() {
  const std::lock_guard lock{mutex_};
  return std::exchange(logged_, {});
}

}  // namespace vital::test
