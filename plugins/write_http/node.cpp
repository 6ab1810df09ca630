// SPDX-License-Identifier: MIT
#include "write_http/node.h"

#include "lib/format_alert.h"

namespace vital::write_http {
namespace {

bool is_temporary(const Error& error) noexcept {
  return error.code() == Errc::temporary || error.code() == Errc::timed_out;
}

}  // namespace

Node::Node(const Options& options, const Clock& clock, const Log& log, CurlStatistics& statistics)
    : format_{options},
      targets_{options, format_.content_type(), clock, log},
      statistics_{statistics},
      room_{static_cast<std::size_t>(options.integer("BufferSize"))},
      body_{format_.is_json()} {}

/// After a failure nothing is taken until settle() has told of it: batches stay in their order.
Status Node::write(const Batch& batch) noexcept {
  if (error_) return is_temporary(*error_) ? Status{*error_} : Status{};
  pieces_.clear();
  ends_.clear();
  for (const Sample& sample : batch) {
    const std::size_t before = pieces_.size();
    format_.append(sample, pieces_);
    if (pieces_.size() != before) ends_.push_back(pieces_.size());
  }
  if (body_.size_with(pieces_.size() + ends_.size()) > room_) post();
  add_piecewise();
  ++in_body_;
  return {};
}

/// A batch that is larger than a request is spread over several.
void Node::add_piecewise() noexcept {
  std::size_t begin = 0;
  for (const std::size_t end : ends_) {
    if (error_) return;
    if (body_.size_with(end - begin) > room_) post();
    body_.add(std::string_view{pieces_}.substr(begin, end - begin));
    begin = end;
  }
}

void Node::post() noexcept {
  if (error_) return;
  if (!body_.empty()) {
    const Status status = targets_.post(body_.finish(), statistics_);
    body_.clear();
    if (!status) {
      error_ = status.error();
      return;
    }
  }
  arrived_ += std::exchange(in_body_, 0);
}

Status Node::flush(const FlushRequest&) noexcept {
  post();
  return {};
}

Status Node::settle(std::uint64_t& arrived) noexcept {
  arrived = std::exchange(arrived_, 0);
  if (!error_) return {};
  body_.clear();
  in_body_ = 0;
  const Error error = *error_;
  error_.reset();
  return error;
}

Status Alerts::notify(const Notification& notification) noexcept {
  return targets_.post(alert_json(notification), statistics_);
}

}  // namespace vital::write_http
