// SPDX-License-Identifier: MIT
#include <array>
#include <cstdio>
#include <cstring>
#include <random>

#include "tools/bench_commands.h"
#include "tools/bench_pace.h"
#include "tools/bench_socket.h"

namespace vital::bench {
namespace {

using namespace network;

constexpr double kUsualRate = 100'000;  // packets a second
constexpr std::size_t kLongestNoise = 200;

/// Makes one useless packet after the other.
class Maker {
 public:
  explicit Maker(Flood flood) : flood_{flood}, type_{"gauge", {{.name = "value"}}} {}

  Bytes next() {
    if (flood_ == Flood::random) return noise();
    if (flood_ == Flood::signatures && number_ != 0) return encoder_.packet();
    return invented();
  }

 private:
  Bytes noise() {
    const std::size_t size = 1 + random_() % kLongestNoise;
    for (std::size_t i = 0; i < size; i += 8) {
      const std::uint64_t word = random_();
      std::memcpy(buffer_.data() + i, &word, sizeof word);
    }
    return {buffer_.data(), size};
  }

  /// A value of a series that was never heard of.
  Bytes invented() {
    SeriesTable table;
    Text<32> instance;
    instance.add(run_).add('-').add(number_++);
    const Value value{.gauge = 1};
    const auto series =
        table.intern({"flood.bench.example", "invented", {}, "gauge", instance.view()}, type_);
    encoder_.clear();
    if (series)
      (void)encoder_.add({.series = **series,
                          .time = SystemClock{}.wall(),
                          .interval = span_of_seconds(10),
                          .values = {&value, 1},
                          .rates = {&value.gauge, 1},
                          .meta = nullptr});
    return encoder_.packet();
  }

  const Flood flood_;
  const DataSet type_;
  std::mt19937_64 random_{std::random_device{}()};
  const std::uint64_t run_ = random_();  // so that a second flood invents others than the first
  std::uint64_t number_ = 0;
  std::array<std::uint8_t, 1024> buffer_{};
  PacketEncoder encoder_{buffer_};
};

}  // namespace

int flood(const BenchOptions& options, const std::atomic<bool>& ended) {
  const bool forged = options.flood == Flood::signatures;
  const std::string user = options.user.empty() ? "nobody" : options.user;
  Maker maker{options.flood};
  Burst burst{{forged ? Trust::is_signed : Trust::none, user, "wrong"}, options.packet_size};
  const Fd socket = open_socket(options.host, options.port, End::connected);
  Pace pace{options.rate.value_or(kUsualRate), options.duration, ended};
  for (std::uint64_t done = 0; !pace.over();) {
    burst.add(maker.next());
    const bool early = pace.is_early(++done);
    if (burst.full() || early) burst.send(socket);
    if (early) pace.rest(done);
  }
  burst.send(socket);
  std::printf("sent %llu packets in %.3f s: %.0f packets/s\n",
              static_cast<unsigned long long>(burst.counts().packets), pace.elapsed(),
              static_cast<double>(burst.counts().packets) / pace.elapsed());
  return 0;
}

}  // namespace vital::bench
