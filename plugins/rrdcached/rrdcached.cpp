// SPDX-License-Identifier: MIT
#include "config/problem.h"
#include "lib/rrd_options.h"
#include "plugin/plugin.h"
#include "rrdcached/statistics.h"
#include "rrdcached/writer.h"

namespace vital::rrdcached {
namespace {

WriterOptions options_of(const Options& options, const Place& place) {
  return {.place = place,
          .directory = rrdtool::data_directory(options),
          .layout = rrdtool::layout_options(options),
          .create = options.flag("CreateFiles"),
          .create_apart = options.flag("CreateFilesAsync")};
}

class RrdcachedPlugin {
 public:
  explicit RrdcachedPlugin(Setup& setup)
      : place_{*parse_place(setup.options().text("DaemonAddress"))},
        ledger_{std::make_shared<Ledger>()},
        writer_{options_of(setup.options(), place_), setup.clock(), setup.log(), ledger_} {
    setup.add(writer_, {.name = {},
                        .ledger = ledger_,
                        .options = &setup.options(),
                        .leaves_host = !place_.is_local()});
    if (!setup.options().flag("CollectStatistics")) return;
    const std::string host =
        place_.is_local() ? std::string{} : setup.options().text("DaemonAddress");
    statistics_ = std::make_unique<StatisticsReader>(setup, place_, host);
    setup.add(*statistics_, {.name = {}, .interval = {}, .deadline = {}, .blocking = true});
  }

 private:
  const Place place_;
  const std::shared_ptr<Ledger> ledger_;
  RrdcachedWriter writer_;
  std::unique_ptr<StatisticsReader> statistics_;
};

std::string check_address(const std::vector<Argument>& arguments) {
  if (parse_place(arguments.front().text)) return {};
  return "wants unix:/PATH, /PATH or HOST[:PORT], not \"" + arguments.front().text + "\"";
}

void declare_options(PluginDeclaration& plugin) {
  plugin
      .option("DaemonAddress", Unset<std::string>{},
              "Where rrdcached listens: unix:/PATH, /PATH, HOST or HOST:PORT, 42217 by default.")
      .called("ADDRESS")
      .required()
      .check(check_address)
      .option("DataDir", Unset<std::string>{},
              "The directory of the files. One that does not begin with a slash lies in "
              "rrdcached's base directory, where it looks for files, and in BaseDir, where new "
              "ones are made: better take a whole path.")
      .called("DIRECTORY")
      .check(rrdtool::check_data_directory)
      .option("CreateFiles", true,
              "Make files that are missing: here, or when rrdcached is reached over TCP, by "
              "rrdcached, which needs its option -R for new directories.")
      .option("CreateFilesAsync", false,
              "Let a thread of its own make new files, so that the values of others need not "
              "wait. No value is lost either way.")
      .option("CollectStatistics", true, "Report what rrdcached counts.");
  rrdtool::declare_layout(plugin,
                          "After how long without a value new files count as unknown. 0 takes "
                          "twice the interval.");
  declare_queue(plugin);
}

}  // namespace
}  // namespace vital::rrdcached

extern "C" void vital_register(vital::Registry& registry) {
  vital::PluginDeclaration& plugin =
      registry
          .plugin<vital::rrdcached::RrdcachedPlugin>(
              "rrdcached",
              "Writes values to RRD files by way of rrdcached(1), for servers whose files are more "
              "work than one process can do.")
          .reports("rrdcached/queue_length", "files that wait in rrdcached to be written")
          .reports("rrdcached/operations-{receive-update,receive-flush}", "commands it got")
          .reports("rrdcached/operations-{write-updates,write-data_sets}", "what it wrote")
          .reports("rrdcached/gauge-{tree_nodes,tree_depth}", "the files it knows")
          .reports("rrdcached/counter-journal-{bytes,rotates}", "its journal")
          .note(
              "The figures are of this host when rrdcached is reached over its socket, else of one "
              "that is called like DaemonAddress.")
          .note(
              "The values of a tick go as one batch of commands. A FLUSH with an identifier lets "
              "rrdcached write that file, one without all of them.");
  vital::rrdcached::declare_options(plugin);
}
