// SPDX-License-Identifier: MIT
#include <linux/capability.h>

#include "exec/supervisor.h"
#include "plugin/plugin.h"

namespace vital::exec {
namespace {

/// A boolean is given as collectd gives it, however it was written.
std::string argument_of(const Argument& argument) {
  if (argument.kind != Argument::Kind::boolean) return argument.text;
  return argument.boolean ? "true" : "false";
}

std::string last_part(const std::string& path) {
  return path.substr(path.rfind('/') + 1).substr(0, 127);
}

std::vector<ProgramPlan> plans_of(const Options& options, std::string_view name) {
  std::vector<ProgramPlan> plans;
  for (const Options::Entry& entry : options.entries(name)) {
    ProgramPlan plan{.name = last_part(entry.text(1)),
                     .account = Account::parse(entry.text(0)),
                     .path = entry.text(1),
                     .arguments = {last_part(entry.text(1))}};
    for (std::size_t at = 2; at < entry.arguments.size(); ++at)
      plan.arguments.push_back(argument_of(entry.arguments[at]));
    plans.push_back(std::move(plan));
  }
  return plans;
}

std::string two_texts(const std::vector<Argument>& arguments) {
  if (arguments[0].kind == Argument::Kind::string && arguments[1].kind == Argument::Kind::string)
    return {};
  return "the user and the program are texts";
}

}  // namespace

/// Its reads only say that an interval has begun; values come when programs print them.
class Exec final : public Reader, public Notifier, public Service {
 public:
  explicit Exec(Setup& setup)
      : supervisor_{{setup.host(), setup.interval()},
                    plans_of(setup.options(), "Exec"),
                    plans_of(setup.options(), "NotificationExec")} {
    setup.add(static_cast<Reader&>(*this));
    if (!setup.options().entries("NotificationExec").empty())
      setup.add(static_cast<Notifier&>(*this));
    setup.add(static_cast<Service&>(*this));
  }

  Status start() override { return supervisor_.start(); }
  void stop() noexcept override { supervisor_.stop(); }

  Status read(Batch&) noexcept override {
    supervisor_.tick();
    return {};
  }
  Status notify(const Notification& notification) noexcept override {
    return supervisor_.notify(text_of(notification));
  }

 private:
  Supervisor supervisor_;
};

}  // namespace vital::exec

extern "C" void vital_register(vital::Registry& registry) {
  registry
      .plugin<vital::exec::Exec>(
          "exec", "Runs programs that print values, and programs that are told of notifications.")
      // To become the user that a program is to run as, and to end it then.
      .needs_capability(CAP_SETUID)
      .needs_capability(CAP_SETGID)
      .needs_capability(CAP_KILL)
      .runs_programs()
      .reports("PLUGIN/TYPE", "what the programs print")
      .note(
          "A program prints PUTVAL and PUTNOTIF commands, one a line, as on the control socket. It "
          "may do so once and end, and is then started again at the next interval, or go on for "
          "ever. COLLECTD_INTERVAL and COLLECTD_HOSTNAME are in its environment; what it writes "
          "to standard error goes to the log. Empty lines and those that begin with # mean "
          "nothing.")
      .note(
          "Each program has a process group of its own. The group ends with its first process, and "
          "with the daemon: by SIGTERM, and after a second by SIGKILL. A program that fails "
          "without having printed a value is started again after longer and longer pauses. One "
          "that closes its standard output and lives on is ended. A line may have 64 KiB, and what "
          "a program prints beyond 8 MiB in an interval waits for the next one.")
      .note(
          "A program of NotificationExec is started for each notification and reads it from its "
          "standard input: lines \"Name: value\", an empty line, the message. It may take five "
          "minutes.")
      .note(
          "No program runs as root. To run programs as another user the daemon must be root; they "
          "have that user's primary group, the group that is named, and no other.")
      .option("Exec", vital::Texts{}, "A program that prints values.")
      .arguments(2, vital::Declaration::kAny)
      .called("USER[:[GROUP]] PROGRAM [ARGUMENT ...]")
      .check(vital::exec::two_texts)
      .option("NotificationExec", vital::Texts{}, "A program that is told of each notification.")
      .arguments(2, vital::Declaration::kAny)
      .called("USER[:[GROUP]] PROGRAM [ARGUMENT ...]")
      .check(vital::exec::two_texts);
}
