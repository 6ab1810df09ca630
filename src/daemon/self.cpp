// SPDX-License-Identifier: MIT
#include "daemon/self.h"

#include <map>

#include "daemon/status.h"

namespace vital {
namespace {

/// Series named when first met, and kept.
class SeriesBook {
 public:
  explicit SeriesBook(Namer namer) : namer_{std::move(namer)} {}

  Status add(Batch& batch, const Identifier& identifier, Number number) {
    const IdentifierText name = format(identifier);
    auto known = series_.find(name.view());
    if (known == series_.end()) {
      auto made = namer_(identifier);
      if (!made) return made.error();
      known = series_.emplace(std::string{name.view()}, std::move(*made)).first;
    }
    return batch.add(known->second, number);
  }

 private:
  Namer namer_;
  std::map<std::string, Series, std::less<>> series_;
};

/// A reader's or writer's name as an instance: "curl/page" reads "curl-page".
std::string instance(std::string_view kind, std::string_view name) {
  std::string text{kind};
  text.append("-").append(name);
  return text;
}

class SelfReader final : public Reader {
 public:
  SelfReader(const Setup& setup, const SelfSources& sources)
      : sources_{sources}, book_{setup.namer()} {
    setup.need_types({"duration", "total_values", "total_operations", "queue_length", "cache_size",
                      "contextswitch", "ps_rss", "count", "total_time_in_ms", "derive"});
  }

  Status read(Batch& batch) noexcept override {
    try {
      usage(batch);
      for (const ReadStatus& read : sources_.scheduler->status()) reader(batch, read);
      const auto outlets = sources_.pipeline->outlets();
      for (const OutletStatus& outlet : outlets) writer(batch, outlet);
      pipeline(batch, sources_.pipeline->counts());
      if (sources_.as_collectd.get()) as_collectd(batch, outlets);
    } catch (const std::bad_alloc&) {
      return Error{Errc::temporary, "no memory", ENOMEM};
    }
    return {};
  }

 private:
  void put(Batch& batch, const std::string& instance, std::string_view type,
           std::string_view type_instance, Number number) {
    (void)book_.add(
        batch, {.plugin_instance = instance, .type = type, .type_instance = type_instance}, number);
  }

  void usage(Batch& batch) {
    const OwnUsage own = own_usage();
    put(batch, {}, "total_time_in_ms", "cpu_user", own.user_seconds * 1000);
    put(batch, {}, "total_time_in_ms", "cpu_system", own.system_seconds * 1000);
    put(batch, {}, "contextswitch", "wakeups", own.wakeups);
    put(batch, {}, "ps_rss", {}, own.resident_bytes);
    put(batch, {}, "count", "threads", own.threads);
    put(batch, {}, "count", "descriptors", own.descriptors);
  }

  void reader(Batch& batch, const ReadStatus& read) {
    const std::string name = instance("read", read.name);
    put(batch, name, "duration", {}, seconds(read.duration));
    put(batch, name, "total_values", {}, read.values);
    put(batch, name, "total_operations", "reads", read.reads);
    put(batch, name, "total_operations", "failures", read.failures);
    put(batch, name, "total_operations", "missed", read.missed);
    put(batch, name, "total_operations", "overruns", read.overruns);
  }

  void writer(Batch& batch, const OutletStatus& outlet) {
    const std::string name = instance(outlet.takes_values ? "write" : "notify", outlet.name);
    put(batch, name, "queue_length", {}, outlet.values.queued);
    put(batch, name, "total_values", "submitted", outlet.values.submitted);
    put(batch, name, "total_values", "delivered", outlet.values.delivered);
    for (std::size_t i = 0; i < kLosses; ++i)
      put(batch, name, "total_values", "dropped-" + std::string{name_of(static_cast<Loss>(i))},
          outlet.values.dropped[i]);
  }

  void pipeline(Batch& batch, const Pipeline::Counts& counts) {
    put(batch, "cache", "cache_size", {}, counts.cached);
    put(batch, "pipeline", "total_values", "passed", counts.values);
    put(batch, "pipeline", "total_values", "too_old", counts.too_old);
    put(batch, "pipeline", "total_values", "expired", counts.expired);
  }

  void as_collectd(Batch& batch, const std::vector<OutletStatus>& outlets) {
    std::uint64_t queued = 0, dropped = 0;
    for (const OutletStatus& outlet : outlets) {
      if (!outlet.takes_values) continue;
      queued += outlet.values.queued;
      dropped += outlet.values.all_dropped();
    }
    const auto add = [&](std::string_view instance, std::string_view type, std::string_view ti,
                         Number number) {
      (void)book_.add(
          batch,
          {.plugin = "collectd", .plugin_instance = instance, .type = type, .type_instance = ti},
          number);
    };
    add("write_queue", "queue_length", {}, queued);
    add("write_queue", "derive", "dropped", dropped);
    add("cache", "cache_size", {}, sources_.pipeline->counts().cached);
  }

  const SelfSources& sources_;
  SeriesBook book_;
};

}  // namespace

void register_self(Registry& registry, const SelfSources& sources) {
  registry
      .custom("vitald",
              "The daemon's own numbers: how its readers and writers are doing, and what "
              "it costs. Loaded by CollectInternalStats true as well.",
              [&sources](Setup& setup) {
                auto reader = std::make_shared<SelfReader>(setup, sources);
                setup.add(*reader);
                return reader;
              })
      .never_isolated("it is about the daemon itself")
      .reports("vitald/total_time_in_ms-{cpu_user,cpu_system}", "CPU time of the daemon")
      .reports("vitald/contextswitch-wakeups", "times that one of its threads woke up")
      .reports("vitald/ps_rss", "bytes of memory that are resident")
      .reports("vitald/count-{threads,descriptors}", "its threads and open files")
      .reports("vitald-read-READER/duration", "how long the last read took, in seconds")
      .reports("vitald-read-READER/total_values", "values that it produced")
      .reports("vitald-read-READER/total_operations-{reads,failures,missed,overruns}",
               "reads, those that failed, ticks that were missed, reads past their deadline")
      .reports("vitald-write-WRITER/queue_length", "values that wait for it")
      .reports("vitald-write-WRITER/total_values-{submitted,delivered,dropped-REASON}",
               "values that it was given, and what became of them")
      .reports("vitald-notify-NOTIFIER/{queue_length,total_values-*}",
               "the same of notifications and those that deliver them")
      .reports("vitald-cache/cache_size", "series in the cache")
      .reports("vitald-pipeline/total_values-{passed,too_old,expired}",
               "values that passed the cache or were refused by it; series that went missing");
}

}  // namespace vital
