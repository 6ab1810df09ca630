// SPDX-License-Identifier: MIT
#include "cases.h"

#include <rrd.h>

#include <array>
#include <stdexcept>
#include <vector>

#include "base/bytes.h"
#include "disk/diskstats.h"
#include "interface/net_dev.h"
#include "irq/interrupts.h"
#include "lib/format_graphite.h"
#include "lib/format_json.h"
#include "lib/meminfo.h"
#include "lib/proc_stat.h"
#include "lib/rrd_layout.h"
#include "lib/vmstat.h"
#include "load/loadavg.h"
#include "model/put.h"
#include "model/rate.h"
#include "pipeline/journal_codec.h"
#include "pipeline/pipeline.h"
#include "rrdtool/direct_update.h"
#include "support/plugin_under_test.h"
#include "support/samples.h"

namespace vital::bench {
namespace {

using test::Fixture;
using test::Samples;
using Work = std::function<void()>;

constexpr std::string_view kMachine = "linux-6.18-vm";
constexpr int kSeries = 200;  // what a host of ordinary size has

/// Keeps the compiler from leaving out what nobody looks at.
template <typename T>
void keep(const T& value) noexcept {
  asm volatile("" : : "g"(&value) : "memory");
}

void must(bool fine) {
  if (!fine) throw std::runtime_error{"a piece of work does not work"};
}

/// A parser over the text of a fixture.
template <typename Parse>
Case parser(std::string_view name, std::string_view file, Parse parse) {
  return {name, [=]() -> Work {
            const std::string text = Fixture{kMachine}.text(file);
            return [=] { keep(parse(std::string_view{text})); };
          }};
}

std::size_t count_cpus(std::string_view text) {
  CpuLines lines{text};
  std::size_t count = 0;
  for (CpuTimes cpu; lines.next(cpu);) ++count;
  return count;
}

std::size_t count_fields(std::string_view text) {
  VmstatLines lines{text};
  std::size_t count = 0;
  for (VmstatLines::Line line; lines.next(line);) {
    std::uint64_t number = 0;
    count += line.number(number);
  }
  return count;
}

std::uint64_t count_interrupts(std::string_view text) {
  irq::InterruptLines lines{text};
  std::uint64_t sum = 0;
  for (irq::Interrupt interrupt; lines.next(interrupt);) sum += interrupt.total().value_or(0);
  return sum;
}

template <typename Parse>
std::size_t count_lines(std::string_view text, Parse parse) {
  Lines lines{text};
  std::size_t count = 0;
  for (std::string_view line; lines.next(line);) count += parse(line) ? 1 : 0;
  return count;
}

/// All kernel readers, one after the other, as on a tick.
Work prepare_tick() {
  struct Tick {
    std::vector<std::unique_ptr<test::PluginUnderTest>> readers;
  };
  auto tick = std::make_shared<Tick>();
  for (const char* reader : {"contextswitch", "cpu", "disk", "entropy", "interface", "irq", "load",
                             "memory", "processes", "swap", "thermal", "uptime", "users", "vmem"})
    tick->readers.push_back(std::make_unique<test::PluginUnderTest>(reader, Fixture{kMachine}));
  return [tick] {
    for (const auto& reader : tick->readers) keep(reader->read());
  };
}

Work prepare_numbers() {
  return [] {
    double value = 0.1;
    std::array<char, 64> text{};
    for (int i = 0; i < 100; ++i, value *= 1.7)
      keep(format_general(text.data(), text.data() + text.size(), value));
    for (int i = 0; i < 100; ++i)
      keep(format_general(text.data(), text.data() + text.size(), 1'000 * i));
  };
}

std::string puts_at(int time) {
  std::string lines;
  for (int i = 0; i < kSeries; ++i)
    lines += "host" + std::to_string(i % 7) + "/cpu-" + std::to_string(i) + "/derive-user " +
             std::to_string(1'700'000'000 + time) + ":" + std::to_string(i * 100 + time) + "\n";
  return lines;
}

/// So many series with names of ordinary length, and a batch of one value each.
struct Many {
  Many() : batch{&samples.batch(puts_at(0))} {}
  Samples samples;
  Batch* batch;
};

Work prepare_look_up() {
  auto many = std::make_shared<Many>();
  auto names = std::make_shared<std::vector<std::string>>();
  for (const Sample& sample : *many->batch) names->emplace_back(sample.series.name());
  return [many, names] {
    for (const std::string& name : *names) keep(many->samples.series().find(name));
  };
}

Work prepare_put() {
  auto types = std::make_shared<Types>();
  types->add(*read_file(TYPES_DB), [](std::size_t, std::string_view) {});
  auto parser = std::make_shared<PutvalParser>(*types);
  return [types, parser] {
    for (int i = 0; i < 100; ++i) {
      std::string line = "host/cpu-1/derive-user interval=10 1700000000:12345678";
      Refusal refusal;
      must(parser->parse(line, Time{}, refusal));
    }
  };
}

Work prepare_rates() {
  return [] {
    double sum = 0;
    for (std::uint64_t i = 0; i < 200; ++i)
      sum += rate_between(Kind::derive, {.counter = i}, {.counter = 3 * i}, span_of_seconds(10));
    keep(sum);
  };
}

/// Time goes on, and all series get a value.
struct Cache {
  Cache() {
    for (const Sample& sample : *many.batch) infos.push_back(&sample.series);
  }
  Many many;
  ValueCache cache;
  std::vector<const SeriesInfo*> infos;
  Time time = time_of(1'700'000'000.0);
};

Work prepare_cache() {
  auto state = std::make_shared<Cache>();
  return [state] {
    state->time += span_of_seconds(10);
    Batch& batch = *state->many.batch;
    for (std::size_t at = 0; at < batch.size(); ++at) {
      Sample sample = batch[at];
      sample.time = state->time;
      keep(state->cache.update(batch.series(at), sample, batch.rates(at), Steady{}, state->time));
    }
  };
}

Work prepare_submit() {
  struct State {
    Many many;
    SystemClock clock;
    LogHub hub;
    Pipeline pipeline{many.samples.series(), clock, Log{hub}, 2};
    std::shared_ptr<Batch> batch = std::make_shared<Batch>();
    std::vector<Series> series;
    Time time = time_of(1'700'000'000.0);
  };
  auto state = std::make_shared<State>();
  for (const Sample& sample : *state->many.batch)
    state->series.push_back(state->many.samples.series().find(sample.series.name()));
  return [state] {
    state->time += span_of_seconds(10);
    state->batch->begin(state->time, span_of_seconds(10), state->many.samples.series().era());
    for (const Series& series : state->series) must(bool{state->batch->add(series, 1)});
    state->pipeline.submit(state->batch);
    state->pipeline.publish();
  };
}

template <typename Format>
Work prepare_format(std::shared_ptr<Format> format) {
  auto many = std::make_shared<Many>();
  auto text = std::make_shared<std::string>();
  return [many, text, format] {
    text->clear();
    for (const Sample& sample : *many->batch) format->append(sample, *text);
  };
}

Work prepare_journal() {
  struct State {
    Many many;
    journal::Encoder encoder;
    ByteWriter payload, definitions;
  };
  auto state = std::make_shared<State>();
  state->encoder.begin();
  return [state] {
    state->payload.clear();
    state->definitions.clear();
    state->encoder.encode(*state->many.batch, 0, state->many.batch->size(), state->payload,
                          state->definitions);
  };
}

/// Ten values into a file with collectd's archives.
Work prepare_rrd() {
  struct State {
    State() {
      const auto layout = rrdtool::layout_for({}, type, span_of_seconds(10));
      must(bool{layout});
      std::vector<const char*> words;
      const std::vector<std::string> texts = layout->words();
      for (const std::string& word : texts) words.push_back(word.c_str());
      must(rrd_create_r(path.c_str(), 10, time, static_cast<int>(words.size()), words.data()) == 0);
    }
    DataSet type{"gauge", {{"value", Kind::gauge}}};
    std::int64_t time = 1'700'000'000;
    test::TemporaryDirectory directory;
    std::string path = directory.path() + "/a.rrd";
    rrdtool::DirectUpdate direct;
  };
  auto state = std::make_shared<State>();
  return [state] {
    std::array<Value, 20> records;
    for (std::size_t i = 0; i < records.size(); i += 2) {
      records[i].derive = state->time += 10;
      records[i + 1].gauge = 0.37 * static_cast<double>(i);
    }
    const auto done = state->direct.update(state->path, state->type, records);
    must(done && *done);
  };
}

}  // namespace

std::span<const Case> cases() {
  static const std::vector<Case> all{
      {"tick of all kernel readers", prepare_tick},
      parser("/proc/stat", "proc/stat", count_cpus),
      parser("/proc/meminfo", "proc/meminfo", parse_meminfo),
      parser("/proc/vmstat", "proc/vmstat", count_fields),
      parser("/proc/interrupts", "proc/interrupts", count_interrupts),
      parser("/proc/loadavg", "proc/loadavg", load::parse_loadavg),
      parser("/proc/diskstats", "proc/diskstats",
             [](std::string_view text) { return count_lines(text, disk::parse_block_device); }),
      parser("/proc/net/dev", "proc/net/dev",
             [](std::string_view text) { return count_lines(text, interface::parse_net_device); }),
      {"200 numbers as text", prepare_numbers},
      {"200 series by name", prepare_look_up},
      {"100 PUTVAL lines", prepare_put},
      {"200 rates", prepare_rates},
      {"200 values into the cache", prepare_cache},
      {"a batch of 200 values", prepare_submit},
      {"200 lines for Graphite",
       [] { return prepare_format(std::make_shared<GraphiteFormat>(GraphiteNaming{}, false)); }},
      {"200 values as JSON", [] { return prepare_format(std::make_shared<JsonFormat>(false)); }},
      {"200 values for the journal", prepare_journal},
      {"10 values into an RRD file", prepare_rrd},
  };
  return all;
}

}  // namespace vital::bench
