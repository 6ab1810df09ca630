// SPDX-License-Identifier: MIT
#include <cppunit/extensions/HelperMacros.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>

#include "support/plugin_under_test.h"

namespace vital::test {
namespace {

/// A script of contrib/lua with its configuration, beside a directory that its programs are taken
/// from first.
class Contributed {
 public:
  Contributed(const std::string& script, const std::string& options)
      : path_{std::getenv("PATH")},
        plugin_{"lua", "/",
                "BasePath \"" FIXTURES "/../../contrib/lua\"\nScript \"" + script +
                    "\"\n<Module \"" + script + "\">\n" + options + "</Module>\n"} {
    ::setenv("PATH", (directory_.path() + ":" + path_).c_str(), 1);
  }
  Contributed(const Contributed&) = delete;
  Contributed& operator=(const Contributed&) = delete;
  ~Contributed() { ::setenv("PATH", path_.c_str(), 1); }

  PluginUnderTest* operator->() noexcept { return &plugin_; }
  const TemporaryDirectory& directory() const noexcept { return directory_; }
  /// A program of that name that does what the shell does with `body`.
  void program(const std::string& name, const std::string& body) const {
    directory_.write(name, "#!/bin/sh\n" + body + "\n");
    std::filesystem::permissions(directory_.path() + "/" + name, std::filesystem::perms::owner_all);
  }

 private:
  const TemporaryDirectory directory_;
  const std::string path_;
  PluginUnderTest plugin_;
};

Notification alert(Level level, const std::string& message) {
  Notification notification;
  notification.level = level;
  notification.time = time_of(1700000000.0);
  notification.message = message;
  notification.host = "h";
  notification.plugin = "p";
  notification.type = "t";
  return notification;
}

}  // namespace

class ContribLuaTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ContribLuaTest);
  CPPUNIT_TEST(certificate_counts_days);
  CPPUNIT_TEST(chat_sends_alerts_and_their_end);
  CPPUNIT_TEST(file_age_reports_and_notifies);
  CPPUNIT_TEST(http_reports_code_and_time);
  CPPUNIT_TEST(log_lines_follows_a_log);
  CPPUNIT_TEST(pressure_reads_what_the_kernel_counts);
  CPPUNIT_TEST(queue_takes_a_number_from_a_command);
  CPPUNIT_TEST(ratio_derives_a_value_from_two);
  CPPUNIT_TEST(spike_notifies_of_what_is_far_from_its_average);
  CPPUNIT_TEST(units_counts_and_names_those_that_failed);
  CPPUNIT_TEST_SUITE_END();

 public:
  void certificate_counts_days() {
    Contributed script{"certificate.lua",
                       "Certificate \"shop\" \"/shop.pem\"\nCertificate \"mail\" \"mail:993\"\n"};
    const std::time_t expiry = std::time(nullptr) + 10 * 86400;
    char text[64];
    std::tm utc{};
    std::strftime(text, sizeof text, "%b %e %H:%M:%S %Y GMT", ::gmtime_r(&expiry, &utc));
    script.program("openssl", "case \"$*\" in *s_client*) cat;; *) echo 'notAfter=" +
                                  std::string{text} + "';; esac");
    CPPUNIT_ASSERT(script->read());
    const std::string recorded = script->recorded();
    for (const char* name : {"shop", "mail"}) {
      const std::string line = "certificate-" + std::string{name} + "/gauge-days ";
      const auto at = recorded.find(line);
      CPPUNIT_ASSERT_MESSAGE(recorded, at != std::string::npos);
      CPPUNIT_ASSERT_DOUBLES_EQUAL(10.0, std::stod(recorded.substr(at + line.size())), 0.01);
    }
    script.program("openssl", "exit 1");
    CPPUNIT_ASSERT(script->read());
    CPPUNIT_ASSERT_EQUAL(recorded.size() / 10, script->recorded().size() / 10);
  }

  void chat_sends_alerts_and_their_end() {
    Contributed script{"chat.lua", "Command \"tee -a \\\"$CHAT\\\" >/dev/null\"\n"};
    const std::string sent = script.directory().path() + "/sent";
    ::setenv("CHAT", sent.c_str(), 1);
    CPPUNIT_ASSERT(script->notifier().notify(alert(Level::okay, "never mind")));
    CPPUNIT_ASSERT(script->notifier().notify(alert(Level::failure, "too \"hot\"\n")));
    CPPUNIT_ASSERT(script->notifier().notify(alert(Level::okay, "fine")));
    CPPUNIT_ASSERT_EQUAL(std::string{"{\"text\": \"FAILURE on h: too \\\"hot\\\"\\n\"}\n"
                                     "{\"text\": \"OKAY on h: fine\"}\n"},
                         script.directory().read("sent"));
    ::unsetenv("CHAT");
  }

  void file_age_reports_and_notifies() {
    const TemporaryDirectory directory;
    Contributed script{"file_age.lua",
                       "Files \"backup\" \"" + directory.path() + "/*.gz\" 100000\n"};
    CPPUNIT_ASSERT(script->read());
    CPPUNIT_ASSERT_EQUAL(std::string{}, script->recorded());
    CPPUNIT_ASSERT_EQUAL(
        "Notification: severity = FAILURE, host = host, plugin = file_age, "
        "plugin_instance = backup, type = duration, message = There is no file " +
            directory.path() + "/*.gz.\n",
        script->notifications());
    directory.write("a.gz", "");
    CPPUNIT_ASSERT(script->read());
    CPPUNIT_ASSERT(script->recorded().starts_with("file_age-backup/duration "));
    CPPUNIT_ASSERT(script->notifications().find("severity = OKAY") != std::string::npos);
    std::filesystem::last_write_time(
        directory.path() + "/a.gz",
        std::filesystem::file_time_type::clock::now() - std::chrono::hours{50});
    for (int i = 0; i < 2; ++i) CPPUNIT_ASSERT(script->read());
    const std::string said = script->notifications();
    CPPUNIT_ASSERT_MESSAGE(said, said.find("a.gz") == std::string::npos &&
                                     said.find(" is 18000") != std::string::npos);
    CPPUNIT_ASSERT_EQUAL(said.find("FAILURE"), said.rfind("FAILURE"));
  }

  void http_reports_code_and_time() {
    Contributed script{"http.lua",
                       "Page \"shop\" \"http://shop/\"\nPage \"dead\" \"http://dead/\"\n"};
    script.program(
        "curl", "case \"$*\" in *dead*) printf '000 5.0'; exit 28;; *) printf '200 0.25';; esac");
    CPPUNIT_ASSERT(script->read());
    CPPUNIT_ASSERT_EQUAL(std::string{"http-shop/response_code 200\nhttp-shop/response_time 0.25\n"
                                     "http-dead/response_code 0\n"},
                         script->recorded());
  }

  void log_lines_follows_a_log() {
    const TemporaryDirectory directory;
    const std::string log = directory.path() + "/log";
    directory.write("log", "error: before\n");
    Contributed script{"log_lines.lua",
                       "Log \"app\" \"" + log + "\"\nCount \"app\" \"errors\" \"^error\"\n"};
    const auto after = [&](const std::string& text) {
      directory.write("log", text);
      CPPUNIT_ASSERT(script->read());
      return script->recorded();
    };
    CPPUNIT_ASSERT(script->read());
    CPPUNIT_ASSERT_EQUAL(std::string{"log-app/derive-errors 0\n"}, script->recorded());
    const std::string first = "error: before\nerror: 1\nfine\n";
    CPPUNIT_ASSERT_EQUAL(std::string{"log-app/derive-errors 1\n"}, after(first + "error: ha"));
    CPPUNIT_ASSERT_EQUAL(std::string{"log-app/derive-errors 2\n"}, after(first + "error: half\n"));
    std::filesystem::rename(log, log + ".1");
    CPPUNIT_ASSERT_EQUAL(std::string{"log-app/derive-errors 4\n"}, after("error: 3\nerror: 4\n"));
    CPPUNIT_ASSERT_EQUAL(std::string{"log-app/derive-errors 5\n"}, after("error: cut\n"));
  }

  void pressure_reads_what_the_kernel_counts() {
    const TemporaryDirectory directory;
    Contributed script{"pressure.lua", "Directory \"" + directory.path() + "\"\n"};
    CPPUNIT_ASSERT(!script->read());
    directory.write("cpu", "some avg10=1.50 avg60=0.10 avg300=0.01 total=123456\n");
    directory.write("io",
                    "some avg10=0.00 avg60=0.10 avg300=0.01 total=2000\n"
                    "full avg10=0.25 avg60=0.10 avg300=0.01 total=1999\n");
    CPPUNIT_ASSERT(script->read());
    CPPUNIT_ASSERT_EQUAL(
        std::string{"pressure-cpu/percent-some 1.5\npressure-cpu/total_time_in_ms-some 123\n"
                    "pressure-io/percent-some 0\npressure-io/total_time_in_ms-some 2\n"
                    "pressure-io/percent-full 0.25\npressure-io/total_time_in_ms-full 1\n"},
        script->recorded());
  }

  void queue_takes_a_number_from_a_command() {
    Contributed script{"queue.lua",
                       "Queue \"mail\" \"printf '1\\\\n2\\\\n3\\\\n' | wc -l\"\n"
                       "Queue \"broken\" \"echo 'it''s off'\"\n"};
    const Status status = script->read();
    CPPUNIT_ASSERT(!status);
    CPPUNIT_ASSERT_EQUAL(std::string{"refused: no number came from echo 'it''s off'"},
                         std::string{status.error().message().view()});
    CPPUNIT_ASSERT_EQUAL(std::string{"queue-mail/queue_length 3\n"}, script->recorded());
  }

  void ratio_derives_a_value_from_two() {
    Contributed script{"ratio.lua",
                       "Ratio \"full\" \"df-root/df_complex-used\" \"df-root/df_complex-free\"\n"
                       "Ratio \"hits\" \"cache/derive-hit\" \"cache/derive-miss\"\n"};
    CPPUNIT_ASSERT(script->read());
    CPPUNIT_ASSERT_EQUAL(std::string{}, script->recorded());
    CPPUNIT_ASSERT(
        script->write("host/df-root/df_complex-used 10:30\n"
                      "host/df-root/df_complex-free 10:70\n"
                      "other/df-root/df_complex-used 10:1\n"
                      "host/cache/derive-hit 10:100\nhost/cache/derive-miss 10:100"));
    CPPUNIT_ASSERT(script->write("host/cache/derive-hit 20:109\nhost/cache/derive-miss 20:101"));
    for (int i = 0; i < 2; ++i) CPPUNIT_ASSERT(script->read());
    CPPUNIT_ASSERT_EQUAL(std::string{"ratio/percent-full 30\nratio/percent-hits 90\n"},
                         script->recorded());
  }

  void spike_notifies_of_what_is_far_from_its_average() {
    Contributed script{"spike.lua", "Watch \"p/gauge\"\nSamples 10\n"};
    const auto write = [&](int value) {
      CPPUNIT_ASSERT(script->write("h/p/gauge 1:" + std::to_string(value)));
    };
    for (int i = 0; i < 20; ++i) write(100 + i % 2);
    CPPUNIT_ASSERT_EQUAL(std::string{}, script->notifications());
    write(200);
    CPPUNIT_ASSERT_EQUAL(
        std::string{"Notification: severity = WARNING, host = h, plugin = p, type = "
                    "gauge, message = The value 200 is far from its average 100.517."},
        script->notifications().substr(0, 126));
    write(100);
    CPPUNIT_ASSERT(script->notifications().find("severity = OKAY") != std::string::npos);
  }

  void units_counts_and_names_those_that_failed() {
    Contributed script{"units.lua", ""};
    script.program("systemctl", "echo 'a.service loaded failed failed The A'");
    for (int i = 0; i < 2; ++i) CPPUNIT_ASSERT(script->read());
    script.program("systemctl", "true");
    CPPUNIT_ASSERT(script->read());
    CPPUNIT_ASSERT_EQUAL(std::string{"systemd/count-failed 1\nsystemd/count-failed 1\n"
                                     "systemd/count-failed 0\n"},
                         script->recorded());
    const std::string head =
        ", host = host, plugin = systemd, type = count, type_instance = "
        "a.service, message = The unit a.service ";
    CPPUNIT_ASSERT_EQUAL("Notification: severity = FAILURE" + head +
                             "has failed.\nNotification: severity = OKAY" + head + "works again.\n",
                         script->notifications());
    script.program("systemctl", "exit 3");
    CPPUNIT_ASSERT(!script->read());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ContribLuaTest);

}  // namespace vital::test
