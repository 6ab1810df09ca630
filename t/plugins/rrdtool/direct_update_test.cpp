// SPDX-License-Identifier: MIT
#include "rrdtool/direct_update.h"

#include <cppunit/extensions/HelperMacros.h>
#include <fcntl.h>
#include <rrd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>

#include "lib/rrd_layout.h"
#include "support/fixture.h"

namespace vital::test {
namespace {

using namespace rrdtool;

constexpr std::int64_t kBegin = 1'700'000'000;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// A file of any shape that we should know, and values of any kind for it.
class History {
 public:
  explicit History(std::uint64_t seed) : random_{seed} {
    step_ = pick<std::int64_t>({1, 1, 2, 7, 10, 10, 60, 300});
    const int columns = upto(3) + 1, archives = upto(7) + 1;
    for (int i = 0; i < columns; ++i) add_column(i);
    for (int i = 0; i < archives; ++i) add_archive();
  }

  void create(const std::string& path) {
    std::vector<const char*> words;
    for (const auto& word : words_) words.push_back(word.c_str());
    rrd_clear_error();
    if (rrd_create_r(path.c_str(), static_cast<unsigned long>(step_), time_,
                     static_cast<int>(words.size()), words.data()) != 0)
      CPPUNIT_FAIL(rrd_get_error());
  }
  /// Some records for one update.
  std::vector<Value> records() {
    std::vector<Value> values;
    for (int left = upto(12) + 1; left > 0; --left) {
      time_ += passed();
      values.push_back({.derive = time_});
      for (std::size_t i = 0; i < type_.size(); ++i) values.push_back(next_value(i));
    }
    return values;
  }
  std::vector<Value> records_from(std::int64_t time) {
    time_ = time;
    return records();
  }
  const DataSet& type() const noexcept { return type_; }
  std::int64_t time() const noexcept { return time_; }
  bool chance(int in) { return upto(in - 1) == 0; }

 private:
  int upto(int most) { return std::uniform_int_distribution{0, most}(random_); }
  double real() { return std::uniform_real_distribution{0.0, 1.0}(random_); }
  template <typename T>
  T pick(std::initializer_list<T> of) {
    return *(of.begin() + upto(static_cast<int>(of.size()) - 1));
  }

  void add_column(int i) {
    DataSource source;
    source.name = "ds" + std::to_string(i);
    source.kind = pick({Kind::counter, Kind::gauge, Kind::derive, Kind::absolute});
    char text[128];
    std::snprintf(text, sizeof text, "DS:%s:%s:%d:%s:%s", source.name.c_str(),
                  word_of(source.kind).data(),
                  static_cast<int>(step_) * pick({1, 2, 2, 5, 40}) + upto(1),
                  pick({"U", "U", "0", "-50"}), pick({"U", "U", "100", "4294967295"}));
    words_.emplace_back(text);
    type_.sources.push_back(source);
    totals_.push_back(random_() >> pick({1, 8, 31, 40}));
  }
  void add_archive() {
    char text[128];
    std::snprintf(text, sizeof text, "RRA:%s:%.10f:%d:%d", pick({"AVERAGE", "MIN", "MAX", "LAST"}),
                  pick({0.1, 0.5, 0.0, 0.99, real()}), pick({1, 1, 2, 3, 7, 1 + upto(60)}),
                  1 + upto(pick({3, 20, 60})));
    words_.emplace_back(text);
  }
  std::int64_t passed() {
    if (chance(40)) return step_ * upto(5000) + 1;
    if (chance(12)) return step_ * upto(60) + upto(3) + 1;
    if (chance(3)) return 1 + upto(static_cast<int>(2 * step_));
    return step_;
  }
  Value next_value(std::size_t i) {
    switch (type_.sources[i].kind) {
      case Kind::gauge:
        return {.gauge = next_gauge()};
      case Kind::absolute:
        return {.absolute = random_() >> pick({0, 11, 40, 60})};
      case Kind::counter:
        if (chance(30)) totals_[i] = pick({~std::uint64_t{0}, std::uint64_t{0xFFFFFFFF}});
        return {.counter = totals_[i] += static_cast<std::uint64_t>(upto(1000))};
      case Kind::derive:
        break;
    }
    if (chance(30)) totals_[i] = random_();  // negative perhaps
    return {.counter = totals_[i] += static_cast<std::uint64_t>(upto(1000) - 300)};
  }
  double next_gauge() {
    switch (upto(9)) {
      case 0:
        return pick({kNaN, kNaN, -kNaN, 0.0, -0.0, HUGE_VAL, -HUGE_VAL});
      case 1:
        return std::ldexp(real(), upto(2000) - 1000);
      case 2:
      case 3:
        return upto(200) - 100;
      case 4:
        return 1e15 * (real() - 0.5);
      default:
        return 200 * (real() - 0.5);
    }
  }

  std::mt19937_64 random_;
  std::int64_t step_, time_ = kBegin;
  DataSet type_{"test", {}};
  std::vector<std::string> words_;
  std::vector<std::uint64_t> totals_;
};

std::string as_text(const DataSet& type, const Value* record, const char* fraction = "") {
  char text[64];
  std::string line = std::to_string(record[0].derive) + fraction;
  for (std::size_t i = 0; i < type.size(); ++i) {
    const Value value = record[1 + i];
    const Kind kind = type.sources[i].kind;
    if (kind == Kind::gauge)
      std::snprintf(text, sizeof text, ":%.15g", std::isnan(value.gauge) ? kNaN : value.gauge);
    else if (kind == Kind::derive)
      std::snprintf(text, sizeof text, ":%lld", static_cast<long long>(value.derive));
    else
      std::snprintf(text, sizeof text, ":%llu", static_cast<unsigned long long>(value.counter));
    line += text;
  }
  return line;
}

void update_by_librrd(const std::string& path, const DataSet& type,
                      const std::vector<Value>& records, const char* fraction = "") {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < records.size(); at += 1 + type.size())
    lines.push_back(as_text(type, &records[at], fraction));
  std::vector<const char*> words;
  words.reserve(lines.size());
  for (const auto& line : lines) words.push_back(line.c_str());
  rrd_clear_error();
  if (rrd_update_r(path.c_str(), nullptr, static_cast<int>(words.size()), words.data()) != 0)
    CPPUNIT_FAIL(rrd_get_error());
}

/// How many histories; many more in the long form.
std::uint64_t histories() {
  const char* const wanted = std::getenv("RRD_HISTORIES");
  return wanted == nullptr ? 300 : std::strtoull(wanted, nullptr, 10);
}

/// A file of one gauge and one archive.
struct SmallFile {
  SmallFile() {
    const char* words[] = {"DS:value:GAUGE:20:U:U", "RRA:AVERAGE:0.1:1:10"};
    rrd_clear_error();
    CPPUNIT_ASSERT_EQUAL(0, rrd_create_r(path.c_str(), 10, kBegin, 2, words));
  }
  Result<bool> update(std::int64_t time, double value) {
    const Value record[] = {{.derive = time}, {.gauge = value}};
    return direct.update(path, type, record);
  }
  void change(std::size_t at, char byte) const {
    std::string bytes = directory.read("a.rrd");
    bytes[at] = byte;
    directory.write("a.rrd", bytes);
  }

  TemporaryDirectory directory;
  const std::string path = directory.path() + "/a.rrd";
  DataSet type{"gauge", {{"value", Kind::gauge, kNaN, kNaN}}};
  DirectUpdate direct;
};

}  // namespace

/// Writing into RRD files without librrd.
class DirectUpdateTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(DirectUpdateTest);
  CPPUNIT_TEST(leaves_the_same_bytes_as_librrd);
  CPPUNIT_TEST(leaves_the_same_bytes_when_both_take_turns);
  CPPUNIT_TEST(turns_back_to_what_a_file_was);
  CPPUNIT_TEST(leaves_other_files_to_librrd);
  CPPUNIT_TEST(leaves_every_truncation_to_librrd);
  CPPUNIT_TEST(leaves_values_of_the_past_to_librrd);
  CPPUNIT_TEST(leaves_other_kinds_of_values_to_librrd);
  CPPUNIT_TEST(says_what_the_system_says);
  CPPUNIT_TEST(waits_for_whoever_has_locked_the_file);
  CPPUNIT_TEST_SUITE_END();

  /// "byte 312 of 4936", or nothing.
  static std::string first_difference(const std::string& ours, const std::string& theirs) {
    if (ours == theirs) return {};
    const auto at = std::mismatch(ours.begin(), ours.end(), theirs.begin(), theirs.end()).first;
    return "byte " + std::to_string(at - ours.begin()) + " of " + std::to_string(ours.size());
  }
  static RrdHead head_of(const std::string& bytes) {
    RrdHead head;
    const std::size_t size = RrdHead::size_of(std::as_bytes(std::span{bytes}));
    const auto room = head.room(size);
    std::memcpy(room.data(), bytes.data(), size);
    CPPUNIT_ASSERT(head.accept(bytes.size()));
    return head;
  }
  /// `now` is of the same file as `before`, turned back to that time after it had gone on until
  /// `end`: it has the same rows, but for those that were written over.
  static void compare_rows(const std::string& before, const std::string& now, std::int64_t end) {
    RrdHead old_head = head_of(before), new_head = head_of(now);
    CPPUNIT_ASSERT_EQUAL(old_head.time().seconds, new_head.time().seconds);
    const auto step = static_cast<std::int64_t>(old_head.step());
    std::size_t at = old_head.size();
    for (std::size_t i = 0; i < old_head.archives().size(); ++i) {
      const HeadArchive& archive = old_head.archives()[i];
      const std::int64_t row = step * static_cast<std::int64_t>(archive.steps);
      const auto gone = static_cast<std::uint64_t>(end / row - old_head.time().seconds / row);
      if (gone < archive.rows) CPPUNIT_ASSERT_EQUAL(old_head.places()[i], new_head.places()[i]);
      const std::size_t width = old_head.columns().size() * sizeof(double);
      for (std::uint64_t age = 0; age < archive.rows; ++age) {
        const std::size_t place = (old_head.places()[i] + archive.rows - age) % archive.rows;
        const std::string_view kept = std::string_view{now}.substr(at + place * width, width);
        double value = 0;
        std::memcpy(&value, kept.data(), sizeof value);
        CPPUNIT_ASSERT(age + gone < archive.rows
                           ? before.compare(at + place * width, width, kept) == 0
                           : std::isnan(value));
      }
      at += archive.rows * width;
    }
  }
  /// With `turns` some of the updates of our file are librrd's, and some of all within a second.
  static void compare(std::uint64_t seed, bool turns) {
    const TemporaryDirectory directory;
    const std::string ours = directory.path() + "/ours", theirs = directory.path() + "/theirs";
    History history{seed};
    history.create(ours);
    directory.write("theirs", directory.read("ours"));
    DirectUpdate direct;
    for (int i = 0; i < 12; ++i) {
      const auto records = history.records();
      const char* const fraction = turns && history.chance(3) ? ".371" : "";
      update_by_librrd(theirs, history.type(), records, fraction);
      if (*fraction != '\0' || (turns && history.chance(3))) {
        update_by_librrd(ours, history.type(), records, fraction);
      } else {
        const auto done = direct.update(ours, history.type(), records);
        CPPUNIT_ASSERT_MESSAGE("history " + std::to_string(seed), done && *done);
      }
      const auto difference = first_difference(directory.read("ours"), directory.read("theirs"));
      CPPUNIT_ASSERT_EQUAL_MESSAGE(
          "history " + std::to_string(seed) + " after " + std::to_string(i + 1) + " updates",
          std::string{}, difference);
    }
  }

 public:
  void leaves_the_same_bytes_as_librrd() {
    for (std::uint64_t seed = 1; seed <= histories(); ++seed) compare(seed, false);
  }

  void leaves_the_same_bytes_when_both_take_turns() {
    for (std::uint64_t seed = 1; seed <= histories() / 3; ++seed) compare(~seed, true);
  }

  void turns_back_to_what_a_file_was() {
    for (std::uint64_t seed = 1; seed <= histories(); ++seed) {
      const TemporaryDirectory directory;
      const std::string path = directory.path() + "/ours", other = directory.path() + "/theirs";
      History history{seed};
      history.create(path);
      update_by_librrd(path, history.type(), history.records());
      const std::string before = directory.read("ours");
      const std::int64_t then = history.time();
      for (int i = 0; i < 3; ++i) update_by_librrd(path, history.type(), history.records());
      DirectUpdate direct;
      const auto done = direct.turn_back(path, then);
      CPPUNIT_ASSERT(done && *done);
      compare_rows(before, directory.read("ours"), history.time());
      directory.write("theirs", directory.read("ours"));
      History again{seed};
      const auto records = again.records_from(then);
      update_by_librrd(other, again.type(), records);
      const auto updated = direct.update(path, again.type(), records);
      CPPUNIT_ASSERT(updated && *updated);
      CPPUNIT_ASSERT(directory.read("ours") == directory.read("theirs"));
    }
  }

  void leaves_other_files_to_librrd() {
    constexpr std::size_t kVersion = 7, kCheck = 22, kKind = 128 + 20, kConsolidation = 248;
    for (const std::size_t at : {std::size_t{0}, kVersion, kCheck, kKind, kConsolidation}) {
      SmallFile file;
      file.change(at, '5');
      const std::string before = file.directory.read("a.rrd");
      const auto done = file.update(kBegin + 10, 1);
      CPPUNIT_ASSERT(done && !*done);
      CPPUNIT_ASSERT(before == file.directory.read("a.rrd"));
    }
  }

  void leaves_every_truncation_to_librrd() {
    SmallFile file;
    const std::string whole = file.directory.read("a.rrd");
    for (std::size_t size = 0; size < whole.size(); ++size) {
      file.directory.write("a.rrd", whole.substr(0, size));
      const auto done = file.update(kBegin + 10, 1);
      CPPUNIT_ASSERT(done && !*done);
    }
  }

  void leaves_values_of_the_past_to_librrd() {
    SmallFile file;
    for (const std::int64_t time : {kBegin, kBegin - 1, std::int64_t{0}, std::int64_t{-1}}) {
      const auto done = file.update(time, 1);
      CPPUNIT_ASSERT(done && !*done);
    }
    const auto done = file.update(kBegin + 1, 1);
    CPPUNIT_ASSERT(done && *done);
  }

  void leaves_other_kinds_of_values_to_librrd() {
    SmallFile file;
    file.type.sources[0].kind = Kind::derive;
    const auto other = file.update(kBegin + 10, 1);
    CPPUNIT_ASSERT(other && !*other);
    file.type.sources.push_back(file.type.sources[0]);
    const auto more = file.update(kBegin + 10, 1);
    CPPUNIT_ASSERT(more && !*more);
  }

  void says_what_the_system_says() {
    SmallFile file;
    file.directory.remove("a.rrd");
    const auto done = file.update(kBegin + 10, 1);
    CPPUNIT_ASSERT(!done);
    CPPUNIT_ASSERT_EQUAL(ENOENT, done.error().number());
  }

  void waits_for_whoever_has_locked_the_file() {
    SmallFile file;
    int ready[2];
    CPPUNIT_ASSERT_EQUAL(0, ::pipe2(ready, O_CLOEXEC));
    const pid_t other = ::fork();
    if (other == 0) {
      const int fd = ::open(file.path.c_str(), O_RDWR);
      struct flock whole {};
      whole.l_type = F_WRLCK;
      const char told = ::fcntl(fd, F_SETLK, &whole) == 0 ? 'y' : 'n';
      (void)!::write(ready[1], &told, 1);
      ::pause();
    }
    char told = 'n';
    CPPUNIT_ASSERT_EQUAL(ssize_t{1}, ::read(ready[0], &told, 1));
    const auto locked = file.update(kBegin + 10, 1);
    ::kill(other, SIGKILL);
    ::waitpid(other, nullptr, 0);
    const auto free = file.update(kBegin + 10, 1);
    ::close(ready[0]);
    ::close(ready[1]);
    CPPUNIT_ASSERT_EQUAL('y', told);
    CPPUNIT_ASSERT(!locked);
    CPPUNIT_ASSERT_EQUAL(EAGAIN, locked.error().number());
    CPPUNIT_ASSERT(free && *free);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DirectUpdateTest);

}  // namespace vital::test
