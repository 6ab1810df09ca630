// SPDX-License-Identifier: MIT
#include "pipeline/journal_segment.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace vital::journal {

Status SegmentWriter::begin(const Directory& directory, const SegmentName& name) {
  auto file = directory.create(name);
  if (!file) return file.error();
  file_ = std::move(*file);
  salt_ = name.salt;
  written_ = 0;
  unsynced_ = false;
  encoder_.begin();
  for (ByteWriter* bytes : {&buffer_, &once_, &unsent_}) bytes->clear();
  return {};
}

Status SegmentWriter::add_record(Record record) {
  if (payload_.size() > kMostPayload || definitions_.size() > kMostPayload)
    return Error{Errc::too_long, "journal"};
  if (buffer_.empty()) add_echo();
  if (!definitions_.empty()) {
    const std::size_t first = buffer_.size();
    const Place begin = record.stretch.begin;
    put_record(buffer_,
               {.kind = RecordKind::definitions,
                .stretch = {begin, begin},
                .written = record.written,
                .payload = definitions_.view()},
               salt_);
    unsent_.raw(buffer_.view().substr(first));
  }
  record.payload = payload_.view();
  put_record(buffer_, record, salt_);
  return {};
}

Status SegmentWriter::add(Place begin, Time written, const Batch& batch) {
  for (std::size_t first = 0; first < batch.size(); first += kMostSamples) {
    const std::size_t last = std::min(batch.size(), first + kMostSamples);
    payload_.clear();
    definitions_.clear();
    encoder_.encode(batch, first, last, payload_, definitions_);
    const Place end{begin.entries + 1, begin.values + (last - first)};
    const auto status = add_record(
        {.kind = RecordKind::batch, .stretch = {begin, end}, .written = written, .payload = {}});
    if (!status) return status;
    begin = end;
  }
  return {};
}

Status SegmentWriter::add(Place begin, Time written, const Notification& notification) {
  payload_.clear();
  definitions_.clear();
  Encoder::encode(notification, payload_);
  return add_record({.kind = RecordKind::notification,
                     .stretch = {begin, {begin.entries + 1, begin.values + 1}},
                     .written = written,
                     .payload = {}});
}

void SegmentWriter::add_echo() {
  buffer_.raw(once_.view());
  once_.clear();
}

Status SegmentWriter::flush() noexcept {
  std::string_view left = buffer_.view();
  std::uint64_t at = written_;
  while (!left.empty()) {
    const ssize_t count = ::pwrite(file_.get(), left.data(), left.size(), static_cast<off_t>(at));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      const int number = count < 0 ? errno : ENOSPC;
      (void)!::ftruncate(file_.get(), static_cast<off_t>(written_));
      return Error{Errc::temporary, "journal", number};
    }
    left.remove_prefix(static_cast<std::size_t>(count));
    at += static_cast<std::uint64_t>(count);
  }
  if (!buffer_.empty()) unsynced_ = true;
  written_ = at;
  buffer_.clear();
  once_.raw(unsent_.view());
  unsent_.clear();
  return {};
}

Status SegmentWriter::sync() noexcept {
  if (!unsynced_) return {};
  unsynced_ = false;
  if (::fdatasync(file_.get()) != 0) return Error{Errc::temporary, "journal", errno};
  return {};
}

bool SegmentWriter::is_there() const noexcept {
  struct stat status;
  return ::fstat(file_.get(), &status) == 0 && status.st_nlink != 0;
}

}  // namespace vital::journal
