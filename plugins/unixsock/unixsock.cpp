// SPDX-License-Identifier: MIT
#include <linux/capability.h>

#include "plugin/plugin.h"

namespace vital::unixsock {

/// Opens a socket for clients of collectd. The daemon serves it; nothing is left to do here.
class UnixSocket {
 public:
  explicit UnixSocket(Setup& setup) {
    const Options& options = setup.options();
    setup.add(ControlSocketSpec{.path = options.text("SocketFile"),
                                .group = options.text("SocketGroup"),
                                .permissions = options.octal("SocketPerms"),
                                .replace = options.flag("DeleteSocket"),
                                .interval = setup.interval()});
  }
};

}  // namespace vital::unixsock

extern "C" void vital_register(vital::Registry& registry) {
  registry
      .plugin<vital::unixsock::UnixSocket>(
          "unixsock", "Opens a socket where clients of collectd find the daemon.")
      .needs_capability(CAP_CHOWN)  // the socket gets a group that the daemon is no member of
      .note(
          "The commands are those of the daemon's own control socket. Values that name no interval "
          "get the one of this plugin. A socket that was left behind and that nobody listens on is "
          "replaced in any case.")
      .option("SocketFile", "/var/run/collectd-unixsock",
              "Where the socket is made; at most 107 bytes. Clients of collectd look for the "
              "default.")
      .called("PATH")
      .option("SocketGroup", "collectd",
              "The group that the socket is given to. When there is no such group, that is logged "
              "and the socket keeps the daemon's.")
      .called("GROUP")
      .option("SocketPerms", vital::Octal{0770}, "The permission bits of the socket.")
      .option("DeleteSocket", false, "Take away whatever file has the socket's name.");
}
