// SPDX-License-Identifier: MIT
#include "pipeline/journal_codec.h"

#include <cppunit/extensions/HelperMacros.h>

#include <bit>
#include <random>
#include <string>

namespace vital::test {
using journal::Decoder;
using journal::Encoder;
using Outcome = Decoder::Outcome;

class JournalCodecTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(JournalCodecTest);
  CPPUNIT_TEST(a_batch_comes_back_bit_by_bit);
  CPPUNIT_TEST(a_known_series_costs_a_byte);
  CPPUNIT_TEST(a_renamed_series_is_defined_anew);
  CPPUNIT_TEST(a_type_that_has_changed_comes_back_as_it_was);
  CPPUNIT_TEST(a_notification_comes_back);
  CPPUNIT_TEST(without_its_definition_a_series_is_undefined);
  CPPUNIT_TEST(rejects_every_truncation);
  CPPUNIT_TEST(changed_bytes_do_no_harm);
  CPPUNIT_TEST_SUITE_END();

  static constexpr Time kNow = time_of(1'700'000'000.25);
  static constexpr Span kTen = span_of_seconds(10);

  Types types_;
  PastTypes past_types_{types_};
  SeriesTable table_, other_;  // two hosts
  Encoder encoder_;
  Decoder decoder_{other_, past_types_};
  ByteWriter payload_, definitions_;
  Batch batch_, decoded_;

  Series series(Identifier identifier, Labels labels = {}) {
    const DataSet* type = types_.find(identifier.type);
    return std::move(*table_.intern(identifier, *type, std::move(labels)));
  }
  static std::uint64_t bits(double number) { return std::bit_cast<std::uint64_t>(number); }

  void encode() {
    payload_.clear();
    definitions_.clear();
    encoder_.encode(batch_, 0, batch_.size(), payload_, definitions_);
  }
  /// With everything that a batch can have.
  void fill() {
    batch_.begin(kNow, kTen, table_.era());
    const Series one = series({"h", "p-lugin", "", "gauge", "a-b"}, {{"unit", "V"}, {"x", ""}});
    const Series two = series({"h", "p", "inst", "octets", ""});
    CPPUNIT_ASSERT(batch_.add(one, 0.1));
    batch_.rates(0)[0] = 0.1;
    CPPUNIT_ASSERT(batch_.add(one, std::bit_cast<double>(0x7ff8dead00000001u)));
    CPPUNIT_ASSERT(batch_.add(two, {std::int64_t{-1}, ~std::uint64_t{0}}));
    batch_.rates(2)[1] = -0.0;
    auto meta = std::make_shared<Meta>();
    meta->set("text", std::string{"a\0b", 3});
    meta->set("signed", std::int64_t{-5});
    meta->set("unsigned", ~std::uint64_t{0});
    meta->set("real", 0.5);
    meta->set("flag", true);
    const Value value{.gauge = -1};
    CPPUNIT_ASSERT(
        batch_.add_at(*one.get(), kNow - Span{1}, Span{7}, {&value, 1}, std::move(meta)));
    CPPUNIT_ASSERT(batch_.add_at(*one.get(), Time{}, Span{-7}, {&value, 1}));
  }
  static void assert_same(const Batch& a, const Batch& b) {
    CPPUNIT_ASSERT_EQUAL(a.size(), b.size());
    CPPUNIT_ASSERT(a.time() == b.time() && a.interval() == b.interval());
    for (std::size_t at = 0; at < a.size(); ++at) assert_same(a[at], b[at]);
  }
  static void assert_same(const Sample& a, const Sample& b) {
    CPPUNIT_ASSERT(a.series.identifier() == b.series.identifier());
    CPPUNIT_ASSERT(a.series.labels() == b.series.labels());
    CPPUNIT_ASSERT(a.series.type() == b.series.type());
    CPPUNIT_ASSERT(a.time == b.time && a.interval == b.interval);
    for (std::size_t i = 0; i < a.values.size(); ++i) {
      CPPUNIT_ASSERT_EQUAL(a.values[i].counter, b.values[i].counter);
      CPPUNIT_ASSERT_EQUAL(bits(a.rates[i]), bits(b.rates[i]));
    }
    CPPUNIT_ASSERT_EQUAL(a.meta == nullptr, b.meta == nullptr);
    if (a.meta == nullptr) return;
    for (const Meta::Entry& entry : *a.meta) {
      const MetaValue* other = b.meta->find(entry.name);
      CPPUNIT_ASSERT(other != nullptr && *other == entry.value);
    }
  }

 public:
  void setUp() override {
    for (const char* line :
         {"gauge value:GAUGE:U:U", "octets rx:DERIVE:0:U, tx:COUNTER:0:4294967295"})
      types_.add(*parse_data_set(line));
    fill();
  }

  void a_batch_comes_back_bit_by_bit() {
    encode();
    CPPUNIT_ASSERT(decoder_.learn(definitions_.view()));
    CPPUNIT_ASSERT(decoder_.decode(payload_.view(), decoded_) == Outcome::done);
    assert_same(batch_, decoded_);
    CPPUNIT_ASSERT(decoded_[0].series.identifier() ==
                   (Identifier{"h", "p-lugin", "", "gauge", "a-b"}));
  }

  void a_known_series_costs_a_byte() {
    const Series one = series({"h", "p", "", "gauge", ""});
    encode();
    batch_.begin(kNow, kTen, table_.era());
    encode();
    const std::size_t empty = payload_.size();
    CPPUNIT_ASSERT(batch_.add(one, 4));
    batch_.rates(0)[0] = 4;
    encode();
    CPPUNIT_ASSERT(!definitions_.empty());
    encode();
    CPPUNIT_ASSERT(definitions_.empty());
    CPPUNIT_ASSERT_EQUAL(empty + 1 + sizeof(double), payload_.size());
    encoder_.begin();
    encode();
    CPPUNIT_ASSERT(!definitions_.empty());
  }

  void a_renamed_series_is_defined_anew() {
    const Series local = series({"", "p", "", "gauge", ""});
    table_.set_local_host("before");
    batch_.begin(kNow, kTen, table_.era());
    CPPUNIT_ASSERT(batch_.add(local, 4));
    encode();
    CPPUNIT_ASSERT(decoder_.learn(definitions_.view()));
    table_.set_local_host("after");
    encode();
    CPPUNIT_ASSERT(decoder_.learn(definitions_.view()));
    CPPUNIT_ASSERT(decoder_.decode(payload_.view(), decoded_) == Outcome::done);
    CPPUNIT_ASSERT_EQUAL(std::string_view{"after/p/gauge"}, decoded_[0].series.name());
  }

  void a_type_that_has_changed_comes_back_as_it_was() {
    encode();
    Types later;
    later.add(*parse_data_set("gauge value:GAUGE:0:100"));  // other bounds: still the same columns
    later.add(*parse_data_set("octets rx:DERIVE:0:U"));
    PastTypes past{later};
    SeriesTable table;
    Decoder decoder{table, past};
    CPPUNIT_ASSERT(decoder.learn(definitions_.view()));
    CPPUNIT_ASSERT(decoder.decode(payload_.view(), decoded_) == Outcome::done);
    CPPUNIT_ASSERT(&decoded_[0].series.type() == later.find("gauge"));
    CPPUNIT_ASSERT(decoded_[2].series.type() == *types_.find("octets"));
    CPPUNIT_ASSERT(&past.find_or_make(*types_.find("octets")) == &decoded_[2].series.type());
    decoded_.begin({}, {}, nullptr);
  }

  void a_notification_comes_back() {
    Notification sent, got;
    sent.level = Level::okay;
    sent.time = kNow;
    sent.set_message("all \"well\"");
    sent.host = "h", sent.plugin = "p", sent.plugin_instance = "pi";
    sent.type = "t", sent.type_instance = "ti";
    sent.meta.set("CurrentValue", 0.25);
    payload_.clear();
    Encoder::encode(sent, payload_);
    CPPUNIT_ASSERT(Decoder::decode(payload_.view(), got) == Outcome::done);
    CPPUNIT_ASSERT_EQUAL(log_line(sent), log_line(got));
    CPPUNIT_ASSERT(got.level == Level::okay && got.time == kNow);
    CPPUNIT_ASSERT_EQUAL(sent.type_instance, got.type_instance);
    CPPUNIT_ASSERT_EQUAL(0.25, std::get<double>(*got.meta.find("CurrentValue")));
    for (std::size_t size = 0; size < payload_.size(); ++size)
      CPPUNIT_ASSERT(Decoder::decode(payload_.view().substr(0, size), got) == Outcome::malformed);
  }

  void without_its_definition_a_series_is_undefined() {
    encode();
    CPPUNIT_ASSERT(decoder_.decode(payload_.view(), decoded_) == Outcome::undefined);
    CPPUNIT_ASSERT(decoder_.learn(definitions_.view()));
    decoder_.begin();
    CPPUNIT_ASSERT(decoder_.decode(payload_.view(), decoded_) == Outcome::undefined);
  }

  void rejects_every_truncation() {
    encode();
    for (std::size_t size = 1; size < definitions_.size(); ++size) {
      Decoder decoder{other_, past_types_};
      (void)decoder.learn(definitions_.view().substr(0, size));
      CPPUNIT_ASSERT(decoder.decode(payload_.view(), decoded_) != Outcome::done);
    }
    CPPUNIT_ASSERT(decoder_.learn(definitions_.view()));
    for (std::size_t size = 0; size < payload_.size(); ++size)
      CPPUNIT_ASSERT(decoder_.decode(payload_.view().substr(0, size), decoded_) ==
                     Outcome::malformed);
  }

  void changed_bytes_do_no_harm() {
    encode();
    std::mt19937 random{3};
    for (int round = 0; round < 20000; ++round) {
      std::string definitions{definitions_.view()}, payload{payload_.view()};
      std::string& victim = round % 2 == 0 ? definitions : payload;
      for (unsigned n = 0; n <= random() % 4; ++n)
        victim[random() % victim.size()] = static_cast<char>(random());
      Decoder decoder{other_, past_types_};
      (void)decoder.learn(definitions);
      (void)decoder.decode(payload, decoded_);
      decoded_.begin(kNow, kTen, nullptr);
    }
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(JournalCodecTest);

}  // namespace vital::test
