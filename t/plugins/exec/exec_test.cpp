// SPDX-License-Identifier: MIT
#include <cppunit/extensions/HelperMacros.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "support/caught.h"
#include "support/plugin_under_test.h"

namespace vital::test {
namespace {

/// The plugin with one program: as the user who runs the test, or nobody when that is root.
class Executed {
 public:
  explicit Executed(const std::string& text) {
    std::filesystem::permissions(directory_.path(), std::filesystem::perms::all);
    directory_.write("program", "#!/bin/sh\n" + text + "\n");
    std::filesystem::permissions(directory_.path() + "/program", std::filesystem::perms::all);
    plugin_ = std::make_unique<PluginUnderTest>(
        "exec", "/",
        "Exec \"" + user() + "\" \"" + directory_.path() + "/program\" \"two words\" 42 true\n");
    CPPUNIT_ASSERT(plugin_->start());
    CPPUNIT_ASSERT(plugin_->read());
  }

  static std::string user() {
    const passwd* const entry = ::getpwuid(::geteuid());
    return ::geteuid() == 0 || entry == nullptr ? "nobody" : entry->pw_name;
  }
  PluginUnderTest* operator->() noexcept { return plugin_.get(); }
  /// Waits until the log has such a line.
  bool logs(std::string_view text) {
    for (int i = 0; i < 1000; ++i) {
      log_ += plugin_->logged();
      if (log_.find(text) != std::string::npos) return true;
      ::usleep(10'000);
    }
    return false;
  }

 private:
  TemporaryDirectory directory_;
  std::unique_ptr<PluginUnderTest> plugin_;
  std::string log_;
};

}  // namespace

class ExecTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ExecTest);
  CPPUNIT_TEST(takes_values_from_programs);
  CPPUNIT_TEST(gives_them_their_arguments_and_environment);
  CPPUNIT_TEST(takes_half_a_line_from_a_program_that_ended_by_itself_alone);
  CPPUNIT_TEST(raises_notifications);
  CPPUNIT_TEST(says_what_is_wrong_once);
  CPPUNIT_TEST(starts_it_again_and_rests_it_when_it_fails);
  CPPUNIT_TEST(refuses_options_that_name_no_program);
  CPPUNIT_TEST_SUITE_END();

 public:
  void takes_values_from_programs() {
    Executed exec{"echo PUTVAL h/p/gauge-a N:1\necho PUTVAL h/p/if_octets interval=5 7:1:2"};
    CPPUNIT_ASSERT(exec->await_recorded(2));
    CPPUNIT_ASSERT_EQUAL(std::string{"h/p/gauge-a 1\nh/p/if_octets 1 2\n"}, exec->recorded());
  }

  void gives_them_their_arguments_and_environment() {
    Executed exec{
        "[ \"$1 $2 $3\" = 'two words 42 true' ] && [ \"$COLLECTD_INTERVAL\" = 10.000 ] &&\n"
        "[ \"$COLLECTD_HOSTNAME\" = host ] && [ -z \"$(cat)\" ] &&\n"
        "echo \"PUTVAL h/p/gauge N:$(ls /proc/self/fd | wc -l)\""};
    CPPUNIT_ASSERT(exec->await_recorded(1));
    CPPUNIT_ASSERT_EQUAL(std::string{"h/p/gauge 4\n"}, exec->recorded());  // ls has one of its own
  }

  void takes_half_a_line_from_a_program_that_ended_by_itself_alone() {
    Executed whole{"printf 'PUTVAL h/p/gauge N:1'"};
    CPPUNIT_ASSERT(whole->await_recorded(1));
    Executed cut{"echo PUTVAL h/p/gauge-a N:1; printf 'PUTVAL h/p/gauge-b N:1'; kill -9 $$"};
    CPPUNIT_ASSERT(cut.logs("exec/program: the program fails: refused: was ended by signal 9"));
    CPPUNIT_ASSERT_EQUAL(std::string{"h/p/gauge-a 1\n"}, cut->recorded());
  }

  void raises_notifications() {
    Executed exec{
        "echo 'PUTNOTIF severity=warning time=1 host=h message=\"Too much\"'\n"
        "echo PUTVAL h/p/gauge N:1"};
    CPPUNIT_ASSERT(exec->await_recorded(1));
    CPPUNIT_ASSERT_EQUAL(
        std::string{"Notification: severity = WARNING, host = h, message = Too much\n"},
        exec->notifications());
  }

  void says_what_is_wrong_once() {
    Executed exec{"echo nonsense; echo more nonsense; echo '# comment'; echo PUTVAL h/p/gauge N:1"};
    CPPUNIT_ASSERT(exec->await_recorded(1));
    CPPUNIT_ASSERT_EQUAL(
        std::string{"notice: exec/program: a line is not understood: it is neither "
                    "PUTVAL nor PUTNOTIF: nonsense\n"},
        exec->logged());
  }

  void starts_it_again_and_rests_it_when_it_fails() {
    Executed exec{"exit 3"};
    CPPUNIT_ASSERT(
        exec.logs("error: exec/program: the program fails: refused: ended with status 3"));
    exec->stop();
    CPPUNIT_ASSERT_EQUAL(std::string{}, exec->logged());
  }

  void refuses_options_that_name_no_program() {
    CPPUNIT_ASSERT_THROW((PluginUnderTest{"exec", "/", "Exec \"nobody\"\n"}), ConfigError);
    CPPUNIT_ASSERT_THROW((PluginUnderTest{"exec", "/", "Exec 5 \"/bin/true\"\n"}), ConfigError);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ExecTest);

}  // namespace vital::test
