// SPDX-License-Identifier: MIT
#include <filesystem>

#include "plugin/plugin.h"
#include "users/utmp.h"

namespace vital::users {
namespace {

/// Where the host keeps its log-ins: in run, or on an older host in var/run. That is mostly a link
/// to /run, which below another root would lead out of it.
KernelFile open_utmp(const Root& root) {
  std::error_code ignored;
  const bool own = std::filesystem::is_directory(root.path("var/run"), ignored) &&
                   !std::filesystem::is_symlink(root.path("var/run"), ignored);
  return root.open(own ? "var/run/utmp" : "run/utmp");
}

}  // namespace

class UsersReader final : public Reader {
 public:
  explicit UsersReader(Setup& setup)
      : utmp_{open_utmp(setup.root())},
        series_{setup.declare({.plugin = "users", .type = "users"})} {}

  Status read(Batch& batch) noexcept override {
    const auto users = utmp_.read([](std::string_view utmp) { return Result{count_users(utmp)}; });
    if (users) return batch.add(series_, *users);
    if (users.error().code() != Errc::absent) return users.error();
    return batch.add(series_, 0);  // a host that keeps no such file has no log-ins
  }

 private:
  KernelFile utmp_;
  Series series_;
};

}  // namespace vital::users

extern "C" void vital_register(vital::Registry& registry) {
  registry.reader<vital::users::UsersReader>("users", "How many users are logged in.")
      .reports("users/users", "log-ins; somebody with three terminals counts three times")
      .note("Counted are the sessions in utmp(5). A host without that file reports 0.");
}
