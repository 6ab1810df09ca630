// SPDX-License-Identifier: MIT
#include "lib/format_graphite.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>

#include "support/no_allocation.h"
#include "support/samples.h"

namespace vital::test {
namespace {

constexpr std::string_view kUsual =
    "web.example.com/load/load 1700000000:0.5:1.5:2.5\n"
    "web.example.com/interface-eth0.1/if_octets 1700000000:1000:2000\n"
    "web.example.com/interface-eth0.1/if_octets 1700000010:2000:3001\n"
    "web.example.com/cpu-0/cpu-idle 1700000000:100\n"
    "web.example.com/cpu-0/cpu-idle 1700000010.6:205\n"
    "\"web.example.com/sp ace-a,b=c/gauge-x y#+\" 1700000000:42.1234567890123\n"
    "web.example.com/p/gauge 1700000000:U\n";

/// The lines with plain line ends.
std::string lines(std::string_view puts, const GraphiteNaming& naming = {}, bool rates = false) {
  Samples samples;
  GraphiteFormat format{naming, rates};
  std::string text;
  for (const Sample& sample : samples.batch(puts)) format.append(sample, text);
  CPPUNIT_ASSERT_EQUAL(std::count(text.begin(), text.end(), '\n'),
                       std::count(text.begin(), text.end(), '\r'));
  std::erase(text, '\r');
  return text;
}

}  // namespace

class FormatGraphiteTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(FormatGraphiteTest);
  CPPUNIT_TEST(writes_rates_and_totals);
  CPPUNIT_TEST(names_by_path_with_all_options);
  CPPUNIT_TEST(names_by_tags);
  CPPUNIT_TEST(drops_duplicate_fields);
  CPPUNIT_TEST(escapes_what_a_name_must_not_have);
  CPPUNIT_TEST(reverses_the_host);
  CPPUNIT_TEST(rounds_seconds_half_up);
  CPPUNIT_TEST(writes_extreme_numbers);
  CPPUNIT_TEST(ends_lines_with_both_characters);
  CPPUNIT_TEST(allocates_nothing_for_a_known_series);
  CPPUNIT_TEST_SUITE_END();

 public:
  void writes_rates_and_totals() {
    CPPUNIT_ASSERT_EQUAL(
        std::string{"web_example_com.load.load.shortterm 0.5 1700000000\n"
                    "web_example_com.load.load.midterm 1.5 1700000000\n"
                    "web_example_com.load.load.longterm 2.5 1700000000\n"
                    "web_example_com.interface-eth0_1.if_octets.rx nan 1700000000\n"
                    "web_example_com.interface-eth0_1.if_octets.tx nan 1700000000\n"
                    "web_example_com.interface-eth0_1.if_octets.rx 100.000000 1700000010\n"
                    "web_example_com.interface-eth0_1.if_octets.tx 100.100000 1700000010\n"
                    "web_example_com.cpu-0.cpu-idle nan 1700000000\n"
                    "web_example_com.cpu-0.cpu-idle 9.905660 1700000011\n"
                    "web_example_com.sp_ace-a_b=c.gauge-x_y#+ 42.1234567890123 1700000000\n"
                    "web_example_com.p.gauge nan 1700000000\n"},
        lines(kUsual, {}, true));
    CPPUNIT_ASSERT_EQUAL(std::string{"h.cpu-0.cpu-idle 18014398509481985 1700000000\n"
                                     "h.p.counter 18446744073709551615 1700000000\n"
                                     "h.p.derive -9223372036854775808 1700000000\n"
                                     "h.p.absolute 12345 1700000000\n"},
                         lines("h/cpu-0/cpu-idle 1700000000:18014398509481985\n"
                               "h/p/counter 1700000000:18446744073709551615\n"
                               "h/p/derive 1700000000:-9223372036854775808\n"
                               "h/p/absolute 1700000000:12345\n"));
  }

  void names_by_path_with_all_options() {
    const GraphiteNaming naming{.prefix = "pre.",
                                .postfix = ".post",
                                .separate_instances = true,
                                .always_append_source = true,
                                .preserve_separator = true,
                                .drop_duplicate_fields = true,
                                .reverse_host = true};
    CPPUNIT_ASSERT_EQUAL(
        std::string{"pre.com.example.web.post.load.shortterm 0.5 1700000000\n"
                    "pre.com.example.web.post.load.midterm 1.5 1700000000\n"
                    "pre.com.example.web.post.load.longterm 2.5 1700000000\n"
                    "pre.com.example.web.post.interface.eth0.1.if_octets.rx 1000 1700000000\n"
                    "pre.com.example.web.post.interface.eth0.1.if_octets.tx 2000 1700000000\n"
                    "pre.com.example.web.post.interface.eth0.1.if_octets.rx 2000 1700000010\n"
                    "pre.com.example.web.post.interface.eth0.1.if_octets.tx 3001 1700000010\n"
                    "pre.com.example.web.post.cpu.0.idle.value 100 1700000000\n"
                    "pre.com.example.web.post.cpu.0.idle.value 205 1700000011\n"
                    "pre.com.example.web.post.sp_ace.a_b=c.gauge.x_y#+.value 42.1234567890123 "
                    "1700000000\n"
                    "pre.com.example.web.post.p.gauge.value nan 1700000000\n"},
        lines(kUsual, naming));
  }

  void names_by_tags() {
    const GraphiteNaming naming{.prefix = "pre.", .postfix = ".post", .use_tags = true};
    const std::string text = lines(kUsual, naming, true);
    CPPUNIT_ASSERT(text.find("pre.interface.if_octets.rx.post;host=web.example.com;"
                             "plugin=interface;plugin_instance=eth0.1;type=if_octets;ds_name=rx "
                             "100.000000 1700000010\n") != std::string::npos);
    CPPUNIT_ASSERT(text.find("pre.cpu.cpu.post;host=web.example.com;plugin=cpu;plugin_instance=0;"
                             "type=cpu;type_instance=idle 9.905660 1700000011\n") !=
                   std::string::npos);
    const GraphiteNaming dropping{
        .always_append_source = true, .drop_duplicate_fields = true, .use_tags = true};
    CPPUNIT_ASSERT(lines(kUsual, dropping, true)
                       .find("cpu.value;host=web.example.com;plugin=cpu;plugin_instance=0;"
                             "type_instance=idle;ds_name=value 9.905660 1700000011\n") !=
                   std::string::npos);
    CPPUNIT_ASSERT_EQUAL(std::string{"cpu;host=h;plugin=cpu;plugin_instance=idle 5 1700000000\n"},
                         lines("h/cpu-idle/cpu-idle 1700000000:5",
                               {.drop_duplicate_fields = true, .use_tags = true}));
    CPPUNIT_ASSERT_EQUAL(
        std::string{"p.gauge;host=b.a;plugin=p;type=gauge 5 1700000000\n"},
        lines("a.b/p/gauge 1700000000:5",
              {.separate_instances = true, .use_tags = true, .reverse_host = true}));
  }

  void drops_duplicate_fields() {
    const GraphiteNaming drop{.drop_duplicate_fields = true};
    CPPUNIT_ASSERT_EQUAL(std::string{"h.cpu-0.idle 5 1700000000\n"},
                         lines("h/cpu-0/cpu-idle 1700000000:5", drop));
    CPPUNIT_ASSERT_EQUAL(std::string{"h.uptime.uptime 5 1700000000\n"},
                         lines("h/uptime/uptime 1700000000:5", drop));
    CPPUNIT_ASSERT_EQUAL(std::string{"h.df.used 5 1700000000\nh.df.free 6 1700000000\n"},
                         lines("h/df/df 1700000000:5:6", drop));
    CPPUNIT_ASSERT_EQUAL(std::string{"h.df-a.a.used 5 1700000000\nh.df-a.a.free 6 1700000000\n"},
                         lines("h/df-a/df-a 1700000000:5:6", drop));
    CPPUNIT_ASSERT_EQUAL(std::string{"h.uptime.value 5 1700000000\n"},
                         lines("h/uptime/uptime 1700000000:5",
                               {.always_append_source = true, .drop_duplicate_fields = true}));
  }

  void escapes_what_a_name_must_not_have() {
    const Identifier odd{"h.x", "a\tb", "c\"d\\e:f!g,h(i)j", "gauge",
                         "k\x01l\x7fm\nn\xc2\x85o;p=q"};
    CPPUNIT_ASSERT_EQUAL(std::string{"h_x.a_b-c_d_e_f_g_h_i_j.gauge-k_l_m_n\xc2\x85o;p=q"},
                         graphite_name(odd, "", {}));
    CPPUNIT_ASSERT_EQUAL(
        std::string{"a-b+h-x-z.a-b-c-d-e-f-g-h-i-j.gauge-k-l-m-n\xc2\x85o;p=q.v-w"},
        graphite_name(odd, "v w", {.prefix = "a b+", .postfix = "/z", .escape = '-'}));
    CPPUNIT_ASSERT_EQUAL(
        std::string{"h.x.p.gauge"},
        graphite_name({"h.x", "p", "", "gauge", ""}, "", {.preserve_separator = true}));
  }

  void reverses_the_host() {
    const auto name = [](std::string_view host, bool keep_dots) {
      return graphite_name({host, "p", "", "t", ""}, "",
                           {.preserve_separator = keep_dots, .reverse_host = true});
    };
    CPPUNIT_ASSERT_EQUAL(std::string{"com.example.web.p.t"}, name("web.example.com", true));
    CPPUNIT_ASSERT_EQUAL(std::string{"com_example_web.p.t"}, name("web.example.com", false));
    CPPUNIT_ASSERT_EQUAL(std::string{"web.p.t"}, name("web", true));
    CPPUNIT_ASSERT_EQUAL(std::string{".b.a..p.t"}, name(".a.b.", true));
    CPPUNIT_ASSERT_EQUAL(std::string{".p.t"}, name("", true));
  }

  void rounds_seconds_half_up() {
    CPPUNIT_ASSERT_EQUAL(std::string{"h.p.gauge-a 1 1700000000\nh.p.gauge-b 1 1700000001\n"
                                     "h.p.gauge-c 1 1700000001\n"},
                         lines("h/p/gauge-a 1700000000.499:1\nh/p/gauge-b 1700000000.5:1\n"
                               "h/p/gauge-c 1700000001.4999:1\n"));
  }

  void writes_extreme_numbers() {
    CPPUNIT_ASSERT_EQUAL(
        std::string{"h.p.gauge-a inf 1\nh.p.gauge-b -inf 1\nh.p.gauge-c -0 1\n"
                    "h.p.gauge-d 1.79769313486232e+308 1\nh.p.gauge-e 4.94065645841247e-324 1\n"},
        lines("h/p/gauge-a 1:inf\nh/p/gauge-b 1:-inf\nh/p/gauge-c 1:-0.0\n"
              "h/p/gauge-d 1:1.7976931348623157e308\nh/p/gauge-e 1:5e-324\n"));
    Samples samples;
    Batch& batch = samples.batch("h/p/derive 1:1");
    batch.rates(0)[0] = -1.7976931348623157e308;
    GraphiteFormat format{{}, true};
    std::string text;
    format.append(batch[0], text);
    CPPUNIT_ASSERT(text.starts_with("h.p.derive -179769313486231570"));
    CPPUNIT_ASSERT(text.ends_with(".000000 1\r\n"));
  }

  void ends_lines_with_both_characters() {
    Samples samples;
    GraphiteFormat format{{}, false};
    std::string text = "before ";
    format.append(samples.batch("h/p/gauge 1:5")[0], text);
    CPPUNIT_ASSERT_EQUAL(std::string{"before h.p.gauge 5 1\r\n"}, text);
  }

  void allocates_nothing_for_a_known_series() {
    Samples samples;
    const Batch& batch = samples.batch(kUsual);
    GraphiteFormat format{{}, true};
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

CPPUNIT_TEST_SUITE_REGISTRATION(FormatGraphiteTest);

}  // namespace vital::test
