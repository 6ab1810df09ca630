// SPDX-License-Identifier: MIT
#include "pipeline/chain.h"

#include <cppunit/extensions/HelperMacros.h>

#include "model/types.h"
#include "pipeline/pipeline.h"
#include "pipeline/renames.h"
#include "support/fake_clock.h"
#include "support/no_allocation.h"
#include "support/recording_writer.h"

namespace vital::test {
namespace {

/// Matches names that contain a text; counts how often it is asked.
class NameMatch final : public Match {
 public:
  NameMatch(std::string text, int& asked, bool by_name = true)
      : text_{std::move(text)}, asked_{asked}, by_name_{by_name} {}
  bool by_name() const noexcept override { return by_name_; }
  Result<bool> matches(const Passage& value) noexcept override {
    ++asked_;
    if (text_ == "error") return Error{Errc::absent, "test"};
    return value.series().name().find(text_) != std::string_view::npos;
  }

 private:
  const std::string text_;
  int& asked_;
  const bool by_name_;
};

class Constant final : public Target {
 public:
  explicit Constant(Next verdict) : verdict_{verdict} {}
  Result<Next> apply(Passage&) noexcept override { return verdict_; }

 private:
  const Next verdict_;
};

class Write final : public Target {
 public:
  explicit Write(std::size_t route) : route_{route} {}
  Result<Next> apply(Passage& value) noexcept override {
    value.write(route_);
    return Next::proceed;
  }

 private:
  const std::size_t route_;
};

class Double final : public Target {
 public:
  Result<Next> apply(Passage& value) noexcept override {
    value.change_values()[0].gauge *= 2;
    return Next::proceed;
  }
};

class Rename final : public Target {
 public:
  explicit Rename(SeriesTable& table) : renames_{table} {}
  Result<Next> apply(Passage& value) noexcept override {
    const auto renamed =
        renames_.of(value.series(), [](Identifier& identifier) { identifier.plugin = "q"; });
    if (!renamed) return renamed.error();
    value.rename(**renamed);
    return Next::proceed;
  }
  void forget(bool all) noexcept override { renames_.forget(all); }

 private:
  Renames renames_;
};

class Raise final : public Target {
 public:
  Result<Next> apply(Passage& value) noexcept override {
    Notification notification;
    notification.message = value.series().name();
    value.raise(std::move(notification));
    return Next::proceed;
  }
};

/// Puts what it hears of back into the pipeline.
class Echo final : public Notifier {
 public:
  explicit Echo(Pipeline& pipeline) : pipeline_{pipeline} {}
  Status notify(const Notification& notification) noexcept override {
    heard += notification.message + " ";
    if (notification.message != "echo") {
      Notification echo;
      echo.message = "echo";
      pipeline_.notify(std::move(echo));
    }
    return {};
  }
  std::string heard;

 private:
  Pipeline& pipeline_;
};

}  // namespace

class ChainTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ChainTest);
  CPPUNIT_TEST(names_are_asked_once_for_each_series);
  CPPUNIT_TEST(decisions_do_not_outlive_their_series);
  CPPUNIT_TEST(a_new_name_of_the_host_is_a_new_question);
  CPPUNIT_TEST(stopped_values_never_reach_the_cache);
  CPPUNIT_TEST(behind_the_cache_only_what_is_written_arrives);
  CPPUNIT_TEST(a_match_that_fails_does_not_match);
  CPPUNIT_TEST(a_renamed_value_meets_the_rules_of_its_new_name);
  CPPUNIT_TEST(writers_get_what_was_written_to_them);
  CPPUNIT_TEST(what_is_changed_behind_a_write_is_not_seen);
  CPPUNIT_TEST(notifications_are_sent_outside_of_the_lock_and_in_order);
  CPPUNIT_TEST(a_filtered_steady_batch_allocates_nothing);
  CPPUNIT_TEST(renamed_series_can_leave_when_nobody_needs_them);
  CPPUNIT_TEST_SUITE_END();

  FakeClock clock_;
  SystemClock outlet_clock_;
  LogHub hub_;
  RecordingSink sink_;
  SeriesTable table_;
  DataSet gauge_ = *parse_data_set("gauge value:GAUGE:U:U");
  Pipeline pipeline_{table_, clock_, Log{hub_}, 2};
  RecordingWriter first_, second_;
  Outlet one_{"one", &first_, nullptr, std::make_shared<Ledger>(), {}, outlet_clock_, Log{hub_}};
  Outlet two_{"two", &second_, nullptr, std::make_shared<Ledger>(), {}, outlet_clock_, Log{hub_}};
  int asked_ = 0;

  Series named(const std::string& instance) {
    return std::move(*table_.intern({"h", "p", "", "gauge", instance}, gauge_));
  }
  void put(std::initializer_list<const char*> instances) {
    auto batch = std::make_shared<Batch>();
    clock_.advance(std::chrono::seconds{1});
    batch->begin(clock_.wall(), span_of_seconds(10), table_.era());
    for (const char* instance : instances) CPPUNIT_ASSERT(batch->add(named(instance), 1));
    pipeline_.submit(std::move(batch));
    pipeline_.publish();
  }
  std::unique_ptr<Match> has(const char* text, bool by_name = true) {
    return std::make_unique<NameMatch>(text, asked_, by_name);
  }
  static Rule rule(std::unique_ptr<Match> match, std::unique_ptr<Target> target,
                   std::unique_ptr<Target> then = nullptr) {
    Rule made{.name = "r", .by_name = {}, .by_value = {}, .targets = {}};
    if (match) (match->by_name() ? made.by_name : made.by_value).push_back(std::move(match));
    made.targets.push_back(std::move(target));
    if (then) made.targets.push_back(std::move(then));
    return made;
  }
  static std::unique_ptr<Target> stop() { return std::make_unique<Constant>(Next::stop); }

  void use(const std::function<void(Chain& pre, Chain& post, Router& router)>& fill) {
    pipeline_.use([&](Router& router) {
      auto chains = std::make_unique<Chains>(router);
      Chain& pre = chains->make("pre", clock_, Log{hub_});
      Chain& post = chains->make("post", clock_, Log{hub_});
      fill(pre, post, router);
      chains->set_ends(&pre, &post);
      return chains;
    });
  }
  static void write_all(Chain& post) {
    post.add_default(std::make_unique<Write>(Router::kEverybody));
  }

 public:
  void setUp() override {
    hub_.add(sink_);
    CPPUNIT_ASSERT(one_.start());
    CPPUNIT_ASSERT(two_.start());
    pipeline_.add(one_);
    pipeline_.add(two_);
  }
  void tearDown() override {
    CPPUNIT_ASSERT(one_.stop(std::chrono::seconds{5}));
    CPPUNIT_ASSERT(two_.stop(std::chrono::seconds{5}));
  }

  void names_are_asked_once_for_each_series() {
    use([&](Chain& pre, Chain& post, Router&) {
      pre.add(rule(has("-drop"), stop()));
      write_all(post);
    });
    const Series a = named("a"), drop = named("drop");
    for (int i = 0; i < 10; ++i) put({"a", "drop"});
    CPPUNIT_ASSERT_EQUAL(2, asked_);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{10}, pipeline_.counts().stopped);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{10}, pipeline_.counts().values);
  }

  void decisions_do_not_outlive_their_series() {
    use([&](Chain& pre, Chain& post, Router&) {
      pre.add(rule(has("-drop"), stop()));
      write_all(post);
    });
    for (int round = 0; round < 30; ++round) {
      put({"drop"});
      table_.retire_unheld();  // its index is free for the next
      put({"keep"});
      clock_.advance(std::chrono::seconds{100});
      pipeline_.expire();
      table_.retire_unheld();
    }
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{30}, pipeline_.counts().stopped);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{30}, pipeline_.counts().values);
  }

  void a_new_name_of_the_host_is_a_new_question() {
    use([&](Chain& pre, Chain& post, Router&) {
      pre.add(rule(has("old/"), stop()));
      write_all(post);
    });
    table_.set_local_host("old");
    const Series local = std::move(*table_.intern({"", "p", "", "gauge", ""}, gauge_));
    const auto submit = [&] {
      auto batch = std::make_shared<Batch>();
      clock_.advance(std::chrono::seconds{1});
      batch->begin(clock_.wall(), span_of_seconds(10), table_.era());
      CPPUNIT_ASSERT(batch->add(local, 1));
      pipeline_.submit(std::move(batch));
    };
    submit();
    table_.set_local_host("new");
    submit();
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, pipeline_.counts().stopped);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, pipeline_.counts().values);
  }

  void stopped_values_never_reach_the_cache() {
    use([&](Chain& pre, Chain& post, Router&) {
      pre.add(rule(has("-drop"), stop()));
      write_all(post);
    });
    put({"drop", "a", "drop"});
    CPPUNIT_ASSERT(first_.wait_for_text("-a"));
    CPPUNIT_ASSERT_EQUAL(std::string{"h/p/gauge-a=1 "}, first_.text());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, pipeline_.counts().cached);
  }

  void behind_the_cache_only_what_is_written_arrives() {
    use([&](Chain&, Chain& post, Router&) {
      post.add(rule(has("-a"), std::make_unique<Write>(Router::kEverybody)));
    });
    put({"b", "a", "c"});
    CPPUNIT_ASSERT(first_.wait_for_text("-a"));
    CPPUNIT_ASSERT_EQUAL(std::string{"h/p/gauge-a=1 "}, first_.text());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{3}, pipeline_.counts().cached);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, pipeline_.counts().unwritten);
  }

  void a_match_that_fails_does_not_match() {
    use([&](Chain& pre, Chain& post, Router&) {
      pre.add(rule(has("error", false), stop()));
      write_all(post);
    });
    put({"a"});
    put({"a"});
    CPPUNIT_ASSERT(first_.wait_for_text("-a=1 h/p/gauge-a"));
    CPPUNIT_ASSERT_EQUAL(
        std::string{"notice: chain pre, rule \"r\": not there: test; it does not match then\n"},
        sink_.text());
  }

  void a_renamed_value_meets_the_rules_of_its_new_name() {
    use([&](Chain& pre, Chain& post, Router&) {
      pre.add(rule(has("h/q/"), stop()));  // above: it is not looked at again
      pre.add(rule(has("-a"), std::make_unique<Rename>(table_)));
      pre.add(rule(has("h/p/"), stop()));
      pre.add(rule(has("h/q/"), std::make_unique<Double>()));
      write_all(post);
    });
    put({"a", "b"});
    CPPUNIT_ASSERT(first_.wait_for_text("h/q/gauge-a=2 "));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, pipeline_.counts().stopped);
  }

  void writers_get_what_was_written_to_them() {
    use([&](Chain&, Chain& post, Router& router) {
      const std::size_t one = router.route({"ONE"});
      post.add(rule(has("-a"), std::make_unique<Write>(one), stop()));
      post.add(rule(has("-b"), std::make_unique<Write>(one)));
      post.add(rule(has("-c"), std::make_unique<Write>(router.route({"nobody"})), stop()));
      write_all(post);
    });
    put({"x", "a", "b", "c", "y"});
    CPPUNIT_ASSERT(first_.wait_for_text("-y"));
    CPPUNIT_ASSERT(second_.wait_for_text("-y"));
    CPPUNIT_ASSERT_EQUAL(std::string{"h/p/gauge-x=1 h/p/gauge-a=1 h/p/gauge-b=1 h/p/gauge-b=1 "
                                     "h/p/gauge-y=1 "},
                         first_.text());
    CPPUNIT_ASSERT_EQUAL(std::string{"h/p/gauge-x=1 h/p/gauge-b=1 h/p/gauge-y=1 "}, second_.text());
    CPPUNIT_ASSERT_EQUAL(std::string{"notice: a chain writes to nobody, which there is not; there "
                                     "are: one, two\n"},
                         sink_.text());
  }

  void what_is_changed_behind_a_write_is_not_seen() {
    use([&](Chain&, Chain& post, Router&) {
      post.add(
          rule(has("-a"), std::make_unique<Write>(Router::kEverybody), std::make_unique<Double>()));
      write_all(post);
    });
    put({"x", "a"});
    CPPUNIT_ASSERT(first_.wait_for_text("=2"));
    CPPUNIT_ASSERT_EQUAL(std::string{"h/p/gauge-x=1 h/p/gauge-a=1 h/p/gauge-a=2 "}, first_.text());
  }

  void notifications_are_sent_outside_of_the_lock_and_in_order() {
    use([&](Chain& pre, Chain& post, Router&) {
      pre.add(rule(nullptr, std::make_unique<Raise>()));
      write_all(post);
    });
    Echo echo{pipeline_};
    pipeline_.add(echo);
    put({"a", "b"});
    pipeline_.remove(echo);
    CPPUNIT_ASSERT_EQUAL(std::string{"h/p/gauge-a h/p/gauge-b echo echo "}, echo.heard);
  }

  void a_filtered_steady_batch_allocates_nothing() {
    use([&](Chain& pre, Chain& post, Router& router) {
      pre.add(rule(has("-drop"), stop()));
      pre.add(rule(has("-a"), std::make_unique<Rename>(table_)));
      post.add(rule(has("-b"), std::make_unique<Write>(router.route({"one"})), stop()));
      write_all(post);
    });
    const Series series[] = {named("a"), named("b"), named("drop"), named("c")};
    auto reused = std::make_shared<Batch>();
    for (int i = 0; i < 50; ++i) {
      clock_.advance(std::chrono::seconds{10});
      reused->begin(clock_.wall(), span_of_seconds(10), table_.era());
      for (const Series& one : series) CPPUNIT_ASSERT(reused->add(one, i));
      const NoAllocation guard;
      pipeline_.submit(reused);
      pipeline_.publish();
      const std::uint64_t allocations = guard.count();
      CPPUNIT_ASSERT(first_.wait_for_writes(i + 1));
      CPPUNIT_ASSERT(second_.wait_for_writes(i + 1));
      std::this_thread::yield();
      if (i > 30) CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, allocations);
    }
  }

  void renamed_series_can_leave_when_nobody_needs_them() {
    use([&](Chain& pre, Chain& post, Router&) {
      pre.add(rule(nullptr, std::make_unique<Rename>(table_)));
      write_all(post);
    });
    put({"a"});
    CPPUNIT_ASSERT(first_.wait_for_text("h/q/gauge-a"));
    for (int sweep = 0; sweep < 64; ++sweep) {
      clock_.advance(std::chrono::seconds{10});
      pipeline_.expire();
    }
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, table_.size());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ChainTest);

}  // namespace vital::test
