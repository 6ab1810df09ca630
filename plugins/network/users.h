// SPDX-License-Identifier: MIT
#pragma once
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/file_stamp.h"
#include "base/strings.h"
#include "base/trouble.h"
#include "lib/network_crypt.h"

namespace vital::network {

/// The users of an AuthFile.
using Users = std::unordered_map<std::string, Key, StringHash, std::equal_to<>>;

/// A file of users and passwords, read again when it changes. When it cannot be read, the users
/// that were there before stay.
///
/// Threads  any
class UserFile {
 public:
  UserFile(std::string path, Log log) : path_{std::move(path)}, log_{std::move(log)} {}

  /// Looks after the file at most once a second.
  std::shared_ptr<const Users> users(Steady now);

 private:
  void refresh();

  const std::string path_;
  const Log log_;

  std::mutex mutex_;  // guards all below
  Steady next_look_{};
  FileStamp stamp_;  // of what was read
  std::shared_ptr<const Users> users_ = std::make_shared<const Users>();
  Crypt crypt_;
  Trouble trouble_;
};

}  // namespace vital::network
