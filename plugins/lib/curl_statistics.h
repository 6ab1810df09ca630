// SPDX-License-Identifier: MIT
#pragma once
#include <curl/curl.h>

#include <array>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "plugin/setup.h"

namespace vital {

/// Declares the block "Statistics", which all plugins have that make requests with libcurl.
void declare_statistics(Declaration& declaration);

/// What the last request cost: its times, sizes and speeds, those that were asked for.
///
/// Threads  take() whoever makes the requests; add() any
class CurlStatistics {
 public:
  /// `blocks`: those of the name "Statistics"; what any of them wants is taken.
  explicit CurlStatistics(const std::vector<Options>& blocks);

  bool wanted() const noexcept { return !chosen_.empty(); }
  /// Looks at a request that is done.
  void take(CURL* handle) noexcept;
  /// Adds what was taken since the last call, as bytes, durations and so on of that plugin
  /// instance.
  Status add(Batch& batch, const Namer& namer, std::string_view plugin_instance);

 private:
  struct Item;
  static const std::array<Item, 17> kItems;
  friend void declare_statistics(Declaration& declaration);

  std::vector<const Item*> chosen_;
  std::mutex mutex_;                          // guards the next one
  std::vector<std::optional<double>> taken_;  // as long as chosen_
  std::vector<Series> series_;                // the same, or empty; add() alone uses them
};

}  // namespace vital
