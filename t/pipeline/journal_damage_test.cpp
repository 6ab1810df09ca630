// SPDX-License-Identifier: MIT
#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <string>

#include "pipeline/journal.h"
#include "support/journal_host.h"

namespace vital::test {
namespace fs = std::filesystem;
namespace {

using Numbers = std::set<std::uint64_t>;

/// The names of the segments in a directory, oldest first.
std::vector<std::string> segments_in(const std::string& path) {
  std::vector<std::string> names;
  for (const auto& file : fs::directory_iterator{path})
    if (file.path().extension() == ".vj1") names.push_back(file.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

/// What became of the entries that a test has put in.
struct Model {
  std::map<std::uint64_t, std::uint64_t> values;  // of each entry
  Numbers pending, synced, acknowledged;

  std::uint64_t values_of(const Numbers& numbers) const {
    std::uint64_t sum = 0;
    for (const std::uint64_t number : numbers) sum += values.at(number);
    return sum;
  }
};

/// What a fresh process finds in a directory.
struct Found {
  std::uint64_t waiting = 0, acknowledged = 0, lost = 0;
  Numbers numbers;
};

Found read_all(const std::string& path, const JournalLimits& limits) {
  JournalHost host;
  const auto journal = host.journal(path, limits);
  CPPUNIT_ASSERT(journal->open());
  Found found;
  found.waiting = journal->status().values_waiting;
  std::uint64_t last = 0;
  while (const auto entry = journal->read()) {
    const std::uint64_t number = JournalHost::number_of(*entry);
    CPPUNIT_ASSERT(number != JournalHost::kWrong);
    CPPUNIT_ASSERT(number > last);  // neither out of order nor doubled
    last = number;
    found.numbers.insert(number);
    found.acknowledged += journal->acknowledge(entry->position);
  }
  found.lost = journal->take_losses().all();
  CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, journal->status().values_waiting);
  CPPUNIT_ASSERT_EQUAL(found.waiting, found.acknowledged + found.lost);
  // And it is as good as new.
  CPPUNIT_ASSERT(journal->append(host.batch(last + 1)) && journal->sync());
  const auto entry = journal->read();
  CPPUNIT_ASSERT(entry && JournalHost::number_of(*entry) == last + 1);
  CPPUNIT_ASSERT(!journal->read());
  return found;
}

}  // namespace

class JournalDamageTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(JournalDamageTest);
  CPPUNIT_TEST(a_flipped_bit_costs_one_entry_and_no_definition);
  CPPUNIT_TEST(a_torn_tail_costs_what_was_torn_off);
  CPPUNIT_TEST(a_segment_that_is_gone_is_counted);
  CPPUNIT_TEST(a_journal_without_its_mark_sends_again);
  CPPUNIT_TEST(a_segment_of_garbage_is_passed_over_and_removed);
  CPPUNIT_TEST(survives_any_sequence_of_work_crashes_and_damage);
  CPPUNIT_TEST_SUITE_END();

  static constexpr int kHistories = 60, kSteps = 120;

  QuickDirectory directory_;
  std::string path_ = directory_.path() + "/journal", copy_ = directory_.path() + "/copy";
  JournalLimits limits_;
  std::mt19937_64 random_{20261122};

  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

  /// A journal with these many entries of three values, in one segment, all waiting.
  void make(std::uint64_t count) {
    JournalHost host;
    const auto journal = host.journal(path_, limits_);
    CPPUNIT_ASSERT(journal->open());
    for (std::uint64_t number = 1; number <= count; ++number) {
      CPPUNIT_ASSERT(journal->append(host.batch(number)));
      CPPUNIT_ASSERT(journal->sync());
    }
  }
  void copy() {
    fs::remove_all(copy_);
    fs::copy(path_, copy_, fs::copy_options::recursive);
  }
  std::string segment() const { return "journal/" + segments_in(path_).front(); }
  void put_in_copy(std::string_view bytes) {
    copy();
    directory_.write("copy/" + segments_in(path_).front(), bytes);
  }

  // One history of a journal: see survives_any_sequence_of_work_crashes_and_damage().
  struct History {
    JournalHost host;
    std::unique_ptr<Journal> journal;
    Model model;
    std::map<std::uint64_t, Journal::Position> read;  // and not acknowledged
    std::uint64_t next = 1;
  };
  void open(History& history) {
    history.journal.reset();
    history.journal = history.host.journal(path_, limits_);
    CPPUNIT_ASSERT(history.journal->open());
    history.read.clear();
  }
  void append(History& history) {
    const std::uint64_t number = history.next++;
    const std::size_t samples = 1 + below(40);
    const bool notify = below(10) == 0;
    const auto position = notify ? history.journal->append(history.host.notification(number))
                                 : history.journal->append(history.host.batch(number, samples));
    CPPUNIT_ASSERT(position);
    history.model.values[number] = notify ? 1 : samples;
    history.model.pending.insert(number);
    if (below(8) == 0) history.read[number] = *position;  // sent at once, before older ones
  }
  void sync(History& history) {
    CPPUNIT_ASSERT(history.journal->sync());
    history.model.synced.merge(history.model.pending);
    history.model.pending.clear();
  }
  void read_some(History& history) {
    for (std::uint64_t n = below(10); n > 0; --n) {
      const auto entry = history.journal->read();
      if (!entry) return;
      const std::uint64_t number = JournalHost::number_of(*entry);
      CPPUNIT_ASSERT(history.model.values.contains(number));
      CPPUNIT_ASSERT(!history.model.acknowledged.contains(number));
      history.read[number] = entry->position;
    }
  }
  void acknowledge_some(History& history) {
    std::erase_if(history.read, [&](const auto& entry) {
      if (below(3) == 0) return false;
      Model& model = history.model;
      const std::uint64_t values =
          model.acknowledged.insert(entry.first).second ? model.values[entry.first] : 0;
      CPPUNIT_ASSERT_EQUAL(values, history.journal->acknowledge(entry.second));
      model.pending.erase(entry.first);
      model.synced.erase(entry.first);
      return true;
    });
  }
  void restart(History& history) {
    sync(history);
    open(history);
    CPPUNIT_ASSERT_EQUAL(history.model.values_of(history.model.synced),
                         history.journal->status().values_waiting);
  }
  void step(History& history) {
    switch (below(12)) {
      case 0:
        return restart(history);
      case 1:
        return history.journal->rewind();
      case 2:
      case 3:
        return sync(history);
      case 4:
      case 5:
        return read_some(history);
      case 6:
        return acknowledge_some(history);
      default:
        return append(history);
    }
  }
  /// The process is killed now; the files are as they are.
  void assert_crash_costs_only_the_unsynced(const History& history) {
    copy();
    const Found found = read_all(copy_, limits_);
    const Model& model = history.model;
    Numbers expected = model.synced;
    CPPUNIT_ASSERT(found.numbers == expected);
    CPPUNIT_ASSERT_EQUAL(model.values_of(expected), found.acknowledged);
    CPPUNIT_ASSERT(found.lost <= model.values_of(model.pending));
  }
  /// Something happens to the copy's file; true: to all of it.
  void damage(const std::string& name) {
    std::string bytes = directory_.read(name);
    const std::uint64_t at = below(bytes.size() + 1);
    switch (below(6)) {
      case 0:
        bytes.resize(at);
        break;
      case 1:
        for (std::uint64_t n = 0; n <= below(4) && !bytes.empty(); ++n) {
          char& byte = bytes[below(bytes.size())];
          byte = static_cast<char>(byte ^ static_cast<char>(1u << below(8)));
        }
        break;
      case 2:
        for (std::uint64_t n = at; n < std::min<std::uint64_t>(at + 4096, bytes.size()); ++n)
          bytes[n] = 0;
        break;
      case 3:
        for (std::uint64_t n = below(5000); n > 0; --n) bytes += static_cast<char>(random_());
        break;
      case 4:
        bytes.insert(at, bytes.substr(0, below(bytes.size() + 1)));
        break;
      default:
        return directory_.remove(name);
    }
    directory_.write(name, bytes);
  }
  void assert_damage_costs_only_what_it_hits(const History& history) {
    copy();
    const bool hits_mark = below(4) == 0;
    const auto segments = segments_in(copy_);
    if (hits_mark) damage("copy/acknowledged");
    if (!hits_mark && segments.empty()) return;
    const std::string hit = segments.empty() ? "" : segments[below(segments.size())];
    if (!hit.empty() && (!hits_mark || below(2) == 0)) damage("copy/" + hit);
    const Found found = read_all(copy_, limits_);
    const Model& model = history.model;
    for (const std::uint64_t number : found.numbers) {
      CPPUNIT_ASSERT(model.values.contains(number));
      CPPUNIT_ASSERT(hits_mark || !model.acknowledged.contains(number));
    }
    if (hits_mark) return;
    // What stands in other files is all there; what is missing is counted.
    const Numbers untouched = numbers_outside(hit);
    for (const std::uint64_t number : model.synced)
      CPPUNIT_ASSERT(found.numbers.contains(number) || !untouched.contains(number));
    CPPUNIT_ASSERT_EQUAL(model.values_of(found.numbers), found.acknowledged);
    const std::uint64_t missing = model.values_of(model.synced) - found.acknowledged;
    CPPUNIT_ASSERT(found.lost >= missing);
    CPPUNIT_ASSERT(found.lost <= missing + model.values_of(model.pending));
  }
  /// The entries that stand in other segments than this one, acknowledged ones included.
  Numbers numbers_outside(const std::string& segment) {
    JournalHost host;
    Numbers numbers;
    for (const std::string& name : segments_in(path_)) {
      if (name == segment) continue;
      const std::string alone = directory_.path() + "/alone";
      fs::remove_all(alone);
      fs::create_directories(alone);
      fs::copy(fs::path{path_} / name, fs::path{alone} / name);
      const auto journal = host.journal(alone, limits_);
      CPPUNIT_ASSERT(journal->open());
      while (const auto entry = journal->read()) numbers.insert(JournalHost::number_of(*entry));
    }
    return numbers;
  }

 public:
  void a_flipped_bit_costs_one_entry_and_no_definition() {
    constexpr std::uint64_t kCount = 6;
    make(kCount);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, segments_in(path_).size());
    std::string bytes = directory_.read(segment());
    std::size_t harmless = 0;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      const auto flip = static_cast<char>(1u << (at % 8));
      bytes[at] = static_cast<char>(bytes[at] ^ flip);
      put_in_copy(bytes);
      bytes[at] = static_cast<char>(bytes[at] ^ flip);
      const Found found = read_all(copy_, limits_);
      CPPUNIT_ASSERT_EQUAL(3 * kCount, found.waiting);
      CPPUNIT_ASSERT(found.lost == 0 || found.lost == 3);
      if (found.lost == 0) ++harmless;
    }
    CPPUNIT_ASSERT(harmless > bytes.size() / 4);  // those that hit a definition or its copy
  }

  void a_torn_tail_costs_what_was_torn_off() {
    constexpr std::uint64_t kCount = 8;
    make(kCount);
    const std::string bytes = directory_.read(segment());
    std::size_t before = 0;
    for (std::size_t size = 0; size <= bytes.size(); ++size) {
      put_in_copy(std::string_view{bytes}.substr(0, size));
      const Found found = read_all(copy_, limits_);
      CPPUNIT_ASSERT_EQUAL(3 * kCount, found.waiting);
      CPPUNIT_ASSERT(found.numbers.size() == before || found.numbers.size() == before + 1);
      CPPUNIT_ASSERT(found.numbers.empty() || *found.numbers.rbegin() == found.numbers.size());
      before = found.numbers.size();
    }
    CPPUNIT_ASSERT_EQUAL(std::size_t{kCount}, before);
  }

  void a_segment_that_is_gone_is_counted() {
    limits_.most_bytes = JournalLimits::kLeastBytes;
    make(1500);
    copy();
    const auto names = segments_in(copy_);
    CPPUNIT_ASSERT(names.size() >= 3);
    directory_.remove("copy/" + names[1]);
    const Found found = read_all(copy_, limits_);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{4500}, found.waiting);
    CPPUNIT_ASSERT(found.lost > 300);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, *found.numbers.begin());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1500}, *found.numbers.rbegin());
    // The newest: the mark knows how many there were.
    copy();
    directory_.remove("copy/" + names.back());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{4500}, read_all(copy_, limits_).waiting);
  }

  void a_journal_without_its_mark_sends_again() {
    make(9);
    directory_.remove("journal/acknowledged");
    copy();
    const Found found = read_all(copy_, limits_);
    CPPUNIT_ASSERT_EQUAL(std::size_t{9}, found.numbers.size());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, found.lost);
  }

  void a_segment_of_garbage_is_passed_over_and_removed() {
    make(9);
    std::string garbage(100'000, '\0');
    for (char& byte : garbage) byte = static_cast<char>(random_());
    put_in_copy(garbage);
    const auto name = segments_in(copy_).front();
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{27}, read_all(copy_, limits_).lost);
    (void)read_all(copy_, limits_);
    CPPUNIT_ASSERT(!directory_.exists("copy/" + name));
  }

  void survives_any_sequence_of_work_crashes_and_damage() {
    limits_.most_bytes = std::uint64_t{64} << 20;
    for (int round = 0; round < kHistories; ++round) {
      fs::remove_all(path_);
      History history;
      open(history);
      for (int n = 0; n < kSteps; ++n) {
        step(history);
        if (n % 30 == 29) assert_crash_costs_only_the_unsynced(history);
        if (n % 30 == 14) assert_damage_costs_only_what_it_hits(history);
      }
      CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, history.journal->take_losses().all());
    }
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(JournalDamageTest);

}  // namespace vital::test
