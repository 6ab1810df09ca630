// SPDX-License-Identifier: MIT
#include <memory>
#include <vector>

#include "config/problem.h"
#include "lib/format_graphite.h"
#include "lib/line_stream.h"
#include "plugin/plugin.h"

namespace vital::write_graphite {
namespace {

constexpr const char* kPort = "2003";

GraphiteNaming naming_of(const Options& node) {
  return {.prefix = node.text("Prefix"),
          .postfix = node.text("Postfix"),
          .escape = node.text("EscapeCharacter").front(),
          .separate_instances = node.flag("SeparateInstances"),
          .always_append_source = node.flag("AlwaysAppendDS"),
          .preserve_separator = node.flag("PreserveSeparator"),
          .drop_duplicate_fields = node.flag("DropDuplicateFields"),
          .use_tags = node.flag("UseTags"),
          .reverse_host = node.flag("ReverseHost")};
}

LineStream::Settings stream_of(const Options& node) {
  LineStream::Settings settings{
      .targets = {{node.text("Host"), node.text("Port")}},
      .transport = node.text("Protocol") == "udp" ? Transport::udp : Transport::tcp,
      .timeout = nanoseconds(node.duration("Timeout")),
      .reconnect_interval = nanoseconds(node.duration("ReconnectInterval")),
      .fail_back = nanoseconds(node.duration("FailbackInterval"))};
  for (const std::string& text : node.texts("Failover"))
    settings.targets.push_back(*parse_endpoint(text, settings.targets.front().port));
  return settings;
}

/// What FLUSH and chains call it behind the plugin's name: as collectd does.
std::string name_of(const Options& node) {
  const std::string name = node.argument();
  if (!name.empty()) return name;
  return node.text("Host") + "/" + node.text("Port") + "/" + node.text("Protocol");
}

std::string check_target(const std::vector<Argument>& arguments) {
  for (const Argument& argument : arguments)
    if (!parse_endpoint(argument.text, kPort))
      return "wants HOST:PORT, such as carbon.example.com:2003, not " + argument.text;
  return {};
}

std::string check_escape(const std::vector<Argument>& arguments) {
  const std::string& text = arguments.front().text;
  return text.size() == 1 && text.front() > ' ' && text.front() < '\x7f'
             ? std::string{}
             : "is one character, and no blank";
}

}  // namespace

/// Sends each value as lines of text to one server.
class Node final : public Writer {
 public:
  Node(const Options& options, const Clock& clock, const Log& log)
      : format_{naming_of(options), options.flag("StoreRates")},
        stream_{stream_of(options), clock, log} {}

  Status write(const Batch& batch) noexcept override {
    if (auto status = stream_.begin(); !status) return status;
    for (const Sample& sample : batch) format_.append(sample, stream_.text());
    stream_.end();
    return {};
  }
  bool settles_later() const noexcept override { return true; }
  Status settle(std::uint64_t& arrived) noexcept override { return stream_.settle(arrived); }
  Nanoseconds settle_pause() const noexcept override { return stream_.settle_pause(); }
  Status flush(const FlushRequest&) noexcept override {
    stream_.push();
    return {};
  }
  void idle() noexcept override { stream_.push(); }

 private:
  GraphiteFormat format_;
  LineStream stream_;
};

/// All servers, each with its own queue and thread.
class GraphitePlugin {
 public:
  explicit GraphitePlugin(Setup& setup) {
    for (const Options& options : setup.options().blocks("Node")) add(setup, options);
  }

 private:
  void add(Setup& setup, const Options& options) {
    const std::string name = name_of(options);
    nodes_.push_back(std::make_unique<Node>(
        options, setup.clock(), Log{setup.host().log_hub(), setup.plugin() + "/" + name}));
    setup.add(*nodes_.back(), {.name = name,
                               .options = &options,
                               .leaves_host = true,
                               .log_failures = options.flag("LogSendErrors")});
  }

  std::vector<std::unique_ptr<Node>> nodes_;
};

void declare_names(Declaration& node) {
  node.option("Prefix", "", "Stands before the host's name; with UseTags before the whole name.")
      .option("Postfix", "",
              "Stands behind the host's name; with UseTags behind the name and before its tags, so "
              "that it can add some: \";rack=7\".")
      .option("EscapeCharacter", "_",
              "Stands for dots, blanks and other characters that a name must not have.")
      .called("CHARACTER")
      .check(check_escape)
      .option("StoreRates", true, "Send change per second instead of totals.")
      .option("SeparateInstances", false,
              "Instances are parts of the path of their own: cpu.0 instead of cpu-0.")
      .option("AlwaysAppendDS", false,
              "Name the data source even where it is the only one of its type.")
      .option("PreserveSeparator", false, "Dots in names stay and divide the path.")
      .option("DropDuplicateFields", false,
              "Leave out what a name would say twice: load.shortterm, not load.load.shortterm.")
      .option("UseTags", false, "Name the fields in tags, as Graphite knows them since 1.1.")
      .option("ReverseHost", false, "Turn the host's name around: com.example.web.");
}

void declare_node(Declaration& node) {
  using namespace std::chrono_literals;
  node.option("Host", "localhost", "The server's name or address.")
      .option("Port", Port{kPort}, "Its port or service.")
      .option("Protocol", Choice{"tcp", "udp"},
              "Over tcp whatever did not arrive is sent again; over udp packets may get lost.")
      .option("LogSendErrors", true,
              "Say in the log when sending fails and when it works again. Else only the status "
              "tells.")
      .option("ReconnectInterval", 0s,
              "How old a connection may become before it is made anew, for load balancers. It is "
              "done when nothing is on its way. 0: it is kept.")
      .at_least(0)
      .option("Timeout", 10s,
              "How long the server may take nothing of what it is sent before the connection is "
              "given up; making one takes 3 s at most.")
      .range(0.1, 3600)
      .since("vitald 1")
      .option("Failover", Texts{},
              "A server that is used while those before it cannot be reached, as HOST:PORT. May be "
              "given several times.")
      .called("HOST:PORT")
      .check(check_target)
      .since("vitald 1")
      .option("FailbackInterval", 60s,
              "How often to look whether the first server is back while another one is used.")
      .range(0.1, 86400)
      .since("vitald 1");
  declare_names(node);
  declare_queue(node);
}

}  // namespace vital::write_graphite

extern "C" void vital_register(vital::Registry& registry) {
  registry
      .plugin<vital::write_graphite::GraphitePlugin>(
          "write_graphite", "Sends values to Graphite, as lines of text that Carbon reads.")
      .note(
          "Over TCP a value counts as delivered when the server's kernel has acknowledged it and "
          "the connection still stood half a second later. What had not come so far when a "
          "connection breaks is sent again, so the server may see a value twice.")
      .block("Node", "NAME", "A server. FLUSH and chains call it write_graphite/NAME.",
             vital::write_graphite::declare_node)
      .arguments(0, 1)
      .alias("Carbon");
}
