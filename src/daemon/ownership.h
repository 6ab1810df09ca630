// SPDX-License-Identifier: MIT
#pragma once
#include <sys/types.h>

#include <string>

#include "base/log.h"

namespace vital {

/// Gives root's files to the user that the daemon becomes. What belongs to somebody else stays
/// theirs, links are not followed, and a file with a second name is left alone, for that may lie
/// anywhere.
///
/// Errors   logged; what cannot be given is left
/// Threads  the main thread
class Owner {
 public:
  Owner(uid_t user, gid_t group, const Log& log) : user_{user}, group_{group}, log_{log} {}

  /// Made if it is missing (one level); with all that lies in it.
  void give_directory(const std::string& path) const;
  /// Made if it is missing.
  void give_file(const std::string& path) const;

  /// What a user is called; empty: nobody knows.
  static std::string name_of(uid_t user);

 private:
  void give_tree(int directory, unsigned depth) const;
  void give(int fd, const std::string& path) const;

  const uid_t user_;
  const gid_t group_;
  const Log log_;
};

}  // namespace vital
