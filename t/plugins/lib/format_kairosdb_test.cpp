// SPDX-License-Identifier: MIT
#include "lib/format_kairosdb.h"

#include <cppunit/extensions/HelperMacros.h>

#include "support/samples.h"

namespace vital::test {

class FormatKairosdbTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(FormatKairosdbTest);
  CPPUNIT_TEST(writes_a_data_point);
  CPPUNIT_TEST(writes_one_for_each_data_source);
  CPPUNIT_TEST(leaves_out_what_is_no_number);
  CPPUNIT_TEST(instances_are_lowered_and_sieved);
  CPPUNIT_TEST(other_names_are_escaped);
  CPPUNIT_TEST_SUITE_END();

  Samples samples_;
  std::string formatted(std::string_view lines, KairosdbNaming naming = {}, bool rates = false) {
    KairosdbFormat format{std::move(naming), rates};
    std::string text;
    for (const Sample& sample : samples_.batch(lines)) format.append(sample, text);
    return text;
  }

 public:
  void writes_a_data_point() {
    const KairosdbNaming naming{.prefix = "pre", .attributes = {{"rack", "7"}}, .ttl = 300};
    CPPUNIT_ASSERT_EQUAL(
        std::string{R"({"name":"pre.cpu", "datapoints": [[1700000000600,7]], "ttl": 300, )"
                    R"("tags":{"host": "h", "rack": "7","plugin_instance": "0",)"
                    R"("type": "gauge","type_instance": "x"}})"},
        formatted("h/cpu-0/gauge-x 1700000000.6:7", naming));
    CPPUNIT_ASSERT_EQUAL(
        std::string{R"({"name":"p", "datapoints": [[1000,0.5]], "tags":{"host": "h",)"
                    R"("type": "gauge"}})"},
        formatted("h/p/gauge 1:0.5", {.prefix = ""}));
  }

  void writes_one_for_each_data_source() {
    CPPUNIT_ASSERT_EQUAL(
        std::string{R"({"name":"collectd.p", "datapoints": [[1000,-1]], "tags":{"host": "h",)"
                    R"("type": "if_octets","ds": "rx"}},)"
                    R"({"name":"collectd.p", "datapoints": [[1000,2]], "tags":{"host": "h",)"
                    R"("type": "if_octets","ds": "tx"}})"},
        formatted("h/p/if_octets 1:-1:2"));
  }

  void leaves_out_what_is_no_number() {
    CPPUNIT_ASSERT_EQUAL(std::string{}, formatted("h/p/gauge 1:U"));
    CPPUNIT_ASSERT_EQUAL(std::string{}, formatted("h/p/if_octets 1:1:2", {}, true));
    const std::string text = formatted("h/p/load 1:1:U:3");
    CPPUNIT_ASSERT(text.find("midterm") == std::string::npos);
    CPPUNIT_ASSERT(text.find("}},{") != std::string::npos);
  }

  void instances_are_lowered_and_sieved() {
    const std::string text = formatted("\"h/p-A b/gauge-x!y.Z_-9\" 1:1");
    CPPUNIT_ASSERT(text.find(R"("plugin_instance": "ab")") != std::string::npos);
    CPPUNIT_ASSERT(text.find(R"("type_instance": "xy.z_-9")") != std::string::npos);
  }

  void other_names_are_escaped() {
    const std::string text = formatted(R"("a\"b/p/gauge" 1:1)", {.attributes = {{"k\"", "v\\"}}});
    CPPUNIT_ASSERT(text.find(R"("host": "a\"b", "k\"": "v\\")") != std::string::npos);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(FormatKairosdbTest);

}  // namespace vital::test
