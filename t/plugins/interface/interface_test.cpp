// SPDX-License-Identifier: MIT
#include <cppunit/extensions/HelperMacros.h>

#include "support/plugin_under_test.h"

namespace vital::test {
namespace {

std::string line(const std::string& name, int octets, int packets) {
  return name + ": " + std::to_string(octets) + " " + std::to_string(packets) +
         " 1 2 0 0 0 0 30 0 5 6 0 0 0 0\n";
}

}  // namespace

class InterfaceTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(InterfaceTest);
  CPPUNIT_TEST(reports_every_interface);
  CPPUNIT_TEST(reports_only_the_selected);
  CPPUNIT_TEST(leaves_out_the_selected);
  CPPUNIT_TEST(leaves_out_interfaces_without_packets);
  CPPUNIT_TEST(follows_interfaces_that_come_and_go);
  CPPUNIT_TEST(reads_the_network_of_process_1_below_another_root);
  CPPUNIT_TEST(reports_the_others_beside_a_malformed_line);
  CPPUNIT_TEST(warns_of_unique_name);
  CPPUNIT_TEST(allocates_nothing_once_it_runs);
  CPPUNIT_TEST_SUITE_END();

 public:
  void reports_every_interface() {
    PluginUnderTest interface {
      "interface", Fixture { "linux-6.1-qemu" }
    };
    CPPUNIT_ASSERT(interface.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"interface-lo/if_octets 17774 17774\n"
                                     "interface-lo/if_packets 56 56\n"
                                     "interface-lo/if_errors 0 0\n"
                                     "interface-lo/if_dropped 0 0\n"
                                     "interface-eth0/if_octets 664 1260\n"
                                     "interface-eth0/if_packets 7 16\n"
                                     "interface-eth0/if_errors 0 0\n"
                                     "interface-eth0/if_dropped 0 0\n"
                                     "interface-dummy0/if_octets 0 378\n"
                                     "interface-dummy0/if_packets 0 5\n"
                                     "interface-dummy0/if_errors 0 0\n"
                                     "interface-dummy0/if_dropped 0 0\n"
                                     "interface-veth0/if_octets 726 726\n"
                                     "interface-veth0/if_packets 9 9\n"
                                     "interface-veth0/if_errors 0 0\n"
                                     "interface-veth0/if_dropped 0 0\n"
                                     "interface-veth1/if_octets 726 726\n"
                                     "interface-veth1/if_packets 9 9\n"
                                     "interface-veth1/if_errors 0 0\n"
                                     "interface-veth1/if_dropped 0 0\n"},
                         interface.recorded());
  }

  void reports_only_the_selected() {
    PluginUnderTest interface { "interface", Fixture{"linux-6.1-qemu"}, "Interface \"eth0\"" };
    CPPUNIT_ASSERT(interface.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"interface-eth0/if_octets 664 1260\n"
                                     "interface-eth0/if_packets 7 16\n"
                                     "interface-eth0/if_errors 0 0\n"
                                     "interface-eth0/if_dropped 0 0\n"},
                         interface.recorded());
  }

  void leaves_out_the_selected() {
    PluginUnderTest interface {
      "interface", Fixture{"linux-6.1-qemu"},
          "Interface \"lo\"\nInterface \"/^(veth|dummy)[0-9]/\"\nIgnoreSelected true"
    };
    CPPUNIT_ASSERT(interface.read());
    CPPUNIT_ASSERT(interface.recorded().starts_with("interface-eth0/if_octets 664 1260\n"));
    CPPUNIT_ASSERT(interface.read());
    CPPUNIT_ASSERT_EQUAL(std::string::npos, interface.recorded().find("veth"));
  }

  void leaves_out_interfaces_without_packets() {
    const TemporaryDirectory root;
    root.write("proc/net/dev", line("eth0", 0, 0) + line("eth1", 100, 1));
    PluginUnderTest interface { "interface", root.path(), "ReportInactive false" };
    CPPUNIT_ASSERT(interface.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"interface-eth1/if_octets 100 30\n"
                                     "interface-eth1/if_packets 1 0\n"
                                     "interface-eth1/if_errors 1 5\n"
                                     "interface-eth1/if_dropped 2 6\n"},
                         interface.recorded());
    root.write("proc/net/dev", line("eth0", 80, 1));
    CPPUNIT_ASSERT(interface.read());
    CPPUNIT_ASSERT(interface.recorded().starts_with("interface-eth0/if_octets 80 30\n"));
  }

  void follows_interfaces_that_come_and_go() {
    const TemporaryDirectory root;
    PluginUnderTest interface { "interface", root.path() };
    CPPUNIT_ASSERT(!interface.read());
    root.write("proc/net/dev", line("tun0", 100, 1));
    CPPUNIT_ASSERT(interface.read());
    root.write("proc/net/dev", line("eth0", 7, 1));
    CPPUNIT_ASSERT(interface.read());
    interface.recorded();
    root.write("proc/net/dev", line("tun0", 5, 1) + line("eth0", 8, 1));
    CPPUNIT_ASSERT(interface.read());
    const std::string recorded = interface.recorded();
    CPPUNIT_ASSERT(recorded.starts_with("interface-tun0/if_octets 5 30\n"));
    CPPUNIT_ASSERT(recorded.find("interface-eth0/if_octets 8 30\n") != std::string::npos);
  }

  void reads_the_network_of_process_1_below_another_root() {
    const TemporaryDirectory root;
    root.write("proc/net/dev", line("eth0", 1, 1));
    root.write("proc/1/net/dev", line("eth0", 200, 2));
    PluginUnderTest interface { "interface", root.path() };
    CPPUNIT_ASSERT(interface.read());
    CPPUNIT_ASSERT(interface.recorded().starts_with("interface-eth0/if_octets 200 30\n"));
  }

  void reports_the_others_beside_a_malformed_line() {
    const TemporaryDirectory root;
    root.write("proc/net/dev", line("eth0", 7, 1) + "eth1: 1 2 x\n" + line("eth2", 8, 1));
    PluginUnderTest interface { "interface", root.path() };
    const auto status = interface.read();
    CPPUNIT_ASSERT(!status);
    CPPUNIT_ASSERT_EQUAL(std::string_view{"eth1: 1 2 x"}, status.error().culprit());
    const std::string recorded = interface.recorded();
    CPPUNIT_ASSERT(recorded.starts_with("interface-eth0/if_octets 7 30\n"));
    CPPUNIT_ASSERT(recorded.find("interface-eth2/if_octets 8 30\n") != std::string::npos);
  }

  void warns_of_unique_name() {
    CPPUNIT_ASSERT_THROW(PluginUnderTest("interface", Fixture{"linux-6.1-qemu"}, "UniqueName true"),
                         ConfigError);
  }

  void allocates_nothing_once_it_runs() {
    PluginUnderTest interface { "interface", Fixture{"linux-6.1-qemu"}, "Interface \"/eth/\"" };
    CPPUNIT_ASSERT(interface.read());
    CPPUNIT_ASSERT(interface.read());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, interface.allocations());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(InterfaceTest);

}  // namespace vital::test
