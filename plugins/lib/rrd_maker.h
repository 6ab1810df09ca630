// SPDX-License-Identifier: MIT
#pragma once
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/thread.h"
#include "lib/rrd_create.h"

namespace vital::rrdtool {

/// Makes files in a thread of its own, which runs only while there are some to be made. A File is
/// what its owner knows of one; here it only gives it its name.
///
/// Threads  all public members belong to the owner
template <typename File>
class Maker {
 public:
  struct Made {
    File* file = nullptr;
    Status status;
  };

  Maker() = default;
  Maker(const Maker&) = delete;
  Maker& operator=(const Maker&) = delete;
  ~Maker();  // finishes the file that it is at

  /// False: no thread can be started; the file is to be made in some other way.
  bool add(File& file, std::string path, Layout layout, std::int64_t start);
  /// Takes a file back. False: it is being made, or is made already.
  bool withdraw(const File& file);
  /// Those that were finished since the last call; with `wait` it waits for one at least, if there
  /// is any to come.
  std::vector<Made> take(bool wait);
  /// There are files that take() will hand out.
  bool busy() const;

 private:
  struct Job {
    File* file;
    std::string path;
    Layout layout;
    std::int64_t start;
  };

  void run();

  mutable std::mutex mutex_;  // guards all below but thread_
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  std::vector<Made> made_;
  bool working_ = false;  // the thread has not come to its end
  bool stopping_ = false;
  Thread thread_;
};

template <typename File>
Maker<File>::~Maker() {
  const std::lock_guard lock{mutex_};
  stopping_ = true;
  jobs_.clear();
}  // thread_, the last member, joins first

template <typename File>
bool Maker<File>::add(File& file, std::string path, Layout layout, std::int64_t start) {
  std::unique_lock lock{mutex_};
  jobs_.push_back({&file, std::move(path), std::move(layout), start});
  if (working_) return true;
  lock.unlock();
  thread_.join();  // at its end already
  working_ = true;
  auto thread = Thread::start("new rrd files", [this] { run(); });
  if (thread) {
    thread_ = std::move(*thread);
    return true;
  }
  working_ = false;
  jobs_.pop_back();
  return false;
}

template <typename File>
void Maker<File>::run() {
  std::unique_lock lock{mutex_};
  while (!jobs_.empty() && !stopping_) {
    const Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    const Status status = create_rrd(job.path, job.layout, job.start);
    lock.lock();
    made_.push_back({job.file, status});
    changed_.notify_all();
  }
  working_ = false;
}

template <typename File>
bool Maker<File>::withdraw(const File& file) {
  const std::lock_guard lock{mutex_};
  return std::erase_if(jobs_, [&](const Job& job) { return job.file == &file; }) != 0;
}

template <typename File>
std::vector<typename Maker<File>::Made> Maker<File>::take(bool wait) {
  std::unique_lock lock{mutex_};
  if (wait) changed_.wait(lock, [this] { return !made_.empty() || !working_; });
  return std::exchange(made_, {});
}

template <typename File>
bool Maker<File>::busy() const {
  const std::lock_guard lock{mutex_};
  return working_ || !made_.empty();
}

}  // namespace vital::rrdtool
