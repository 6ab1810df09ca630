// SPDX-License-Identifier: MIT
#include "network/users.h"

#include "base/fd.h"
#include "lib/auth_file.h"

namespace vital::network {
namespace {

bool operator==(const timespec& a, const timespec& b) noexcept {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

}  // namespace

std::shared_ptr<const Users> UserFile::users(Steady now) {
  const std::lock_guard lock{mutex_};
  if (now >= next_look_) {
    next_look_ = now + std::chrono::seconds{1};
    refresh();
  }
  return users_;
}

void UserFile::refresh() {
  struct stat status {};
  if (::stat(path_.c_str(), &status) != 0)
    return trouble_.begins(log_, "reading the AuthFile", Error::system(path_), Severity::error);
  if (status.st_mtim == changed_ && status.st_ino == file_ && status.st_size == size_ &&
      !trouble_.on())
    return;
  const auto text = read_file(path_);
  if (!text) return trouble_.begins(log_, "reading the AuthFile", text.error(), Severity::error);
  trouble_.ends(log_, "reading the AuthFile");
  auto users = std::make_shared<Users>();
  for (const auto& [user, password] : parse_auth_file(*text)) {
    Key key;
    if (crypt_.make_key(password, key)) users->emplace(user, key);  // the first of a name stays
  }
  users_ = std::move(users);
  changed_ = status.st_mtim;
  file_ = status.st_ino;
  size_ = status.st_size;
}

}  // namespace vital::network
