// SPDX-License-Identifier: MIT
#include "rrdcached/writer.h"

#include <algorithm>
#include <set>

#include "lib/series_path.h"
#include "rrdcached/commands.h"

namespace vital::rrdcached {
namespace {

constexpr Nanoseconds kRest = std::chrono::seconds{10};
constexpr Nanoseconds kLook = std::chrono::milliseconds{50};  // whether files are made
constexpr std::size_t kMostWaiting = 4096;                    // values of a file in the making

bool has(std::string_view text, std::string_view part) noexcept {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

RrdcachedWriter::RrdcachedWriter(WriterOptions options, const Clock& clock, const Log& log,
                                 std::shared_ptr<Ledger> ledger)
    : options_{std::move(options)},
      clock_{clock},
      log_{log},
      ledger_{std::move(ledger)},
      client_{options_.place} {}

RrdcachedWriter::~RrdcachedWriter() {
  const std::uint64_t left = ledger_->held_now();
  ledger_->released(left);
  ledger_->dropped(Loss::stopped, left);
}

Status RrdcachedWriter::write(const Batch& batch) noexcept {
  take_made(false);
  if (auto status = client_.connect(); !status) return status;
  Losses losses;
  const Status status = attempt(batch, losses);
  again_ = !status;  // a part of it may be there already
  if (!status) return status;
  for (const Sent& late : late_) let_wait(*late.file, batch[late.sample]);
  count(losses);
  return {};
}

Status RrdcachedWriter::attempt(const Batch& batch, Losses& losses) {
  collect(batch, losses);
  std::vector<Sent> missing;
  const Status status = send(losses, options_.create ? &missing : nullptr);
  if (!status || missing.empty()) return status;
  return make_missing(batch, missing, losses);
}

const RrdcachedWriter::FilePtr& RrdcachedWriter::file_of(const SeriesInfo& series) {
  FilePtr& file = files_[series];
  if (file) return file;
  file = std::make_shared<File>();
  if (auto path = series_path(options_.directory, series, ".rrd")) file->path = std::move(*path);
  return file;
}

void RrdcachedWriter::collect(const Batch& batch, Losses& losses) {
  commands_.clear();
  sent_.clear();
  late_.clear();
  for (std::size_t at = 0; at < batch.size(); ++at) {
    const Sample sample = batch[at];
    const FilePtr& file = file_of(sample.series);
    if (file->path.empty()) {
      refused_.say(log_, clock_.now(), "there is no file for ", sample.series.name(),
                   ": no directory may begin with a dot");
      ++losses.refused;
    } else {
      add(file, batch, at);
    }
  }
}

void RrdcachedWriter::add(const FilePtr& file, const Batch& batch, std::size_t sample) {
  if (file->in_making) return late_.push_back({file, sample});
  add_update(commands_, file->path, batch[sample]);
  sent_.push_back({file, sample});
}

/// `missing`: takes the values whose files are not there.
Status RrdcachedWriter::send(Losses& losses, std::vector<Sent>* missing) {
  if (commands_.empty()) return {};
  if (auto status = client_.batch(commands_, complaints_); !status) return status;
  for (const Complaint& complaint : complaints_) judge(complaint, losses, missing);
  return {};
}

void RrdcachedWriter::judge(const Complaint& complaint, Losses& losses,
                            std::vector<Sent>* missing) {
  if (complaint.command > sent_.size()) return;
  const Sent& sent = sent_[complaint.command - 1];
  if (sent.file == nullptr) {
    not_made_.say(log_, clock_.now(), "rrdcached: ", complaint.text);
  } else if (missing != nullptr && has(complaint.text, "No such file")) {
    missing->push_back(sent);
  } else if (has(complaint.text, "illegal attempt to update")) {
    if (!again_) ++losses.too_old;
  } else {
    ++losses.refused;
    refused_.say(log_, clock_.now(), "rrdcached does not take a value of ", sent.file->path, ": ",
                 complaint.text);
  }
}

/// Makes the files of these values, and sends the values again.
Status RrdcachedWriter::make_missing(const Batch& batch, const std::vector<Sent>& missing,
                                     Losses& losses) {
  commands_.clear();
  sent_.clear();
  std::set<const File*> tried, failed;
  for (const auto& [file, at] : missing) {
    if (tried.insert(file.get()).second && !make(file, batch[at])) failed.insert(file.get());
    if (failed.contains(file.get()))
      ++losses.refused;
    else
      add(file, batch, at);
  }
  return send(losses, nullptr);
}

/// False: that cannot be done now.
bool RrdcachedWriter::make(const FilePtr& file, const Sample& first) {
  if (clock_.now() < file->rests_until) return false;
  auto layout = layout_of(first);
  if (!layout) return cannot_make(*file, layout.error());
  const std::int64_t start = rounded_seconds(first.time) - 1;
  if (!options_.place.is_local()) {
    file->rests_until = clock_.now() + kRest;  // if it does not help, not with the next value again
    add_create(commands_, file->path, *layout, start);
    sent_.push_back({});
    return true;
  }
  if (options_.create_apart && maker_.add(*file, file->path, *layout, start)) {
    file->in_making = true;
    making_.push_back(file);
    next_look_ = clock_.now() + kLook;
    return true;
  }
  file->rests_until = clock_.now() + kRest;  // the daemon may look for it somewhere else
  const Status status = rrdtool::create_rrd(file->path, *layout, start);
  return status ? true : cannot_make(*file, status.error());
}

/// As collectd has it, StepSize has nothing to do with how long a file waits for a value.
Result<rrdtool::Layout> RrdcachedWriter::layout_of(const Sample& first) const {
  rrdtool::LayoutOptions options = options_.layout;
  if (options.heartbeat <= 0) options.heartbeat = rounded_seconds(2 * first.interval);
  return rrdtool::layout_for(options, first.series.type(), first.interval);
}

bool RrdcachedWriter::cannot_make(File& file, const Error& error) {
  file.rests_until = clock_.now() + kRest;
  not_made_.say(log_, clock_.now(), file.path, " cannot be made: ", error);
  return false;
}

void RrdcachedWriter::let_wait(File& file, const Sample& sample) {
  if (file.values >= kMostWaiting) return ledger_->dropped(Loss::queue_full);
  add_update(file.waiting, file.path, sample);
  ++file.values;
  ledger_->held();
}

void RrdcachedWriter::take_made(bool wait) {
  if (!making_.empty()) {
    next_look_ = clock_.now() + kLook;
    for (const auto& [file, status] : maker_.take(wait)) {
      if (!status) (void)cannot_make(*file, status.error());
      const auto at =
          std::find_if(making_.begin(), making_.end(),
                       [&file = file](const FilePtr& other) { return other.get() == file; });
      made_.push_back(std::move(*at));
      making_.erase(at);
    }
  }
  if (!made_.empty()) send_all_waiting();
}

void RrdcachedWriter::send_all_waiting() {
  while (!made_.empty()) {
    File& file = *made_.back();
    if (!client_.connect() || !send_waiting(file)) {
      next_look_ = clock_.now() + std::chrono::seconds{1};
      return;
    }
    file.in_making = false;
    made_.pop_back();
  }
}

Status RrdcachedWriter::send_waiting(File& file) {
  if (auto status = client_.batch(file.waiting, complaints_); !status) return status;
  const std::size_t lost = std::min(complaints_.size(), file.values);
  if (lost != 0)
    refused_.say(log_, clock_.now(), "rrdcached does not take ", lost, " values of ", file.path,
                 ": ", complaints_.front().text);
  ledger_->released(file.values);
  ledger_->delivered(file.values - lost);
  ledger_->dropped(Loss::refused, lost);
  file.waiting.clear();
  file.values = 0;
  return {};
}

void RrdcachedWriter::count(const Losses& losses) noexcept {
  if (losses.too_old != 0) ledger_->dropped(Loss::too_old, losses.too_old);
  if (losses.refused != 0) ledger_->dropped(Loss::refused, losses.refused);
}

Status RrdcachedWriter::flush(const FlushRequest& request) noexcept {
  while (!making_.empty()) take_made(true);
  take_made(false);
  std::string command = "flushall";
  if (!request.identifier.empty()) {
    const std::string between = options_.directory.empty() ? "" : "/";
    command = "flush ";
    add_word(command, options_.directory + between + request.identifier + ".rrd");
  }
  std::vector<std::string> lines;
  const Status status = client_.command(command, lines);
  // It knows no such file: nothing of it can wait there.
  return !status && status.error().code() == Errc::refused ? Status{} : status;
}

Steady RrdcachedWriter::next_wake() const noexcept {
  return making_.empty() && made_.empty() ? Steady::max() : next_look_;
}

void RrdcachedWriter::wake() noexcept { take_made(false); }

}  // namespace vital::rrdcached
