// SPDX-License-Identifier: MIT
#pragma once
#include <atomic>
#include <cerrno>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/fd.h"

namespace vital {

/// A file whose text the kernel makes anew at each read (proc(5), sysfs(5)), kept open between
/// reads and read once per tick however many readers hold it. It need not exist yet: each read
/// tries to open what is not open.
///
/// Errors   absent, denied: cannot be opened; temporary: being read by a thread that hangs in it;
///          else what the system said
/// Threads  any; a parse happens under the file's lock and must not keep the text
class KernelFile {
 public:
  class Shared;

  KernelFile() noexcept = default;
  explicit KernelFile(std::shared_ptr<Shared> shared) noexcept : shared_{std::move(shared)} {}

  /// Hands the whole text, as of this tick, to `parse`, which returns a Result or a Status.
  template <typename Parse>
  auto read(Parse&& parse) -> decltype(parse(std::string_view{}));

  const std::string& path() const noexcept;
  explicit operator bool() const noexcept { return shared_ != nullptr; }

 private:
  std::shared_ptr<Shared> shared_;
};

/// What the holders of one kernel file share.
class KernelFile::Shared {
 public:
  Shared(std::string path, const std::atomic<std::uint64_t>& tick)
      : path_{std::move(path)}, tick_{tick} {}

  const std::string& path() const noexcept { return path_; }
  /// After a failure: true when the file could be read again, or holds another text than the one
  /// that could not be parsed. Cheap enough to be asked at every tick.
  bool is_back() noexcept;

 private:
  friend class KernelFile;
  using Lock = std::unique_lock<std::mutex>;

  Lock lock() noexcept;
  Status load() noexcept;    // with the lock held
  Status reload() noexcept;  // with the lock held
  Status fill() noexcept;    // with the lock held
  bool replaced() const noexcept;
  std::string_view text() const noexcept { return {buffer_.data(), size_}; }

  const std::string path_;
  const std::atomic<std::uint64_t>& tick_;  // the owning Root's
  std::mutex mutex_;                        // guards all below
  Fd fd_;
  bool kernel_made_ = false;   // on procfs or sysfs, where a name keeps its file
  bool came_at_once_ = false;  // the last time one read gave the whole text
  bool missing_ = false;       // there was no such file
  std::uint64_t read_in_ = 0;
  bool failed_ = false;
  bool unreadable_ = false;  // failed_ because of the file, not of its text
  std::vector<char> buffer_;
  std::size_t size_ = 0;
};

template <typename Parse>
auto KernelFile::read(Parse&& parse) -> decltype(parse(std::string_view{})) {
  const Shared::Lock lock = shared_->lock();
  if (!lock) return Error{Errc::temporary, shared_->path(), EBUSY};
  if (auto status = shared_->load(); !status) return status.error();
  auto result = parse(shared_->text());
  shared_->failed_ = !result;
  return result;
}

}  // namespace vital
