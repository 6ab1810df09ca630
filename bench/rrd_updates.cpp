// SPDX-License-Identifier: MIT
// Usage: rrd-updates DIRECTORY FILES ROUNDS
// CPU time of updates of so many RRD files with collectd's archives: ours and librrd's in turns,
// with 1, 10 and 100 values an update, and of creating them, half of them each. A line each: name,
// microseconds.
#include <rrd.h>
#include <sys/stat.h>
#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <functional>

#include "base/text.h"
#include "lib/rrd_create.h"
#include "rrdtool/direct_update.h"

namespace vital::bench {
namespace {

constexpr std::int64_t kBegin = 1'700'000'000;

double microseconds_of(const std::function<void()>& work) {
  const auto now = [] {
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
  };
  const double begin = now();
  work();
  return now() - begin;
}

class Updates {
 public:
  Updates(std::string directory, int files) : directory_{std::move(directory)}, files_{files} {}

  void create(int rounds) {
    const auto layout = rrdtool::layout_for({}, type_, span_of_seconds(10));
    std::vector<const char*> words;
    const std::vector<std::string> texts = layout->words();
    for (const std::string& word : texts) words.push_back(word.c_str());
    const auto by_librrd = [&](const std::string& path) {
      return rrd_create_r(path.c_str(), 10, kBegin, static_cast<int>(words.size()), words.data()) ==
             0;
    };
    const auto by_us = [&](const std::string& path) {
      return bool{rrdtool::create_rrd(path, *layout, kBegin)};
    };
    // Each round makes its share of the files, half of it each; none is taken away again, because
    // ext4 is slow to make files where some have just been deleted.
    for (int round = 0; round < rounds; ++round) {
      const int begin = files_ * round / rounds, end = files_ * (round + 1) / rounds;
      const int middle = begin + (end - begin) / 2;
      report("librrd-create", 1, by_librrd, begin, middle);
      report("create", 1, by_us, middle, end);
    }
  }
  void ours(int values) {
    std::vector<Value> records;
    for (int i = 0; i < values; ++i) {
      records.push_back({.derive = time_ += 10});
      records.push_back({.gauge = 0.37 * i});
    }
    report("ours", values, [&](const std::string& path) {
      const auto done = direct_.update(path, type_, records);
      return done && *done;
    });
  }
  void librrds(int values) {
    std::vector<std::string> lines;
    for (int i = 0; i < values; ++i) {
      Text<64> line;
      lines.emplace_back(line.add(time_ += 10).add(':').add(0.37 * i).view());
    }
    std::vector<const char*> words;
    for (const std::string& line : lines) words.push_back(line.c_str());
    report("librrd", values, [&](const std::string& path) {
      return rrd_update_r(path.c_str(), nullptr, values, words.data()) == 0;
    });
  }

 private:
  /// Microseconds a value, for all files.
  template <typename Work>
  void report(const char* name, int values, Work work) {
    report(name, values, work, 0, files_);
  }
  template <typename Work>
  void report(const char* name, int values, Work work, int begin, int end) {
    const double all = microseconds_of([&] {
      for (int i = begin; i < end; ++i) {
        if (work(directory_ + "/" + std::to_string(i) + ".rrd")) continue;
        std::fprintf(stderr, "%s: %s\n", name, rrd_test_error() ? rrd_get_error() : "not ours");
        std::exit(1);
      }
    });
    std::printf("%s %d %.3f\n", name, values, all / (end - begin) / values);
    std::fflush(stdout);
  }

  const std::string directory_;
  const int files_;
  const DataSet type_{"gauge", {{"value", Kind::gauge}}};
  std::int64_t time_ = kBegin;
  rrdtool::DirectUpdate direct_;
};

}  // namespace
}  // namespace vital::bench

int main(int count, char** arguments) {
  if (count != 4 || std::atoi(arguments[2]) < 2 * std::atoi(arguments[3])) return 2;
  vital::bench::Updates updates{arguments[1], std::atoi(arguments[2])};
  const int rounds = std::atoi(arguments[3]);
  updates.create(rounds);
  for (int round = 0; round < rounds; ++round)
    for (const int values : {1, 10, 100}) {
      updates.ours(values);
      updates.librrds(values);
    }
}
