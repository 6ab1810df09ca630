// SPDX-License-Identifier: MIT
#include "rrdtool/maker.h"

#include <algorithm>

namespace vital::rrdtool {

Maker::~Maker() {
  const std::lock_guard lock{mutex_};
  stopping_ = true;
  jobs_.clear();
}  // thread_, the last member, joins first

bool Maker::add(File& file, Layout layout, std::int64_t start) {
  std::unique_lock lock{mutex_};
  jobs_.push_back({&file, std::move(layout), start});
  if (working_) return true;
  lock.unlock();
  thread_.join();  // at its end already
  working_ = true;
  auto thread = Thread::start("rrdtool files", [this] { run(); });
  if (thread) {
    thread_ = std::move(*thread);
    return true;
  }
  working_ = false;
  jobs_.pop_back();
  return false;
}

void Maker::run() {
  std::unique_lock lock{mutex_};
  while (!jobs_.empty() && !stopping_) {
    const Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    const Status status = create_rrd(job.file->rrd.path(), job.layout, job.start);
    lock.lock();
    made_.push_back({job.file, status});
    changed_.notify_all();
  }
  working_ = false;
}

bool Maker::withdraw(const File& file) {
  const std::lock_guard lock{mutex_};
  return std::erase_if(jobs_, [&](const Job& job) { return job.file == &file; }) != 0;
}

std::vector<Maker::Made> Maker::take(bool wait) {
  std::unique_lock lock{mutex_};
  if (wait) changed_.wait(lock, [this] { return !made_.empty() || !working_; });
  return std::exchange(made_, {});
}

bool Maker::busy() const {
  const std::lock_guard lock{mutex_};
  return working_ || !made_.empty();
}

}  // namespace vital::rrdtool
