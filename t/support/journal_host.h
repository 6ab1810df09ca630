// SPDX-License-Identifier: MIT
#pragma once
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/types.h"
#include "pipeline/journal.h"
#include "support/fake_clock.h"
#include "support/fixture.h"

namespace vital::test {

/// A directory in memory, if the host has any, where a sync takes no time.
class QuickDirectory : public TemporaryDirectory {
 public:
  QuickDirectory() : TemporaryDirectory{::access("/dev/shm", W_OK) == 0 ? "/dev/shm" : ""} {}
};

/// What a journal needs around it, and entries whose number can be seen in each of their values, so
/// that a wrong value is found out wherever it comes from.
class JournalHost {
 public:
  JournalHost() {
    for (const char* line : {"gauge value:GAUGE:U:U", "if_octets rx:DERIVE:0:U, tx:DERIVE:0:U"})
      types_.add(*parse_data_set(line));
  }

  FakeClock& clock() noexcept { return clock_; }
  SeriesTable& series() noexcept { return series_; }

  std::unique_ptr<Journal> journal(const std::string& path, const JournalLimits& limits = {}) {
    return std::make_unique<Journal>(path, limits, series_, past_types_, clock_);
  }

  /// The batch of that number, with so many samples of a hundred series and more.
  std::shared_ptr<const Batch> batch(std::uint64_t number, std::size_t samples = 3) {
    auto batch = std::make_shared<Batch>();
    batch->begin(time_of(number), span_of_seconds(10), series_.era());
    for (std::size_t at = 0; at < samples; ++at) {
      const std::uint64_t which = (number + at) % (samples + 100);
      const Series series = series_of(which);
      if (which % 2 == 0) {
        (void)batch->add(series, value_of(number, which));
        batch->rates(at)[0] = value_of(number, which);
      } else {
        (void)batch->add(series, {value_of(number, which), value_of(number, which) + 1});
        batch->rates(at)[0] = static_cast<double>(number) / 3;
      }
    }
    return batch;
  }
  std::shared_ptr<const Notification> notification(std::uint64_t number) const {
    auto notification = std::make_shared<Notification>();
    notification->level = Level::warning;
    notification->time = time_of(number);
    notification->message = "number " + std::to_string(number);
    notification->host = "h";
    notification->meta.set("number", number);
    return notification;
  }

  /// Which entry it is; kWrong: something about it is not as it was put in.
  static constexpr std::uint64_t kWrong = ~std::uint64_t{0};
  static std::uint64_t number_of(const JournalEntry& entry) {
    if (entry.notification) {
      const MetaValue* number = entry.notification->meta.find("number");
      if (number == nullptr) return kWrong;
      const auto result = std::get<std::uint64_t>(*number);
      const bool same = entry.notification->time == time_of(result) &&
                        entry.notification->message == "number " + std::to_string(result);
      return same ? result : kWrong;
    }
    const Batch& batch = *entry.batch;
    const auto number =
        static_cast<std::uint64_t>(seconds(batch.time()) - seconds(time_of(std::uint64_t{0})));
    if (batch.time() != time_of(number) || batch.interval() != span_of_seconds(10)) return kWrong;
    for (const Sample& sample : batch)
      if (!is_right(sample, number)) return kWrong;
    return batch.empty() ? kWrong : number;
  }

 private:
  static Time time_of(std::uint64_t number) noexcept {
    return Time{span_of_seconds(1'700'000'000 + static_cast<std::int64_t>(number)) + Span{12345}};
  }
  static double value_of(std::uint64_t number, std::uint64_t which) noexcept {
    return static_cast<double>(number * 1000 + which);
  }
  static bool is_right(const Sample& sample, std::uint64_t number) {
    const std::uint64_t which = std::stoull(std::string{sample.series.type_instance()});
    const double value = value_of(number, which);
    if (sample.time != time_of(number) || sample.series.host() != "host") return false;
    if (which % 2 == 0) return sample.values[0].gauge == value && sample.rates[0] == value;
    return sample.values[0].derive == static_cast<std::int64_t>(value) &&
           sample.values[1].derive == static_cast<std::int64_t>(value) + 1 &&
           sample.rates[0] == static_cast<double>(number) / 3 && sample.rates[1] != sample.rates[1];
  }
  Series series_of(std::uint64_t which) {
    const char* const type = which % 2 == 0 ? "gauge" : "if_octets";
    return std::move(
        *series_.intern({"host", "plugin", "", type, std::to_string(which)}, *types_.find(type)));
  }

  FakeClock clock_;
  Types types_;
  PastTypes past_types_{types_};
  SeriesTable series_;
};

}  // namespace vital::test
