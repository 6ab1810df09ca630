// SPDX-License-Identifier: MIT
#include "network/users.h"

#include "base/fd.h"
#include "lib/auth_file.h"

namespace vital::network {
std::shared_ptr<const Users> UserFile::users(Steady now) {
  const std::lock_guard lock{mutex_};
  if (now >= next_look_) {
    next_look_ = now + std::chrono::seconds{1};
    refresh();
  }
  return users_;
}

void UserFile::refresh() {
  const FileStamp stamp = FileStamp::of(path_);
  if (stamp.is_there() && stamp == stamp_ && !trouble_.on()) return;
  const auto text = read_file(path_);
  if (!text) return trouble_.begins(log_, "reading the AuthFile", text.error(), Severity::error);
  trouble_.ends(log_, "reading the AuthFile");
  auto users = std::make_shared<Users>();
  for (const auto& [user, password] : parse_auth_file(*text)) {
    Key key;
    if (crypt_.make_key(password, key)) users->emplace(user, key);  // the first of a name stays
  }
  users_ = std::move(users);
  stamp_ = stamp;
}

}  // namespace vital::network
