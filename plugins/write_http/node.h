// SPDX-License-Identifier: MIT
#pragma once
#include <optional>

#include "plugin/host.h"
#include "write_http/body.h"
#include "write_http/targets.h"

namespace vital::write_http {

/// Sends values to one node in as few requests as BufferSize allows. A batch has arrived when the
/// requests that held it were answered with a 2xx.
///
/// Threads  one at a time; hurry() any
class Node final : public Writer {
 public:
  Node(const Options& options, const Clock& clock, const Log& log, CurlStatistics& statistics);

  Status write(const Batch& batch) noexcept override;
  bool settles_later() const noexcept override { return true; }
  Status settle(std::uint64_t& arrived) noexcept override;
  Nanoseconds asked_pause() const noexcept override { return targets_.asked_pause(); }
  Status flush(const FlushRequest&) noexcept override;
  void idle() noexcept override { post(); }
  void hurry() noexcept override { targets_.hurry(); }

 private:
  void add_piecewise() noexcept;
  void post() noexcept;

  Format format_;
  Targets targets_;
  CurlStatistics& statistics_;
  const std::size_t room_;         // of a request's body, in bytes
  std::string pieces_;             // of the batch at hand
  std::vector<std::size_t> ends_;  // of each of them, in pieces_
  Body body_;
  std::uint64_t in_body_ = 0;   // batches that end in body_
  std::uint64_t arrived_ = 0;   // batches that settle() will tell of
  std::optional<Error> error_;  // why the others are lost
};

/// Sends notifications to one node, each as a request of its own.
class Alerts final : public Notifier {
 public:
  Alerts(const Options& options, const Clock& clock, const Log& log, CurlStatistics& statistics)
      : targets_{options, "application/json", clock, log}, statistics_{statistics} {}

  Status notify(const Notification& notification) noexcept override;
  Nanoseconds asked_pause() const noexcept override { return targets_.asked_pause(); }
  void hurry() noexcept override { targets_.hurry(); }

 private:
  Targets targets_;
  CurlStatistics& statistics_;
};

/// Reports what the requests of one node cost.
class StatisticsReader final : public Reader {
 public:
  StatisticsReader(CurlStatistics& statistics, Namer namer, std::string instance)
      : statistics_{statistics}, namer_{std::move(namer)}, instance_{std::move(instance)} {}

  Status read(Batch& batch) noexcept override { return statistics_.add(batch, namer_, instance_); }

 private:
  CurlStatistics& statistics_;
  const Namer namer_;
  const std::string instance_;
};

}  // namespace vital::write_http
