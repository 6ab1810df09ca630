// SPDX-License-Identifier: MIT
#pragma once
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "base/log.h"
#include "pipeline/writer.h"

namespace vital::test {

/// Records the names and first values of what it is given; can be made to fail or to hang.
///
/// Threads  any
class RecordingWriter final : public Writer {
 public:
  Status write(const Batch& batch) noexcept override {
    std::unique_lock lock{mutex_};
    ++writes_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !hanging_; });
    if (failures_ != 0) {
      if (failures_ > 0) --failures_;
      return Error{failure_, "test"};
    }
    for (const Sample& sample : batch) {
      Text<256> line;
      line.add(sample.series.name()).add('=').add(sample.values[0].gauge).add(' ');
      text_ += line.view();
    }
    changed_.notify_all();
    return {};
  }
  Status flush(const FlushRequest& request) noexcept override {
    const std::lock_guard lock{mutex_};
    text_ += "flush(" + request.identifier + ") ";
    changed_.notify_all();
    return {};
  }

  void fail(int times, Errc code) {
    const std::lock_guard lock{mutex_};
    failures_ = times;
    failure_ = code;
  }
  void hang(bool on) {
    const std::lock_guard lock{mutex_};
    hanging_ = on;
    changed_.notify_all();
  }
  /// Waits until write() was called that often; false: it was not, within seconds.
  bool wait_for_writes(int count) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, std::chrono::seconds{10}, [&] { return writes_ >= count; });
  }
  bool wait_for_text(std::string_view part) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, std::chrono::seconds{10},
                             [&] { return text_.find(part) != std::string::npos; });
  }
  std::string text() {
    const std::lock_guard lock{mutex_};
    return text_;
  }
  int writes() {
    const std::lock_guard lock{mutex_};
    return writes_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string text_;
  int writes_ = 0;
  int failures_ = 0;  // how many of the next writes fail; negative: all
  Errc failure_ = Errc::temporary;
  bool hanging_ = false;
};

/// Keeps log lines.
class RecordingSink final : public LogSink {
 public:
  void write(Severity severity, std::string_view message) noexcept override {
    const std::lock_guard lock{mutex_};
    text_.append(name_of(severity)).append(": ").append(message).append("\n");
  }
  std::string text() {
    const std::lock_guard lock{mutex_};
    return text_;
  }

 private:
  std::mutex mutex_;
  std::string text_;
};

}  // namespace vital::test
