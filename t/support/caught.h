// SPDX-License-Identifier: MIT
#pragma once
#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"
#include "support/fixture.h"

namespace vital::test {

/// Catches what is written to a stream of this process while it lives.
class Caught {
 public:
  explicit Caught(int stream) : stream_{stream}, before_{::dup(stream)} {
    const auto file = open_file(path().c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(file->get(), stream);
  }
  Caught(const Caught&) = delete;
  Caught& operator=(const Caught&) = delete;
  ~Caught() {
    ::dup2(before_, stream_);
    ::close(before_);
  }
  std::string text() const { return directory_.read("caught"); }

 private:
  std::string path() const { return directory_.path() + "/caught"; }

  const TemporaryDirectory directory_;
  const int stream_, before_;
};

}  // namespace vital::test
