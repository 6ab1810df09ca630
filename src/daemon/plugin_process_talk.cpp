// SPDX-License-Identifier: MIT
// What the process says, on its own thread.
#include <algorithm>

#include "daemon/plugin_process.h"
#include "model/types.h"

namespace vital {
namespace {

using namespace isolation;

constexpr std::size_t kMostBatches = 64;

Steady now() noexcept { return std::chrono::steady_clock::now(); }

}  // namespace

/// False: nothing more just now. What it forked may hold the pipe open long after its end.
bool PluginProcess::arrived() {
  const auto received = pipe_.receive(cutter_);
  if (!received) {
    // It dies, or has closed its end; which of them its end will tell.
    pipe_open_ = false;
    if (state() == State::stopped || !child_.alive()) return false;
    next_look_ = Steady::max();
    if (state() != State::ending) set(State::ending, now() + kGrace);
    fail_requests();
    return false;
  }
  if (*received == 0) return false;
  heard_ = now();
  Frame frame;
  while (pipe_open_) {
    const auto outcome = cutter_.next(frame);
    if (outcome == FrameCutter::Outcome::more) break;
    if (outcome == FrameCutter::Outcome::malformed || !take(frame))
      begin_end("its process talks nonsense");
  }
  return true;
}

/// What it said before it ended; what it forked has nothing to say, and may not keep us.
void PluginProcess::hear_last_words() {
  constexpr int kMostReceived = 1000;  // far more than fits into the socket
  for (int i = 0; i < kMostReceived && pipe_open_ && arrived();) ++i;
}

bool PluginProcess::take(const Frame& frame) {
  ByteReader in{frame.body};
  switch (static_cast<Message>(frame.kind)) {
    case Message::offer:
      return take_offer(in);
    case Message::ready:
      return take_ready(in);
    case Message::refused:
      return take_refusal(in);
    case Message::learn:
      return decoder_.learn(frame.body);
    case Message::forget:
      decoder_.begin();
      return true;
    case Message::samples:
      return take_samples(in);
    case Message::reply:
      return take_reply(in);
    case Message::submit:
      return take_submission(in);
    case Message::publish:
      host_.publish();
      return true;
    case Message::notification:
      return take_notification(frame.body);
    case Message::flush_writers:
      return take_flush(in);
    case Message::write_one:
      return take_write(in);
    case Message::log:
      take_log(in);
      return in.ok();
    case Message::pong:
      return true;
    default:
      return false;
  }
}

bool PluginProcess::take_offer(ByteReader& in) {
  constexpr std::size_t kMostParts = 10'000;
  Offer offer;
  if (state() != State::starting || offered_.size() >= kMostParts || !isolation::take(in, offer))
    return false;
  offered_.push_back(std::move(offer));
  return true;
}

bool PluginProcess::take_ready(ByteReader& in) {
  std::vector<WriterTraits> writers;
  if (state() != State::starting || !isolation::take(in, writers)) return false;
  for (const WriterTraits& writer : writers)
    if (writer.part >= offered_.size()) return false;
  if (made_ && !std::equal(offers_.begin(), offers_.end(), offered_.begin(), offered_.end(),
                           [](const Offer& a, const Offer& b) { return a.like(b); })) {
    begin_end("its plugin does not offer what it offered before");
    return true;
  }
  if (!made_) {
    offers_ = offered_;
    writers_ = std::move(writers);
  }
  heard_ = now();
  next_look_ = heard_ + std::min(kMemoryLook, limits_.silence);
  std::uint64_t incarnation = 0;
  {
    const Lock lock{mutex_};
    incarnation = ++incarnation_;
  }
  {
    const std::lock_guard sending{sending_};
    pipe_incarnation_ = incarnation;
  }
  if (made_) {
    start_services();
    log_.notice("its process runs again");
  }
  made_ = true;
  set(State::running);
  return true;
}

/// Those that ran in an earlier process. Nobody waits for the answer but the log.
void PluginProcess::start_services() {
  std::vector<bool> services;
  {
    const Lock lock{mutex_};
    services = services_;
  }
  for (std::uint32_t part = 0; part < services.size(); ++part) {
    if (!services[part]) continue;
    ByteWriter body;
    body.fixed(std::uint32_t{0});
    body.fixed(part);
    (void)send(Message::start, body.view(), now() + kTalkMayTake);
  }
}

bool PluginProcess::take_refusal(ByteReader& in) {
  Refusal refusal;
  if (state() != State::starting || !isolation::take(in, refusal)) return false;
  if (!made_) {
    const Lock lock{mutex_};
    refusal_ = refusal;
  }
  begin_end("its plugin cannot be made: " + refusal.what);
  return true;
}

bool PluginProcess::take_samples(ByteReader& in) {
  const auto number = in.fixed<std::uint32_t>();
  if (!in.ok()) return false;
  const std::string_view payload = in.raw(in.left());
  const Lock lock{mutex_};
  const auto found = std::find_if(requests_.begin(), requests_.end(), [&](const Request* r) {
    return r->number == number && r->batch;
  });
  if (found == requests_.end()) return true;  // too late
  Request& request = **found;
  Batch& into = request.any_samples ? scratch_ : *request.batch;
  if (decoder_.decode(payload, into) != journal::Decoder::Outcome::done) return false;
  if (std::exchange(request.any_samples, true))
    for (std::size_t at = 0; at < scratch_.size(); ++at) {
      const Sample sample = scratch_[at];
      (void)request.batch->add_at(
          scratch_.series(at), sample.time, sample.interval, sample.values,
          sample.meta ? std::make_shared<const Meta>(*sample.meta) : nullptr);
    }
  return true;
}

bool PluginProcess::take_reply(ByteReader& in) {
  Reply reply;
  if (!isolation::take(in, reply)) return false;
  if (reply.number == 0) {
    if (!reply.status) log_.error("a service cannot be started again: ", reply.status.error());
    return true;
  }
  const Lock lock{mutex_};
  const auto found = std::find_if(requests_.begin(), requests_.end(),
                                  [&](const Request* r) { return r->number == reply.number; });
  if (found == requests_.end()) return true;
  (*found)->reply = reply;
  (*found)->done = true;
  requests_.erase(found);
  changed_.notify_all();
  return true;
}

bool PluginProcess::take_submission(ByteReader& in) {
  const bool received = in.fixed<std::uint8_t>() != 0;
  const auto batch = empty_batch();
  if (!in.ok() || decoder_.decode(in.raw(in.left()), *batch) != journal::Decoder::Outcome::done)
    return false;
  if (received) batch->mark_received();
  host_.submit(batch);
  return true;
}

bool PluginProcess::take_notification(std::string_view body) {
  Notification notification;
  if (journal::Decoder::decode(body, notification) != journal::Decoder::Outcome::done) return false;
  host_.notify(std::move(notification));
  return true;
}

bool PluginProcess::take_flush(ByteReader& in) {
  const std::string_view writer = in.text();
  FlushRequest request;
  request.older_than = Span{in.fixed<std::int64_t>()};
  request.identifier = in.text();
  if (!in.done()) return false;
  host_.flush(writer, request);
  return true;
}

bool PluginProcess::take_write(ByteReader& in) {
  const std::string_view writer = in.text();
  const auto batch = empty_batch();
  if (!in.ok() || decoder_.decode(in.raw(in.left()), *batch) != journal::Decoder::Outcome::done)
    return false;
  host_.write(writer, batch);
  return true;
}

void PluginProcess::take_log(ByteReader& in) {
  const auto severity = in.fixed<std::uint8_t>();
  const std::string_view message = in.text();
  if (!in.ok() || severity < static_cast<std::uint8_t>(Severity::error)) return;
  relaying_ = true;  // its own sinks have heard it already
  host_.log_hub().write(Severity{std::min(severity, static_cast<std::uint8_t>(Severity::debug))},
                        message);
  relaying_ = false;
}

/// A batch that no writer holds any more, or a new one.
std::shared_ptr<Batch> PluginProcess::empty_batch() {
  for (const auto& batch : batches_)
    if (is_free(batch)) return batch;
  auto batch = std::make_shared<Batch>();
  if (batches_.size() < kMostBatches) batches_.push_back(batch);
  return batch;
}

}  // namespace vital
