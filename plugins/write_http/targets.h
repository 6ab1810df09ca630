// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/trouble.h"
#include "config/options.h"
#include "lib/curl_statistics.h"
#include "lib/failover.h"
#include "lib/http_client.h"

namespace vital::write_http {

/// The servers of a node, of which one gets each body.
///
/// Errors   as verdict_of() has it, or there was no answer from any of them
/// Threads  one at a time; hurry() any
class Targets {
 public:
  /// Throws ConfigError and SetupError.
  Targets(const Options& node, std::string_view content_type, const Clock& clock, Log log);

  Status post(std::string_view body, CurlStatistics& statistics) noexcept;
  /// What the last answer asked for.
  Nanoseconds asked_pause() const noexcept { return asked_pause_; }
  void hurry() noexcept { client_.hurry(); }

 private:
  Status post_to(std::size_t which, std::string_view body, CurlStatistics& statistics) noexcept;

  const Clock& clock_;
  const Log log_;
  const bool log_answers_;
  std::vector<std::string> urls_;
  Failover failover_;
  HttpClient client_;
  Nanoseconds asked_pause_{};
  Complaint answers_;
};

/// Declares what it takes, beside the statistics.
void declare_targets(Declaration& node);

}  // namespace vital::write_http
