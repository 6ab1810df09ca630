// SPDX-License-Identifier: MIT
#include "lib/rrd_create.h"

#include <cppunit/extensions/HelperMacros.h>
#include <rrd.h>
#include <sys/resource.h>

#include <cerrno>
#include <csignal>
#include <limits>
#include <random>

#include "lib/rrd_head.h"
#include "model/types.h"
#include "support/fixture.h"

namespace vital::test {
namespace {

using namespace rrdtool;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// Any layout, and now and then one that nobody can want.
class Layouts {
 public:
  explicit Layouts(std::uint64_t seed) : random_{seed} {}

  Layout next() {
    Layout layout;
    layout.step = pick<std::int64_t>({1, 2, 7, 10, 10, 60, 300, 86400});
    if (chance(60)) layout.step = 0;
    for (int left = upto(4) + (chance(60) ? 0 : 1); left > 0; --left) add_column(layout);
    for (int left = upto(14) + (chance(60) ? 0 : 1); left > 0; --left) add_archive(layout);
    return layout;
  }
  std::int64_t start() { return chance(50) ? upto(1 << 30) : 1'700'000'000 + upto(10'000'000); }

 private:
  int upto(int most) { return std::uniform_int_distribution{0, most}(random_); }
  bool chance(int in) { return upto(in - 1) == 0; }
  template <typename T>
  T pick(std::initializer_list<T> of) {
    return *(of.begin() + upto(static_cast<int>(of.size()) - 1));
  }

  void add_column(Layout& layout) {
    Layout::Column column{
        .name = "ds" + std::to_string(layout.columns.size()),
        .kind = pick({Kind::counter, Kind::gauge, Kind::derive, Kind::absolute}),
        .heartbeat = layout.step * pick({1, 2, 5, 40}) + upto(1),
        .min = pick({kNone, kNone, 0.0, -0.0, -50.25, -123456789.125, chance(40) ? 4e12 : 4e9}),
        .max = pick({kNone, kNone, 5e9, 18446744073709551616.0, chance(40) ? -1e9 : 1e10})};
    if (chance(40))
      column.name = pick({"ds0", "", "nineteen-letters-Xy", "twenty-letters-here_", "a.b", "a b"});
    layout.columns.push_back(column);
  }
  void add_archive(Layout& layout) {
    layout.archives.push_back(
        {.consolidation = pick({Consolidation::average, Consolidation::minimum,
                                Consolidation::maximum, Consolidation::last}),
         .xff = pick({0.1, 0.5, 0.0, 0.99, 0.25, chance(20) ? 1.0 : 0.75}),
         .steps = pick({1, 1, 2, 7, 1 + upto(3000), chance(20) ? 0 : 1}),
         .rows = 1 + upto(pick({3, 60, 2000})) - (chance(50) ? 1 : 0)});
  }

  std::mt19937_64 random_;
};

bool made_by_librrd(const std::string& path, const Layout& layout, std::int64_t start) {
  const auto texts = layout.words();
  std::vector<const char*> words;
  words.reserve(texts.size());
  for (const std::string& text : texts) words.push_back(text.c_str());
  rrd_clear_error();
  return rrd_create_r(path.c_str(), static_cast<unsigned long>(layout.step), start,
                      static_cast<int>(words.size()), words.data()) == 0 &&
         !rrd_test_error();
}

}  // namespace

class RrdCreateTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(RrdCreateTest);
  CPPUNIT_TEST(files_are_those_that_librrd_makes);
  CPPUNIT_TEST(files_of_collectds_layout_are_ours);
  CPPUNIT_TEST(places_differ_from_file_to_file);
  CPPUNIT_TEST(a_file_that_is_there_stays);
  CPPUNIT_TEST(what_does_not_fit_leaves_nothing);
  CPPUNIT_TEST_SUITE_END();

  TemporaryDirectory directory_;

  std::string path(const char* name) const { return directory_.path() + "/" + name; }
  /// The file without the places of its archives, where librrd's are by chance.
  std::string without_places(const char* name, const Layout& layout) const {
    std::string bytes = directory_.read(name);
    RrdHead head;
    const auto room = std::as_bytes(std::span{bytes});
    const std::size_t size = RrdHead::size_of(room);
    CPPUNIT_ASSERT(size != 0);
    std::copy_n(room.begin(), size, head.room(size).begin());
    CPPUNIT_ASSERT(head.accept(bytes.size()));
    const std::size_t places = layout.archives.size() * sizeof(std::uint64_t);
    return bytes.replace(size - places, places, places, '\0');
  }

 public:
  void files_are_those_that_librrd_makes() {
    Layouts layouts{20261128};
    int ours = 0, theirs = 0, nobodys = 0;
    for (int i = 0; i < 1500; ++i) {
      const Layout layout = layouts.next();
      const std::int64_t start = layouts.start();
      RrdHead head;
      const bool known = head.lay_out(layout, start);
      if (!made_by_librrd(path("theirs.rrd"), layout, start)) {
        ++nobodys;
        CPPUNIT_ASSERT_MESSAGE(rrd_get_error(), !known);
        continue;
      }
      ++(known ? ours : theirs);
      if (known) {
        CPPUNIT_ASSERT(create_rrd(path("ours.rrd"), layout, start));
        CPPUNIT_ASSERT_EQUAL(static_cast<std::size_t>(layout.bytes()),
                             directory_.read("ours.rrd").size());
        CPPUNIT_ASSERT(without_places("theirs.rrd", layout) == without_places("ours.rrd", layout));
        directory_.remove("ours.rrd");
      }
      directory_.remove("theirs.rrd");
    }
    CPPUNIT_ASSERT(ours > 1000);
    CPPUNIT_ASSERT(theirs < 100);
    CPPUNIT_ASSERT(nobodys > 50);
  }
  void files_of_collectds_layout_are_ours() {
    const auto type = *parse_data_set(
        "all a:COUNTER:0:4294967295, b:DERIVE:0:U, c:ABSOLUTE:U:10, d:GAUGE:-1.5:1e20");
    const auto layout = layout_for({}, type, span_of_seconds(10));
    CPPUNIT_ASSERT(layout);
    CPPUNIT_ASSERT(RrdHead{}.lay_out(*layout, 1'700'000'003));
    CPPUNIT_ASSERT(create_rrd(path("a/b/ours.rrd"), *layout, 1'700'000'003));
    CPPUNIT_ASSERT(made_by_librrd(path("theirs.rrd"), *layout, 1'700'000'003));
    CPPUNIT_ASSERT(without_places("theirs.rrd", *layout) ==
                   without_places("a/b/ours.rrd", *layout));
  }
  void places_differ_from_file_to_file() {
    const auto layout =
        layout_for({}, *parse_data_set("gauge value:GAUGE:U:U"), span_of_seconds(10));
    CPPUNIT_ASSERT(create_rrd(path("a.rrd"), *layout, 1'700'000'000));
    CPPUNIT_ASSERT(create_rrd(path("b.rrd"), *layout, 1'700'000'000));
    CPPUNIT_ASSERT(directory_.read("a.rrd") != directory_.read("b.rrd"));
  }
  void a_file_that_is_there_stays() {
    const auto layout =
        layout_for({}, *parse_data_set("gauge value:GAUGE:U:U"), span_of_seconds(10));
    directory_.write("a.rrd", "somebody's");
    CPPUNIT_ASSERT(create_rrd(path("a.rrd"), *layout, 1'700'000'000));
    CPPUNIT_ASSERT_EQUAL(std::string{"somebody's"}, directory_.read("a.rrd"));
    CPPUNIT_ASSERT(!directory_.exists("a.rrd.new"));
  }
  void what_does_not_fit_leaves_nothing() {
    const auto layout =
        layout_for({}, *parse_data_set("gauge value:GAUGE:U:U"), span_of_seconds(10));
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    for (const rlim_t limit : {rlim_t{0}, rlim_t{1000}, rlim_t{100000}}) {
      const rlimit low{limit, before.rlim_max};
      ::setrlimit(RLIMIT_FSIZE, &low);
      const Status made = create_rrd(path("a.rrd"), *layout, 1'700'000'000);
      ::setrlimit(RLIMIT_FSIZE, &before);
      CPPUNIT_ASSERT(!made);
      CPPUNIT_ASSERT_EQUAL(EFBIG, made.error().number());
      CPPUNIT_ASSERT(!directory_.exists("a.rrd") && !directory_.exists("a.rrd.new"));
    }
    std::signal(SIGXFSZ, handler);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RrdCreateTest);

}  // namespace vital::test
