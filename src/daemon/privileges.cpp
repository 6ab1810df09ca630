// SPDX-License-Identifier: MIT
#include "daemon/privileges.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "daemon/ownership.h"
#include "plugin/setup.h"

namespace vital {
namespace {

using Written = OptionDeclaration::Written;

/// Visits the paths that plugins write to and that do not lie in BaseDir.
template <typename Visit>
void visit_written(const Configuration& configuration, Visit&& visit) {
  const auto absolute = [&](Written written, const std::string& path) {
    if (path.starts_with('/') && !path.starts_with("/dev/")) visit(written, path);
  };
  configuration.globals.visit_written(absolute);
  for (const PluginPlan& plan : configuration.plugins)
    if (plan.usable) plan.options.visit_written(absolute);
}

struct Identity {
  uid_t user = 0;
  gid_t group = 0;
  std::string name;  // of the user
};

/// Errors  unknown: there is no such user or group
Result<Identity> identity_of(const PrivilegePlan& plan) {
  Identity identity{.user = ::getuid(), .group = ::getgid(), .name = plan.user};
  if (!plan.user.empty()) {
    const passwd* const entry = ::getpwnam(plan.user.c_str());
    if (entry == nullptr) return Error{Errc::unknown, "User " + plan.user};
    identity.user = entry->pw_uid;
    identity.group = entry->pw_gid;
  }
  if (!plan.group.empty()) {
    const group* const entry = ::getgrnam(plan.group.c_str());
    if (entry == nullptr) return Error{Errc::unknown, "Group " + plan.group};
    identity.group = entry->gr_gid;
  }
  return identity;
}

Status become(const Identity& identity) {
  if (identity.name.empty()) {
    if (::setgroups(1, &identity.group) != 0) return Error::system("setgroups");
  } else if (::initgroups(identity.name.c_str(), identity.group) != 0) {
    return Error::system("the groups of " + identity.name);
  }
  ::prctl(PR_SET_KEEPCAPS, 1);  // they are dropped one by one afterwards
  if (::setresgid(identity.group, identity.group, identity.group) != 0 ||
      ::setresuid(identity.user, identity.user, identity.user) != 0)
    return Error::system("becoming " + identity.name);
  ::prctl(PR_SET_KEEPCAPS, 0);
  ::prctl(PR_SET_DUMPABLE, 1);  // else its own files in /proc are root's
  return {};
}

}  // namespace

Capabilities capabilities_for(const PluginPlan& plan) {
  Capabilities needed = 0;
  for (const auto& [number, when] : plan.plugin->capabilities())
    if (!when || when(plan.options)) needed |= capability(number);
  return needed;
}

PrivilegePlan privileges_for(const Configuration& configuration) {
  const Options& globals = configuration.globals;
  PrivilegePlan plan{.user = globals.text("User"),
                     .group = globals.text("Group"),
                     .drops_capabilities = globals.flag("DropCapabilities"),
                     .filters_calls = globals.flag("SystemCallFilter"),
                     .calls = {}};
  for (const PluginPlan& plugin : configuration.plugins) {
    if (!plugin.usable) continue;
    plan.capabilities |= capabilities_for(plugin);
    plan.calls.runs_itself = plan.calls.runs_itself || plugin.isolated;
    plan.calls.runs_programs = plan.calls.runs_programs || plugin.plugin->is_runner();
    const auto& more = plugin.plugin->system_calls();
    plan.calls.more.insert(plan.calls.more.end(), more.begin(), more.end());
  }
  if (globals.given("ControlSocketGroup")) plan.capabilities |= capability(CAP_CHOWN);
  plan.no_new_privileges = globals.given("NoNewPrivileges") ? globals.flag("NoNewPrivileges")
                                                            : !plan.calls.runs_programs;
  plan.calls.no_new_privileges = plan.no_new_privileges;
  return plan;
}

bool Privileges::give_up(const Configuration& configuration,
                         const std::vector<std::string>& directories) {
  PrivilegePlan plan = privileges_for(configuration);
  const bool root = ::geteuid() == 0;
  const Capabilities kept = needed(plan, configuration, directories);
  if (!root && !plan.user.empty() && plan.user != Owner::name_of(::geteuid()))
    log_.warning("User has no effect: only root can become somebody else");
  if (root && (!plan.user.empty() || !plan.group.empty()) &&
      !change_user(plan, configuration, directories))
    return false;
  // Without no_new_privs only root may load a filter, so it comes before what makes it root.
  if (plan.filters_calls && !plan.no_new_privileges) {
    (void)hand_down_capabilities(0);  // usable again, after it has become another user
    filter_calls(plan);
  }
  if (plan.drops_capabilities) drop_capabilities(kept, !plan.no_new_privileges);
  if (plan.no_new_privileges) forbid_new_privileges();
  if (plan.filters_calls && plan.no_new_privileges) filter_calls(plan);
  given_up_ = std::move(plan);
  return true;
}

bool Privileges::change_user(const PrivilegePlan& plan, const Configuration& configuration,
                             const std::vector<std::string>& directories) {
  const auto identity = identity_of(plan);
  if (!identity) {
    log_.error("there is no such user or group: ", identity.error(),
               "; the daemon does not run as root instead");
    return false;
  }
  Owner owner{identity->user, identity->group, log_};
  for (const std::string& directory : directories) owner.give_directory(directory);
  visit_written(configuration, [&](Written written, const std::string& path) {
    if (written == Written::file)
      owner.give_file(path);
    else
      owner.give_directory(path);
  });
  const Status status = become(*identity);
  if (!status) log_.error("the daemon does not run as root instead: ", status.error());
  return static_cast<bool>(status);
}

/// Root without CAP_DAC_OVERRIDE is a user as any other: what belongs to somebody else it could not
/// write to any more.
Capabilities Privileges::needed(const PrivilegePlan& plan, const Configuration& configuration,
                                const std::vector<std::string>& directories) const {
  if (::geteuid() != 0 || !plan.user.empty()) return plan.capabilities;
  std::string foreign;
  const auto look = [&](const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0 && status.st_uid != 0) foreign = path;
  };
  for (const std::string& directory : directories) look(directory);
  visit_written(configuration, [&](Written, const std::string& path) { look(path); });
  if (foreign.empty()) return plan.capabilities;
  log_.notice(
      std::string_view{foreign},
      " belongs to another user, so CAP_DAC_OVERRIDE is kept to write there; better set User");
  return plan.capabilities | capability(CAP_DAC_OVERRIDE);
}

void Privileges::drop_capabilities(Capabilities kept, bool may_gain) {
  if (held_capabilities() == 0) return;
  if (const auto status = keep_capabilities(kept, may_gain); !status)
    log_.warning("capabilities are not given up: ", status.error());
  else
    dropped_ = true;
}

void Privileges::tell() const {
  if (dropped_)
    log_.info("capabilities kept: ", std::string_view{names_of_capabilities(held_capabilities())});
}

void Privileges::forbid_new_privileges() {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    log_.warning("NoNewPrivileges: ", Error::system("prctl"));
}

void Privileges::filter_calls(const PrivilegePlan& plan) {
  if (!SystemCallFilter::known()) return;
  const auto status = filter_.load(plan.calls);
  if (status) return;
  if (plan.no_new_privileges || (held_capabilities() & capability(CAP_SYS_ADMIN)) != 0)
    log_.warning("no system call is forbidden: ", status.error());
  else
    log_.notice("no system call is forbidden: that takes root, or NoNewPrivileges true");
}

void Privileges::prepare(const Configuration&, const Configuration& wanted) {
  if (const std::string what = missing(wanted); !what.empty()) throw SetupError{what};
}

std::string Privileges::missing(const Configuration& configuration) const {
  if (!given_up_) return {};
  const PrivilegePlan wanted = privileges_for(configuration);
  const PrivilegePlan& now = *given_up_;
  const char* const kRestart = "; that was given up at the start, so the daemon must be restarted";
  for (const PluginPlan& plan : configuration.plugins) {
    if (!plan.usable) continue;
    const Capabilities lost = capabilities_for(plan) & ~now.capabilities;
    if (lost != 0 && now.drops_capabilities)
      return "plugin " + plan.name() + " needs " + names_of_capabilities(lost) + kRestart;
  }
  if (!now.filters_calls || now.calls.runs_programs) return {};
  if (wanted.calls.runs_programs || (wanted.calls.runs_itself && !now.calls.runs_itself))
    return std::string{"a plugin needs to start processes"} + kRestart;
  for (const std::string& name : wanted.calls.more)
    if (std::find(now.calls.more.begin(), now.calls.more.end(), name) == now.calls.more.end())
      return "a plugin needs the system call " + name + kRestart;
  return {};
}

}  // namespace vital
