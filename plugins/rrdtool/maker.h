// SPDX-License-Identifier: MIT
#pragma once
#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

#include "base/thread.h"
#include "rrdtool/files.h"

namespace vital::rrdtool {

/// Makes files in a thread of its own, which runs only while there are some to be made.
///
/// Threads  all public members belong to the owner
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
  bool add(File& file, Layout layout, std::int64_t start);
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

}  // namespace vital::rrdtool
