// SPDX-License-Identifier: MIT
#include <cppunit/extensions/HelperMacros.h>

#include "support/plugin_under_test.h"

namespace vital::test {

/// What is said on the socket is looked at in t/control/ and t/system/unixsock_compat.t.
class UnixsockTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(UnixsockTest);
  CPPUNIT_TEST(asks_for_the_socket_that_clients_look_for);
  CPPUNIT_TEST(asks_for_a_socket_as_told);
  CPPUNIT_TEST(reads_unquoted_permissions_as_octal);
  CPPUNIT_TEST_SUITE_END();

 public:
  void asks_for_the_socket_that_clients_look_for() {
    PluginUnderTest plugin{"unixsock", "/"};
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, plugin.sockets().size());
    const ControlSocketSpec& socket = plugin.sockets().front();
    CPPUNIT_ASSERT_EQUAL(std::string{"/var/run/collectd-unixsock"}, socket.path);
    CPPUNIT_ASSERT_EQUAL(std::string{"collectd"}, socket.group);
    CPPUNIT_ASSERT_EQUAL(0770u, socket.permissions);
    CPPUNIT_ASSERT(!socket.replace);
    CPPUNIT_ASSERT_EQUAL(10.0, seconds(socket.interval));
  }

  void asks_for_a_socket_as_told() {
    PluginUnderTest plugin{"unixsock", "/",
                           "SocketFile \"/run/s\"\nSocketGroup adm\nSocketPerms \"0666\"\n"
                           "DeleteSocket yes"};
    const ControlSocketSpec& socket = plugin.sockets().front();
    CPPUNIT_ASSERT_EQUAL(std::string{"/run/s"}, socket.path);
    CPPUNIT_ASSERT_EQUAL(std::string{"adm"}, socket.group);
    CPPUNIT_ASSERT_EQUAL(0666u, socket.permissions);
    CPPUNIT_ASSERT(socket.replace);
  }

  void reads_unquoted_permissions_as_octal() {
    PluginUnderTest plugin{"unixsock", "/", "SocketPerms 0660"};
    CPPUNIT_ASSERT_EQUAL(0660u, plugin.sockets().front().permissions);
    CPPUNIT_ASSERT_THROW((PluginUnderTest{"unixsock", "/", "SocketPerms \"0890\""}), ConfigError);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(UnixsockTest);

}  // namespace vital::test
