// SPDX-License-Identifier: MIT
#pragma once
#include <vector>

#include "plugin/plugin.h"
#include "rrdcached/client.h"

namespace vital::rrdcached {

/// Reports what rrdcached says of itself.
class StatisticsReader final : public Reader {
 public:
  /// `host`: of the series; empty: this one.
  StatisticsReader(const Setup& setup, const Place& place, std::string_view host);

  Status read(Batch& batch) noexcept override;

 private:
  struct Column {
    std::string_view name;
    Series series;
  };

  Client client_;
  std::vector<Column> columns_;
  std::vector<std::string> lines_;
};

}  // namespace vital::rrdcached
