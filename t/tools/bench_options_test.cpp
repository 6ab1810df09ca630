// SPDX-License-Identifier: MIT
#include "tools/bench_options.h"

#include <cppunit/extensions/HelperMacros.h>
#include <getopt.h>

#include <vector>

#include "base/strings.h"

namespace vital::test {

using bench::BenchError;
using bench::BenchOptions;

class BenchOptionsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(BenchOptionsTest);
  CPPUNIT_TEST(what_is_not_said_is_usual);
  CPPUNIT_TEST(every_option_is_taken);
  CPPUNIT_TEST(words_may_come_before_options);
  CPPUNIT_TEST(the_names_of_collectd_tg_are_known);
  CPPUNIT_TEST(floods_have_a_kind);
  CPPUNIT_TEST(help_needs_no_command);
  CPPUNIT_TEST(numbers_are_whole_and_within_bounds);
  CPPUNIT_TEST(what_protects_needs_a_user);
  CPPUNIT_TEST(what_cannot_be_meant_is_refused);
  CPPUNIT_TEST_SUITE_END();

  static BenchOptions parse(const std::string& line) {
    std::vector<std::string> words{"vital-bench"};
    for (const std::string_view word : split(line, " ")) words.emplace_back(word);
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (std::string& word : words) arguments.push_back(word.data());
    const int count = static_cast<int>(arguments.size());
    arguments.push_back(nullptr);
    opterr = 0;
    return bench::parse_options(count, arguments.data());
  }
  static std::string error(const std::string& line) {
    try {
      (void)parse(line);
    } catch (const BenchError& e) {
      return e.what();
    }
    return "none";
  }

 public:
  void what_is_not_said_is_usual() {
    const BenchOptions send = parse("send");
    CPPUNIT_ASSERT(BenchOptions::Command::send == send.command);
    CPPUNIT_ASSERT_EQUAL(std::string{"127.0.0.1"}, send.host);
    CPPUNIT_ASSERT_EQUAL(std::string{"25826"}, send.port);
    CPPUNIT_ASSERT(!send.rate);
    CPPUNIT_ASSERT(network::Trust::none == send.level);
    CPPUNIT_ASSERT_EQUAL(std::string{"::"}, parse("receive").host);
  }
  void every_option_is_taken() {
    const BenchOptions all = parse(
        "send -n 500 --hosts 5 -p 4 --interval 0.5 -r 1e6 -t 2.5 --level encrypt -u alice -w pass "
        "-s 9000 -j 3 -b 4096 -a /users example.org 1234");
    CPPUNIT_ASSERT_EQUAL(std::size_t{500}, all.series);
    CPPUNIT_ASSERT_EQUAL(std::size_t{5}, all.hosts);
    CPPUNIT_ASSERT_EQUAL(std::size_t{4}, all.plugins);
    CPPUNIT_ASSERT_EQUAL(0.5, all.interval);
    CPPUNIT_ASSERT_EQUAL(1e6, all.rate.value());
    CPPUNIT_ASSERT_EQUAL(2.5, all.duration);
    CPPUNIT_ASSERT(network::Trust::encrypted == all.level);
    CPPUNIT_ASSERT_EQUAL(std::string{"alice"}, all.user);
    CPPUNIT_ASSERT_EQUAL(std::string{"pass"}, all.password);
    CPPUNIT_ASSERT_EQUAL(std::string{"/users"}, all.auth_file);
    CPPUNIT_ASSERT_EQUAL(std::size_t{9000}, all.packet_size);
    CPPUNIT_ASSERT_EQUAL(std::size_t{3}, all.sockets);
    CPPUNIT_ASSERT_EQUAL(4096, all.buffer);
    CPPUNIT_ASSERT_EQUAL(std::string{"example.org"}, all.host);
    CPPUNIT_ASSERT_EQUAL(std::string{"1234"}, all.port);
  }
  void words_may_come_before_options() {
    const BenchOptions options = parse("receive ::1 --buffer 2048");
    CPPUNIT_ASSERT_EQUAL(std::string{"::1"}, options.host);
    CPPUNIT_ASSERT_EQUAL(2048, options.buffer);
  }
  void the_names_of_collectd_tg_are_known() {
    const BenchOptions options = parse("send -n 1000 -H 10 -p 2 -i 10 -d 192.0.2.1 -D 25827");
    CPPUNIT_ASSERT_EQUAL(std::string{"192.0.2.1"}, options.host);
    CPPUNIT_ASSERT_EQUAL(std::string{"25827"}, options.port);
  }
  void floods_have_a_kind() {
    CPPUNIT_ASSERT(bench::Flood::random == parse("flood random").flood);
    CPPUNIT_ASSERT(bench::Flood::series == parse("flood series 192.0.2.1").flood);
    const BenchOptions options = parse("flood signatures -u bob 192.0.2.1 99");
    CPPUNIT_ASSERT(bench::Flood::signatures == options.flood);
    CPPUNIT_ASSERT_EQUAL(std::string{"99"}, options.port);
    CPPUNIT_ASSERT_EQUAL(
        std::string{"a flood is one of random, series or signatures, not 192.0.2.1"},
        error("flood 192.0.2.1"));
  }
  void help_needs_no_command() {
    CPPUNIT_ASSERT(BenchOptions::Command::help == parse("--help").command);
    CPPUNIT_ASSERT(BenchOptions::Command::help == parse("send -h").command);
  }
  void numbers_are_whole_and_within_bounds() {
    for (const char* const wrong :
         {"-n 0", "-n -1", "-n 1.5", "-n ten", "-n 10x", "-H 0", "-p 0", "-i 0", "-i nan", "-r -1",
          "-r inf", "-t -1", "-s 1023", "-s 65508", "-j 0", "-b 1", "-b 99999999999"})
      CPPUNIT_ASSERT_MESSAGE(wrong, error(std::string{"send "} + wrong) != "none");
    CPPUNIT_ASSERT_EQUAL(std::string{"--series cannot be ten"}, error("send -n ten"));
    CPPUNIT_ASSERT_EQUAL(0.0, parse("send -r 0").rate.value());
  }
  void what_protects_needs_a_user() {
    const std::string wanted = "this level needs --user and --password";
    CPPUNIT_ASSERT_EQUAL(wanted, error("send -l Sign"));
    CPPUNIT_ASSERT_EQUAL(wanted, error("send -l Encrypt -u alice"));
    CPPUNIT_ASSERT_EQUAL(wanted, error("send -l Encrypt -a /users"));
    CPPUNIT_ASSERT_EQUAL(std::string{"none"}, error("receive -l Encrypt -a /users"));
    CPPUNIT_ASSERT_EQUAL(
        std::string{"the user's name is too long"},
        error("send -l Sign -w x -u " + std::string(network::kLongestUser + 1, 'u')));
  }
  void what_cannot_be_meant_is_refused() {
    CPPUNIT_ASSERT_EQUAL(std::string{"send, receive or flood?"}, error(""));
    CPPUNIT_ASSERT_EQUAL(std::string{"the command is send, receive or flood, not sned"},
                         error("sned"));
    CPPUNIT_ASSERT_EQUAL(std::string{"what is more?"}, error("send host 1 more"));
    CPPUNIT_ASSERT_EQUAL(std::string{"see vital-bench --help"}, error("send --sereis 5"));
    CPPUNIT_ASSERT_EQUAL(std::string{"the level is None, Sign or Encrypt, not High"},
                         error("send -l High"));
    CPPUNIT_ASSERT_EQUAL(
        std::string{"every host needs a series: --hosts must not be more than --series"},
        error("send -n 5 -H 6"));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(BenchOptionsTest);

}  // namespace vital::test
