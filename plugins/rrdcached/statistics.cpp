// SPDX-License-Identifier: MIT
#include "rrdcached/statistics.h"

namespace vital::rrdcached {

StatisticsReader::StatisticsReader(const Setup& setup, const Place& place, std::string_view host)
    : client_{place} {
  struct {
    std::string_view name, type, instance;
  } constexpr kColumns[] = {{"QueueLength", "queue_length", ""},
                            {"UpdatesReceived", "operations", "receive-update"},
                            {"FlushesReceived", "operations", "receive-flush"},
                            {"UpdatesWritten", "operations", "write-updates"},
                            {"DataSetsWritten", "operations", "write-data_sets"},
                            {"TreeNodesNumber", "gauge", "tree_nodes"},
                            {"TreeDepth", "gauge", "tree_depth"},
                            {"JournalBytes", "counter", "journal-bytes"},
                            {"JournalRotate", "counter", "journal-rotates"}};
  for (const auto& [name, type, instance] : kColumns)
    columns_.push_back({name, setup.declare({.host = host,
                                             .plugin = "rrdcached",
                                             .plugin_instance = {},
                                             .type = type,
                                             .type_instance = instance})});
}

Status StatisticsReader::read(Batch& batch) noexcept {
  lines_.clear();
  if (auto status = client_.command("STATS", lines_); !status) return status;
  for (const std::string& line : lines_) {
    const auto figure = parse_figure(line);
    if (!figure) return figure.error();
    for (const Column& column : columns_)
      if (column.name == figure->name) (void)batch.add(column.series, figure->value);
  }
  return {};
}

}  // namespace vital::rrdcached
