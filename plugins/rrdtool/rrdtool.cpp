// SPDX-License-Identifier: MIT
#include <algorithm>
#include <limits>

#include "lib/rrd_options.h"
#include "plugin/plugin.h"
#include "rrdtool/writer.h"

namespace vital::rrdtool {
namespace {

constexpr std::int64_t kFlushFactor = 10;  // CacheFlush, when it is not given, in CacheTimeouts

Span random_of(const Options& options, Span timeout, const Log& log) {
  const Span random = options.duration("RandomTimeout");
  if (random < Span::zero()) log.warning("RandomTimeout is below 0 and has no effect");
  if (random > timeout && timeout > Span::zero())
    log.notice("RandomTimeout is longer than CacheTimeout: ", seconds(timeout), " s are used");
  return std::clamp(random, Span::zero(), timeout);
}

Span flush_of(const Options& options, Span timeout, const Log& log) {
  const Span wanted = options.duration("CacheFlush");
  if (timeout == Span::zero() || wanted >= timeout)
    return timeout == Span::zero() ? timeout : wanted;
  const Span flush = kFlushFactor * timeout;
  if (options.given("CacheFlush"))
    log.notice("CacheFlush is shorter than CacheTimeout: ", seconds(flush), " s are used");
  return flush;
}

CacheOptions cache_of(const Options& options, const Log& log) {
  CacheOptions cache;
  cache.timeout = options.duration("CacheTimeout");
  cache.random = random_of(options, cache.timeout, log);
  cache.flush = flush_of(options, cache.timeout, log);
  cache.writes_per_second = options.number("WritesPerSecond");
  cache.make_apart = options.flag("CreateFilesAsync");
  return cache;
}

LayoutOptions layout_of(const Options& options) {
  LayoutOptions layout = layout_options(options);
  layout.averages_only = options.flag("RRASingle");
  std::sort(layout.timespans.begin(), layout.timespans.end());
  return layout;
}

class RrdtoolPlugin {
 public:
  explicit RrdtoolPlugin(Setup& setup)
      : ledger_{std::make_shared<Ledger>()},
        writer_{data_directory(setup.options()),
                layout_of(setup.options()),
                cache_of(setup.options(), setup.log()),
                setup.clock(),
                setup.log(),
                ledger_} {
    setup.add(writer_, {.ledger = ledger_});
  }

 private:
  const std::shared_ptr<Ledger> ledger_;
  RrdWriter writer_;
};

void declare_cache(Declaration& options) {
  options
      .option("CacheTimeout", std::chrono::seconds{0},
              "How long values may wait in memory, so that several reach a file together, which "
              "costs little more than one. 0 writes each value at once.")
      .option("CacheFlush", Unset<Span>{},
              "How often all files are searched for values that wait although none came after "
              "them, by default ten times CacheTimeout.")
      .at_least(0)
      .option("RandomTimeout", std::chrono::seconds{0},
              "Values wait up to that much longer or shorter than CacheTimeout, each file "
              "differently, so that the files are not all written in the same moment.")
      .at_least(-std::numeric_limits<double>::infinity())
      .option("WritesPerSecond", 0.0,
              "The most files to be written a second; 0 sets no limit. A FLUSH and the end of the "
              "daemon do not wait for it.")
      .at_least(0);
}

}  // namespace
}  // namespace vital::rrdtool

extern "C" void vital_register(vital::Registry& registry) {
  using namespace vital::rrdtool;
  auto& plugin = registry.plugin<RrdtoolPlugin>(
      "rrdtool", "Writes values to RRD files, one a series, as rrdtool(1) reads them.");
  plugin
      .option("DataDir", vital::Unset<std::string>{},
              "Where the files are made, by default in BaseDir.")
      .called("DIRECTORY")
      .written(vital::OptionDeclaration::Written::directory)
      .check(check_data_directory)
      .option("CreateFilesAsync", false,
              "Let a thread of its own make new files. No value is lost either way.");
  declare_cache(plugin);
  declare_layout(plugin,
                 "After how long without a value new files count as unknown. 0 takes twice "
                 "StepSize, or without that twice the interval.");
  plugin.option(
      "RRASingle", false,
      "Make archives of averages only, for a third of the space, as collectd does where its "
      "builders added this option.");
  plugin
      .note(
          "The options from StepSize on shape new files only; those that exist stay as they are. "
          "The interval of a series' first value decides for ever, so set Interval before.")
      .note(
          "A file of AVERAGE, MIN, MAX and LAST archives as a 64-bit PC makes it is made and "
          "written straight, with the same bytes that librrd would leave and under the same lock; "
          "rrdtool and rrdcached may use it meanwhile. librrd is loaded only where a file is laid "
          "out in another way.")
      .note(
          "FLUSH answers when the values are on disk, and neither it nor the end of the daemon "
          "waits for WritesPerSecond.");
}
