// SPDX-License-Identifier: MIT
#include "exec/account.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <vector>

namespace vital::exec {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 20;  // of an entry of the databases

/// Calls `ask` with more and more memory until its answer fits.
template <typename Entry, typename Ask>
Result<Entry> look_up(const std::string& name, std::vector<char>& memory, Ask ask) {
  for (memory.resize(4096); memory.size() <= kMostBytes; memory.resize(4 * memory.size())) {
    Entry entry{};
    Entry* found = nullptr;
    const int failed = ask(name.c_str(), &entry, memory.data(), memory.size(), &found);
    if (failed == ERANGE) continue;
    if (found != nullptr) return entry;
    return failed == 0 ? Error{Errc::unknown, name} : Error::system(name, failed);
  }
  return Error{Errc::too_long, name};
}

}  // namespace

Account Account::parse(const std::string& text) {
  const auto colon = text.find(':');
  if (colon == std::string::npos) return {.user = text};
  return {.user = text.substr(0, colon), .group = text.substr(colon + 1)};
}

Result<std::optional<RunAs>> rights_of(const Account& account) {
  std::vector<char> memory;
  const auto user = look_up<passwd>(account.user, memory, ::getpwnam_r);
  if (!user) return Error{user.error().code(), "user " + account.user};
  if (user->pw_uid == 0)
    return Error{Errc::denied, "running a program as root: give it a user of its own"};
  RunAs rights{.uid = user->pw_uid, .gid = user->pw_gid, .effective_gid = user->pw_gid};
  if (account.group && !account.group->empty()) {
    const auto group = look_up<struct group>(*account.group, memory, ::getgrnam_r);
    if (!group) return Error{group.error().code(), "group " + *account.group};
    rights.effective_gid = group->gr_gid;
  }
  if (!may_run_as_others()) {
    const bool same = rights.uid == ::geteuid() && rights.effective_gid == ::getegid();
    if (same) return std::optional<RunAs>{};
    return Error{
        Errc::denied,
        "only root, or who has CAP_SETUID and CAP_SETGID, can run a program as " + account.user};
  }
  rights.groups = {rights.gid};
  if (rights.effective_gid != rights.gid) rights.groups->push_back(rights.effective_gid);
  return std::optional{std::move(rights)};
}

}  // namespace vital::exec
