// SPDX-License-Identifier: MIT
#include <memory>
#include <vector>

#include "plugin/plugin.h"
#include "write_http/node.h"

namespace vital::write_http {
namespace {

constexpr double kLeastBuffer = 1024;
constexpr double kLargestBuffer = 2147483647;

/// libcurl is made ready before there are threads, and stays so for as long as the process lives:
/// other plugins may use it as well.
void make_libcurl_ready() {
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) throw SetupError{"libcurl does not start"};
}

std::string check_node(const Options& node) {
  const bool kairosdb = node.text("Format") == "KAIROSDB";
  for (const char* const option : {"Attribute", "TTL", "Prefix"})
    if (!kairosdb && node.given(option))
      return std::string{option} + " is for Format KAIROSDB alone";
  return {};
}

std::string check_url_is_there(const Options& node) {
  if (!node.given("URL")) return "needs a URL";
  return check_node(node);
}

}  // namespace

/// All servers, each with its own queue and thread.
class HttpPlugin {
 public:
  explicit HttpPlugin(Setup& setup) {
    make_libcurl_ready();
    for (const char* const block : {"Node", "URL"})
      for (const Options& options : setup.options().blocks(block)) add(setup, options);
  }

 private:
  struct Entry {
    std::unique_ptr<CurlStatistics> statistics;
    std::unique_ptr<StatisticsReader> reader;
    std::unique_ptr<Node> node;
    std::unique_ptr<Alerts> alerts;
  };

  void add(Setup& setup, const Options& options) {
    const std::string instance = options.argument().empty() ? "node" : options.argument();
    const Log log{setup.host().log_hub(), setup.plugin() + "/" + instance};
    Entry& entry = entries_.emplace_back();
    entry.statistics = std::make_unique<CurlStatistics>(options.blocks("Statistics"));
    if (entry.statistics->wanted()) {
      entry.reader = std::make_unique<StatisticsReader>(*entry.statistics, setup.namer(), instance);
      setup.add(*entry.reader, {.name = instance});
    }
    if (options.flag("Metrics")) {
      entry.node = std::make_unique<Node>(options, setup.clock(), log, *entry.statistics);
      setup.add(*entry.node, {.name = instance, .options = &options, .leaves_host = true});
    }
    if (options.flag("Notifications")) {
      entry.alerts = std::make_unique<Alerts>(options, setup.clock(), log, *entry.statistics);
      setup.add(*entry.alerts, {.name = options.flag("Metrics") ? instance + "/alerts" : instance,
                                .options = &options,
                                .leaves_host = true});
    }
  }

  std::vector<Entry> entries_;
};

void declare_node(Declaration& node) {
  declare_targets(node);
  node.option("Format", Choice{"Command", "JSON", "KAIROSDB"},
              "Command sends PUTVAL lines; JSON an array of objects; KAIROSDB data points for that "
              "database.")
      .option("Attribute", Texts{}, "A further tag of each data point. For KAIROSDB.")
      .arguments(2)
      .called("KEY VALUE")
      .option("TTL", 0,
              "After how long the database may forget a data point. 0: never. For KAIROSDB.")
      .at_least(0)
      .unit("seconds")
      .option("Prefix", "collectd", "Stands before each name, with a dot. For KAIROSDB.")
      .option("Metrics", true, "Send values.")
      .option("Notifications", false,
              "Send notifications, as alerts in JSON as Prometheus' Alertmanager takes them.")
      .option("StoreRates", false, "Send change per second instead of totals.")
      .option("BufferSize", 65536,
              "How large a request may become. The values of a tick are sent when it is over, "
              "however few they are.")
      .range(kLeastBuffer, kLargestBuffer)
      .unit("bytes");
  declare_statistics(node);
  declare_queue(node);
}

}  // namespace vital::write_http

extern "C" void vital_register(vital::Registry& registry) {
  using namespace vital::write_http;
  registry.plugin<HttpPlugin>("write_http", "Sends values and notifications to web servers.")
      .reports("write_http-NAME/{duration,bytes,bitrate,count}-...",
               "what the last request cost, as the Statistics block says")
      .note(
          "Values are delivered when the server answers with a 2xx. A server that cannot take them "
          "now (no answer, 408, 425, 429, 5xx; 401, 403, 404 and 407 as well, for these are not "
          "the values' fault) is tried again, not before the time that it asks for in "
          "Retry-After. What it refuses (other 4xx) is tried in parts until the values are found "
          "that it will not have; these are counted as refused, and the others are delivered.")
      .block("Node", "NAME", "A server. FLUSH and chains call it write_http/NAME.",
             [](vital::Declaration& node) {
               declare_node(node);
               node.check_all(check_url_is_there);
             })
      .arguments(0, 1)
      .block("URL", "URL", "The same in the form of old: the opening tag bears the address.",
             [](vital::Declaration& node) {
               declare_node(node);
               node.check_all(check_node);
             });
}
