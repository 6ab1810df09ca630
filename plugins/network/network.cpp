// SPDX-License-Identifier: MIT
#include <linux/capability.h>

#include "network/sender.h"
#include "network/statistics.h"

namespace vital::network {

/// Exchanges values and notifications with other daemons, vitald's or collectd's.
class NetworkPlugin final : public Service {
 public:
  explicit NetworkPlugin(Setup& setup)
      : log_{setup.log()},
        settings_{setup.options()},
        sent_{settings_.servers.empty() || settings_.listens.empty()
                  ? nullptr
                  : std::make_unique<SentTimes>()},
        targets_{settings_, log_},
        sender_{settings_, targets_, setup.clock(), ledger_, sent_.get()},
        receiver_{setup.host(), log_, settings_, setup.interval(), sent_.get()} {
    if (!settings_.servers.empty()) {
      setup.add(static_cast<Writer&>(sender_), {.ledger = ledger_});
      setup.add(static_cast<Notifier&>(sender_), {.immediate = true});
    }
    if (settings_.report_stats) {
      statistics_ =
          std::make_unique<Statistics>(setup, targets_.counts(), receiver_, settings_.packet_size);
      setup.add(*statistics_);
    }
    setup.add(static_cast<Service&>(*this));
  }

  Status rehearse() override { return receiver_.rehearse(); }
  Status start() override {
    if (auto status = targets_.start(); !status) return status;
    return receiver_.start();
  }
  void stop() noexcept override {
    receiver_.stop();
    targets_.stop();
  }
  std::vector<Figure> figures() const override {
    return figures_of(receiver_, targets_.counts(), settings_);
  }

 private:
  const Log log_;
  const Settings settings_;
  const std::shared_ptr<Ledger> ledger_ = std::make_shared<Ledger>();
  const std::unique_ptr<SentTimes> sent_;
  Targets targets_;
  Sender sender_;
  Receiver receiver_;
  std::unique_ptr<Statistics> statistics_;
};

}  // namespace vital::network

extern "C" void vital_register(vital::Registry& registry) {
  vital::PluginDeclaration& plugin =
      registry
          .plugin<vital::network::NetworkPlugin>(
              "network",
              "Sends values and notifications to other hosts and receives theirs, in collectd's "
              "binary protocol.")
          .reports("network/if_octets", "octets received and sent (rx, tx)")
          .reports("network/if_packets", "packets received and sent")
          .reports("network/if_dropped",
                   "packets that came faster than they could be read, and packets that could not "
                   "be sent")
          .reports("network/total_values-dispatch-{accepted,rejected}",
                   "values received and passed on; values of our own that came back")
          .reports("network/total_values-send-{accepted,rejected}",
                   "values sent; values not sent because they were received")
          .reports("network/queue_length", "about how many packets wait to be read")
          .reports("network/packets-dropped-REASON", "packets dropped, whole or from some place on")
          .reports("network/total_values-dropped-REASON", "values and notifications dropped")
          .reports("network-PEER/...-dropped-REASON", "the same by the peer that sent them")
          .note(
              "Packets are lost: denied (by Allow and Deny), flood (nothing of use for a second), "
              "malformed, cut (larger than MaxPacketSize), unknown_user, bad_signature. Values are "
              "lost: unprotected (below the SecurityLevel), incomplete, bad_time, bad_name, "
              "unknown_type and wrong_values (the types databases of both sides differ), replayed, "
              "looped, series_limit, notifications (too many in a second).")
          .note(
              "Values that a peer sends carry the meta data network:received, network:ip_address "
              "and, when they are signed or encrypted, network:username. A total whose kind "
              "differs from the one in types.db keeps its bits; a total for a gauge becomes the "
              "same number; a gauge for a total is refused.");
  vital::network::declare_options(plugin);
  plugin.needs_capability(CAP_NET_BIND_SERVICE, vital::network::listens_low)
      .needs_capability(CAP_NET_RAW, vital::network::binds_to_interface)
      // For a receive buffer larger than the system's limit.
      .needs_capability(CAP_NET_ADMIN, [](const vital::Options& options) {
        return !options.blocks("Listen").empty();
      });
}
