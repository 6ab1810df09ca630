// SPDX-License-Identifier: MIT
#include "config/configuration.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/strings.h"
#include "config/queue_options.h"

namespace vital {
namespace {

// The plugins of collectd 5.12, so that one that is missing here is not taken for a typing error.
constexpr auto kCollectdPlugins = std::to_array<std::string_view>({
    "aggregation",
    "amqp",
    "amqp1",
    "apache",
    "apcups",
    "apple_sensors",
    "aquaero",
    "ascent",
    "barometer",
    "battery",
    "bind",
    "buddyinfo",
    "capabilities",
    "ceph",
    "cgroups",
    "check_uptime",
    "chrony",
    "connectivity",
    "conntrack",
    "contextswitch",
    "cpu",
    "cpufreq",
    "cpusleep",
    "csv",
    "curl",
    "curl_jolokia",
    "curl_json",
    "curl_xml",
    "dbi",
    "dcpmm",
    "df",
    "disk",
    "dns",
    "dpdk_telemetry",
    "dpdkevents",
    "dpdkstat",
    "drbd",
    "email",
    "entropy",
    "ethstat",
    "exec",
    "fhcount",
    "filecount",
    "fscache",
    "gmond",
    "gps",
    "gpu_nvidia",
    "grpc",
    "hddtemp",
    "hugepages",
    "infiniband",
    "intel_pmu",
    "intel_rdt",
    "interface",
    "ipc",
    "ipmi",
    "ipstats",
    "iptables",
    "ipvs",
    "irq",
    "java",
    "load",
    "log_logstash",
    "logfile",
    "logparser",
    "lpar",
    "lua",
    "madwifi",
    "match_empty_counter",
    "match_hashed",
    "match_regex",
    "match_timediff",
    "match_value",
    "mbmon",
    "mcelog",
    "md",
    "mdevents",
    "memcachec",
    "memcached",
    "memory",
    "mic",
    "modbus",
    "mqtt",
    "multimeter",
    "mysql",
    "netapp",
    "netlink",
    "netstat_udp",
    "network",
    "nfs",
    "nginx",
    "notify_desktop",
    "notify_email",
    "notify_nagios",
    "ntpd",
    "numa",
    "nut",
    "olsrd",
    "onewire",
    "openldap",
    "openvpn",
    "oracle",
    "ovs_events",
    "ovs_stats",
    "pcie_errors",
    "perl",
    "pf",
    "pinba",
    "ping",
    "postgresql",
    "powerdns",
    "processes",
    "procevent",
    "protocols",
    "python",
    "redfish",
    "redis",
    "routeros",
    "rrdcached",
    "rrdtool",
    "sensors",
    "serial",
    "sigrok",
    "slurm",
    "smart",
    "snmp",
    "snmp_agent",
    "statsd",
    "swap",
    "synproxy",
    "sysevent",
    "syslog",
    "table",
    "tail",
    "tail_csv",
    "tape",
    "target_notification",
    "target_replace",
    "target_scale",
    "target_set",
    "target_v5upgrade",
    "tcpconns",
    "teamspeak2",
    "ted",
    "thermal",
    "threshold",
    "tokyotyrant",
    "turbostat",
    "ubi",
    "unixsock",
    "uptime",
    "users",
    "uuid",
    "varnish",
    "virt",
    "vmem",
    "vserver",
    "wireless",
    "write_graphite",
    "write_http",
    "write_influxdb_udp",
    "write_kafka",
    "write_log",
    "write_mongodb",
    "write_prometheus",
    "write_redis",
    "write_riemann",
    "write_sensu",
    "write_stackdriver",
    "write_syslog",
    "write_tsdb",
    "xencpu",
    "xmms",
    "zfs_arc",
    "zone",
    "zookeeper",
});

std::string_view canonical(std::string_view name) noexcept {
  return iequals(name, "libvirt") ? "virt" : name;
}

/// "Host (line 5), User (line 6)": what a block that has no effect would have said.
std::string list(const std::vector<Statement>& statements) {
  std::string text;
  for (const Statement& statement : statements) {
    if (!text.empty()) text += ", ";
    text += statement.key + " (line " + std::to_string(statement.position.line) + ")";
    if (!statement.children.empty()) text += ", " + list(statement.children);
  }
  return text;
}

/// Goes through the top level in its order, for order counts: Interval, PluginDir and
/// AutoLoadPlugin work on what stands below them.
class Interpreter {
 public:
  Interpreter(const Declaration& globals, const Declaration& load_plugin,
              const std::string& plugin_dir, Catalog& catalog)
      : globals_{globals}, load_plugin_{load_plugin}, catalog_{catalog}, built_in_{plugin_dir} {
    result_.globals = Options{globals};
  }

  Configuration run(const std::vector<Statement>& statements) {
    for (const Statement& statement : statements) top_level(statement);
    chains_.finish(result_.globals.text("PreCacheChain"), result_.globals.text("PostCacheChain"));
    for (PluginPlan& plan : result_.plugins) {
      if (plan.plugin->is_filter()) continue;  // its options stand in chains
      Checker checker{problems(), "plugin " + plan.name()};
      checker.finish(plan.options, *plan.plugin);
      plan.usable = plan.usable && checker.usable();
    }
    return std::move(result_);
  }

 private:
  Problems& problems() { return result_.problems; }

  void top_level(const Statement& statement) {
    if (statement.is("LoadPlugin"))
      load_statement(statement);
    else if (statement.is("Plugin") && statement.block)
      plugin_block(statement);
    else if (statement.is("Chain") && statement.block)
      chains_.block(statement);
    else
      global(statement);
  }

  void global(const Statement& statement) {
    if (globals_.find(statement.key) == nullptr) return unknown_global(statement);
    Checker checker{problems(), "the global options"};
    checker.add(result_.globals, globals_, {statement});
    if (statement.is("Interval")) complain_of_early_plugins(statement.position);
  }

  void unknown_global(const Statement& statement) {
    auto names = globals_.names();
    for (const std::string_view word : {"LoadPlugin", "Plugin", "Include", "Chain"})
      names.push_back(word);
    const std::string what =
        statement.block ? "block <" + statement.key + ">" : "option " + statement.key;
    std::string hint = did_you_mean(statement.key, names);
    if (statement.block && !statement.children.empty())
      hint += (hint.empty() ? "without effect: " : " without effect: ") + list(statement.children);
    problems().warning(statement.position, "unknown global " + what, std::move(hint));
  }

  void complain_of_early_plugins(const Position& position) {
    const Span interval = result_.globals.duration("Interval");
    std::string early;
    for (const PluginPlan& plan : result_.plugins)
      if (plan.interval != interval && !own_interval_[plan.name()])
        early += (early.empty() ? "" : ", ") + plan.name();
    if (!early.empty())
      problems().warning(position, "Interval stands below the LoadPlugin lines of " + early,
                         "those keep the interval that was set above them; move Interval up");
  }

  void load_statement(const Statement& statement) {
    if (statement.arguments.size() != 1 ||
        statement.arguments.front().kind != Argument::Kind::string) {
      problems().error(statement.position, "LoadPlugin takes exactly one name");
      return;
    }
    const Argument& name = statement.arguments.front();
    if (const PluginPlan* known = result_.find(canonical(name.text))) {
      if (!statement.children.empty())
        problems().warning(statement.position,
                           "plugin " + known->name() + " is loaded already, by line " +
                               std::to_string(known->position.line),
                           "what this block says has no effect");
      return;
    }
    Options options{load_plugin_, statement.position};
    Checker checker{problems(), "LoadPlugin"};
    checker.add(options, load_plugin_, statement.children);
    PluginPlan* const plan = load(name.text, name.position, options.flag("Globals"));
    if (plan == nullptr) return;
    own_interval_[plan->name()] = options.given("Interval");
    if (options.given("Interval")) plan->interval = options.duration("Interval");
    plan->flush_interval = options.duration("FlushInterval");
    plan->flush_timeout = options.duration("FlushTimeout");
    isolate(*plan, options);
  }

  void isolate(PluginPlan& plan, const Options& options) {
    if (options.given("Isolation")) plan.isolated = options.text("Isolation") == "process";
    plan.memory_limit = parse_size(options.text("MemoryLimit"));
    if (options.given("ReadTimeout")) plan.read_timeout = options.duration("ReadTimeout");
    for (const char* const option : {"MemoryLimit", "ReadTimeout"})
      if (options.given(option) && !plan.isolated)
        problems().warning(options.position(option), std::string{option} +
                                                         " has no effect without Isolation "
                                                         "\"process\"");
    const std::string& why = plan.plugin->why_never_isolated();
    if (!plan.isolated || why.empty()) return;
    problems().error(options.position("Isolation"),
                     "plugin " + plan.name() + " cannot run in a process of its own: " + why,
                     "leave Isolation out");
    plan.usable = false;
  }

  PluginPlan* load(std::string_view name, const Position& position, bool global_symbols) {
    const auto found = catalog_.find(canonical(name), directories(), global_symbols);
    if (found.plugin == nullptr) {
      not_found(name, position, found);
      return nullptr;
    }
    result_.plugins.push_back({.plugin = found.plugin,
                               .position = position,
                               .interval = result_.globals.duration("Interval"),
                               .options = Options{*found.plugin, position},
                               .global_symbols = global_symbols,
                               .isolated = found.plugin->is_isolated()});
    return &result_.plugins.back();
  }

  void not_found(std::string_view name, const Position& position, const Catalog::Found& found) {
    missing_.emplace_back(lower(canonical(name)));
    const std::string quoted = "plugin \"" + std::string{name} + "\"";
    if (found.exists) return problems().error(position, quoted + " cannot be loaded: " + found.why);
    if (is_collectd_plugin(name))
      return problems().error(position, quoted + " is not part of this vitald",
                              "the rest runs without it");
    const auto known = catalog_.names(directories());
    const std::vector<std::string_view> names(known.begin(), known.end());
    std::string hint = did_you_mean(name, names);
    if (hint.empty()) hint = "looked in " + join(directories(), " and ");
    problems().error(position, "there is no " + quoted, std::move(hint));
  }

  std::vector<std::string> directories() const {
    std::vector<std::string> all;
    if (result_.globals.given("PluginDir")) all.push_back(result_.globals.text("PluginDir"));
    all.push_back(built_in_);
    return all;
  }

  void plugin_block(const Statement& statement) {
    if (statement.arguments.size() != 1 ||
        statement.arguments.front().kind != Argument::Kind::string) {
      problems().error(statement.position, "a Plugin block takes exactly one name",
                       "<Plugin NAME>");
      return;
    }
    const Argument& argument = statement.arguments.front();
    const std::string name{canonical(argument.text)};
    PluginPlan* plan = result_.find(name);
    if (plan == nullptr && !is_missing(name) && result_.globals.flag("AutoLoadPlugin"))
      plan = load(name, argument.position, false);
    if (plan == nullptr) return without_plugin(statement, argument);
    if (plan->plugin->is_filter()) {
      problems().warning(argument.position, plan->name() + " has no options of its own here",
                         "what it does is said where a <Chain> uses it");
      return;
    }
    Checker checker{problems(), "plugin " + plan->name()};
    checker.add(plan->options, *plan->plugin, statement.children);
    plan->usable = plan->usable && checker.usable();
    if (plan->isolated)
      plan->statements.insert(plan->statements.end(), statement.children.begin(),
                              statement.children.end());
  }

  bool is_missing(std::string_view name) const {
    return std::find(missing_.begin(), missing_.end(), lower(canonical(name))) != missing_.end();
  }

  void without_plugin(const Statement& statement, const Argument& name) {
    std::string hint;
    if (!statement.children.empty()) hint = "without effect: " + list(statement.children);
    if (!is_missing(name.text)) {
      const auto found = catalog_.find(canonical(name.text), directories(), false);
      if (found.plugin != nullptr) {
        hint = "add LoadPlugin " + found.plugin->name() + " above it";
        Options ignored{*found.plugin, statement.position};
        Checker{problems(), "plugin " + found.plugin->name()}.add(ignored, *found.plugin,
                                                                  statement.children);
      }
    }
    problems().warning(name.position,
                       "there are options for plugin \"" + name.text + "\", but it is not loaded",
                       std::move(hint));
  }

  /// The plugin of a match or target. One that is part of the daemon needs no LoadPlugin.
  const PluginDeclaration* filter(const std::string& name, const Position& position) {
    if (const PluginPlan* plan = result_.find(name)) return filter(*plan->plugin, position);
    if (is_missing(name))
      return no_filter(position, "\"" + name + "\" cannot be loaded, see above");
    const auto found = catalog_.find(name, directories(), false);
    if (found.plugin != nullptr && found.plugin->is_built_in())
      return filter(*found.plugin, position);
    if (result_.globals.flag("AutoLoadPlugin") || found.plugin == nullptr) {
      const PluginPlan* const plan = load(name, position, false);
      return plan == nullptr ? no_filter(position, "the rule or target is left out")
                             : filter(*plan->plugin, position);
    }
    return no_filter(position, "\"" + name + "\" is not loaded",
                     "add LoadPlugin " + name + " above the chain, or AutoLoadPlugin true");
  }

  const PluginDeclaration* filter(const PluginDeclaration& plugin, const Position& position) {
    if (plugin.is_filter()) return &plugin;
    return no_filter(position, "the plugin " + plugin.name() + " is no match or target");
  }

  const PluginDeclaration* no_filter(const Position& position, std::string what,
                                     std::string hint = {}) {
    problems().error(position, std::move(what), std::move(hint));
    return nullptr;
  }

  const Declaration& globals_;
  const Declaration& load_plugin_;
  Catalog& catalog_;
  const std::string built_in_;
  Configuration result_;
  ChainReader chains_{
      result_.chains, result_.problems,
      [this](const std::string& name, const Position& position) { return filter(name, position); }};
  std::vector<std::string> missing_;          // plugins that were asked for and are not there
  std::map<std::string, bool> own_interval_;  // plugins whose LoadPlugin block names one
};

}  // namespace

PluginPlan* Configuration::find(std::string_view name) noexcept {
  const auto found = std::find_if(plugins.begin(), plugins.end(), [&](const PluginPlan& plan) {
    return iequals(plan.name(), name);
  });
  return found == plugins.end() ? nullptr : &*found;
}

Configuration interpret(const std::vector<Statement>& statements, const Declaration& globals,
                        const Declaration& load_plugin, const std::string& plugin_dir,
                        Catalog& catalog) {
  return Interpreter{globals, load_plugin, plugin_dir, catalog}.run(statements);
}

bool is_collectd_plugin(std::string_view name) noexcept {
  return std::any_of(kCollectdPlugins.begin(), kCollectdPlugins.end(),
                     [&](std::string_view plugin) { return iequals(plugin, name); });
}

}  // namespace vital
