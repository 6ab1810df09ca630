// SPDX-License-Identifier: MIT
#include "lib/format_json.h"

#include <cppunit/extensions/HelperMacros.h>

#include <cmath>

#include "support/no_allocation.h"
#include "support/samples.h"

namespace vital::test {
namespace {

std::string objects(std::string_view puts, bool rates = false) {
  Samples samples;
  JsonFormat format{rates};
  std::string text;
  for (const Sample& sample : samples.batch(puts)) {
    format.append(sample, text);
    text += '\n';
  }
  return text;
}

/// What stands between the brackets of "values".
std::string values(std::string_view puts, bool rates = false) {
  const std::string text = objects(puts, rates);
  const auto first = text.find('[') + 1;
  return text.substr(first, text.find(']') - first);
}

}  // namespace

class FormatJsonTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(FormatJsonTest);
  CPPUNIT_TEST(writes_members_in_their_order);
  CPPUNIT_TEST(keeps_the_types_of_totals_that_become_rates);
  CPPUNIT_TEST(writes_numbers_and_null);
  CPPUNIT_TEST(escapes_names);
  CPPUNIT_TEST(rounds_times_as_printf_does);
  CPPUNIT_TEST(writes_meta_data_last);
  CPPUNIT_TEST(allocates_nothing_for_a_known_series);
  CPPUNIT_TEST_SUITE_END();

 public:
  void writes_members_in_their_order() {
    CPPUNIT_ASSERT_EQUAL(
        std::string{R"({"values":[0.5,1.5,2.5],"dstypes":["gauge","gauge","gauge"],)"
                    R"("dsnames":["shortterm","midterm","longterm"],"time":1700000000.000,)"
                    R"("interval":10.000,"host":"web.example.com","plugin":"load",)"
                    R"("plugin_instance":"","type":"load","type_instance":""})"
                    "\n"},
        objects("web.example.com/load/load 1700000000:0.5:1.5:2.5"));
    CPPUNIT_ASSERT_EQUAL(
        std::string{R"({"values":[205],"dstypes":["derive"],"dsnames":["value"],)"
                    R"("time":1700000010.500,"interval":0.250,"host":"h","plugin":"cpu",)"
                    R"("plugin_instance":"0","type":"cpu","type_instance":"idle"})"
                    "\n"},
        objects("h/cpu-0/cpu-idle interval=0.25 1700000010.5:205"));
  }

  void keeps_the_types_of_totals_that_become_rates() {
    const std::string text = objects(
        "h/p/if_octets 1700000000:1000:2000\n"
        "h/p/if_octets 1700000003:2000:2001\n",
        true);
    CPPUNIT_ASSERT(text.starts_with(R"({"values":[null,null],"dstypes":["derive","derive"],)"));
    CPPUNIT_ASSERT(text.find("\n{\"values\":[333.333333333333,0.333333333333333],"
                             "\"dstypes\":[\"derive\",\"derive\"],") != std::string::npos);
  }

  void writes_numbers_and_null() {
    CPPUNIT_ASSERT_EQUAL(std::string{"42.1234567890123"}, values("h/p/gauge 1:42.1234567890123"));
    for (const char* number : {"U", "nan", "inf", "-inf"})
      CPPUNIT_ASSERT_EQUAL(std::string{"null"}, values(std::string{"h/p/gauge 1:"} + number));
    CPPUNIT_ASSERT_EQUAL(std::string{"1e+300"}, values("h/p/gauge 1:1e300"));
    CPPUNIT_ASSERT_EQUAL(std::string{"-2.2250738585072e-308"},
                         values("h/p/gauge 1:-2.2250738585072014e-308"));
    CPPUNIT_ASSERT_EQUAL(std::string{"18446744073709551615"},
                         values("h/p/counter 1:18446744073709551615"));
    CPPUNIT_ASSERT_EQUAL(std::string{"-9223372036854775808"},
                         values("h/p/derive 1:-9223372036854775808"));
    CPPUNIT_ASSERT_EQUAL(std::string{"12345"}, values("h/p/absolute 1:12345"));
    CPPUNIT_ASSERT_EQUAL(std::string{"1234.5"}, values("h/p/absolute 1:12345", true));
  }

  void escapes_names() {
    std::string text;
    append_json(
        "a\"b\\c\x01"
        "d\n\x7f \xc3\xbc",
        text);
    CPPUNIT_ASSERT_EQUAL(std::string{"\"a\\\"b\\\\c?d?\x7f ??\""}, text);
    CPPUNIT_ASSERT(objects("\"w\xc3\xbc/p-q\\\"x\\\\y/gauge-a b\" 1:5")
                       .find(R"("host":"w??","plugin":"p","plugin_instance":"q\"x\\y",)"
                             R"("type":"gauge","type_instance":"a b"})") != std::string::npos);
  }

  void rounds_times_as_printf_does() {
    const auto has = [](const char* time, const char* printed) {
      const std::string text = objects(std::string{"h/p/gauge "} + time + ":1");
      CPPUNIT_ASSERT(text.find("\"time\":" + std::string{printed} + ",") != std::string::npos);
    };
    has("1700000000.0625", "1700000000.062");
    has("1700000000.1875", "1700000000.188");
    has("1700000000.9996", "1700000001.000");
    has("1", "1.000");
  }

  void writes_meta_data_last() {
    Samples samples;
    auto meta = std::make_shared<Meta>();
    meta->set("network:received", true);
    meta->set("text", std::string{"a\"b"});
    meta->set("count", std::int64_t{-3});
    meta->set("total", std::uint64_t{18446744073709551615u});
    meta->set("share", 0.5);
    meta->set("none", std::nan(""));
    const Batch& given = samples.batch("h/p/gauge 1:5");
    Batch batch;
    batch.begin(given.time(), given.interval(), samples.series().era());
    const Value value{.gauge = 5};
    SeriesInfo& series = *samples.series().find("h/p/gauge").get();
    CPPUNIT_ASSERT(batch.add_at(series, time_of(1.0), span_of_seconds(1), {&value, 1}, meta));
    CPPUNIT_ASSERT(batch.add_at(series, time_of(2.0), span_of_seconds(1), {&value, 1},
                                std::make_shared<Meta>()));
    JsonFormat format{false};
    std::string text;
    format.append(batch[0], text);
    CPPUNIT_ASSERT(
        text.ends_with(R"("type_instance":"","meta":{"network:received":true,"text":"a\"b",)"
                       R"("count":-3,"total":18446744073709551615,"share":0.500000,)"
                       R"("none":null}})"));
    format.append(batch[1], text);
    CPPUNIT_ASSERT(text.ends_with(R"("type_instance":""})"));
  }

  void allocates_nothing_for_a_known_series() {
    Samples samples;
    const Batch& batch = samples.batch("h/p/gauge 1:5\nh/load/load 1:1:2:3\n");
    JsonFormat format{false};
    std::string text;
    std::uint64_t count = 0;
    for (int round = 0; round < 2; ++round) {
      text.clear();
      const NoAllocation guard;
      for (const Sample& sample : batch) format.append(sample, text);
      count = guard.count();
    }
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, count);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(FormatJsonTest);

}  // namespace vital::test
