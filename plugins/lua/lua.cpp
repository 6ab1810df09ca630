// SPDX-License-Identifier: MIT
#include <dlfcn.h>

#include "lua/filter.h"
#include "lua/script.h"
#include "plugin/plugin.h"

namespace vital::lua {
namespace {

std::string without_slashes(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

Limits limits_of(const Options& options) {
  return {.memory_bytes = static_cast<std::size_t>(parse_size(options.text("MemoryLimit"))),
          .instructions = static_cast<std::uint64_t>(options.integer("InstructionLimit")),
          .cpu = nanoseconds(options.duration("TimeLimit"))};
}

/// What the script's <Module> block holds; its name is the script's, as the configuration has it.
void add_config(ScriptPlan& plan, const std::string& name, const Options& options) {
  for (const Options& block : options.blocks("Module")) {
    if (block.argument() != name && block.argument() + ".lua" != name) continue;
    const auto& statements = block.statements();
    plan.config.insert(plan.config.end(), statements.begin(), statements.end());
    plan.has_config = true;
  }
}

/// The scripts, each with the BasePath that stands above it.
std::vector<ScriptPlan> plans_of(const Options& options) {
  const auto& bases = options.entries("BasePath");
  std::vector<ScriptPlan> plans;
  for (const Options::Entry& script : options.entries("Script")) {
    ScriptPlan plan{
        .path = script.text(), .limits = limits_of(options), .reload = options.flag("Reload")};
    std::string base;
    for (const Options::Entry& entry : bases) {
      if (entry.place > script.place) continue;
      base = without_slashes(entry.text());
      plan.module_path = base + "/?.lua" + (plan.module_path.empty() ? "" : ";") + plan.module_path;
    }
    if (!base.empty()) plan.path = base + "/" + plan.path;
    add_config(plan, script.text(), options);
    plans.push_back(std::move(plan));
  }
  return plans;
}

/// Modules in C that scripts require() have no library of their own: they take Lua's functions from
/// the process, where ours must be seen.
void show_library() noexcept { ::dlopen("liblua5.4.so.0", RTLD_NOW | RTLD_NOLOAD | RTLD_GLOBAL); }

}  // namespace

/// The reads of one script; each looks whether the file has changed, too.
class ScriptReader final : public Reader {
 public:
  explicit ScriptReader(Script& script) : script_{script} {}
  Status read(Batch& batch) noexcept override { return script_.read(batch); }

 private:
  Script& script_;
};

/// Hands values to the write callbacks of one script, one after the other.
class ScriptWriter final : public Writer {
 public:
  ScriptWriter(Script& script, std::shared_ptr<Ledger> ledger)
      : script_{script}, ledger_{std::move(ledger)} {}

  /// What a callback failed for is lost, as it may have been sent half. While they are left alone
  /// for having run away, values wait.
  Status write(const Batch& batch) noexcept override {
    if (script_.rests(Event::write)) return Error{Errc::temporary, "the script ran away and rests"};
    for (const Sample& sample : batch)
      if (script_.rests(Event::write) || !script_.write(sample)) ledger_->dropped(Loss::failed);
    return {};
  }
  Status flush(const FlushRequest& request) noexcept override {
    script_.flush(request);
    return {};
  }

 private:
  Script& script_;
  const std::shared_ptr<Ledger> ledger_;
};

class ScriptNotifier final : public Notifier {
 public:
  explicit ScriptNotifier(Script& script) : script_{script} {}
  Status notify(const Notification& notification) noexcept override {
    return script_.notify(notification);
  }

 private:
  Script& script_;
};

class Lua final : public Service {
 public:
  explicit Lua(Setup& setup) {
    show_library();
    for (ScriptPlan& plan : plans_of(setup.options())) {
      scripts_.push_back(std::make_unique<Script>(setup, std::move(plan)));
      (void)scripts_.back()->load();
      wire(setup, *scripts_.back());
    }
    setup.add(static_cast<Service&>(*this));
  }

  Status start() override {
    for (const auto& script : scripts_) script->start();
    return {};
  }
  void stop() noexcept override {
    for (const auto& script : scripts_) script->stop();
  }

 private:
  void wire(Setup& setup, Script& script) {
    readers_.push_back(std::make_unique<ScriptReader>(script));
    setup.add(*readers_.back(), {.name = script.path(), .blocking = true});
    if (script.has(Event::write) || script.has(Event::flush)) {
      const auto ledger = std::make_shared<Ledger>();
      writers_.push_back(std::make_unique<ScriptWriter>(script, ledger));
      setup.add(*writers_.back(), {.name = script.path(), .ledger = ledger});
    }
    if (script.has(Event::notification)) {
      notifiers_.push_back(std::make_unique<ScriptNotifier>(script));
      setup.add(*notifiers_.back(), {.name = script.path()});
    }
  }

  std::vector<std::unique_ptr<Script>> scripts_;
  std::vector<std::unique_ptr<ScriptReader>> readers_;
  std::vector<std::unique_ptr<ScriptWriter>> writers_;
  std::vector<std::unique_ptr<ScriptNotifier>> notifiers_;
};

}  // namespace vital::lua

extern "C" void vital_register(vital::Registry& registry) {
  using vital::Argument, vital::Texts, vital::Unset;
  auto& lua = registry.plugin<vital::lua::Lua>(
      "lua", "Runs scripts in Lua that read, write, and hear of notifications.");
  lua.runs_programs();  // os.execute, io.popen
  lua.reports("PLUGIN/TYPE", "what the scripts dispatch; \"lua\" where they name no plugin")
      .note(
          "Each script has an interpreter of its own (Lua 5.4), and its callbacks are called one "
          "at "
          "a time. In the table `collectd` it finds register_read, register_write, "
          "dispatch_values, "
          "log_debug, log_info, log_notice, log_warning and log_error as collectd has them, and "
          "beside them:")
      .note(
          "register_notification(f): f gets a table with severity (NOTIF_FAILURE, NOTIF_WARNING or "
          "NOTIF_OKAY), time, message, host, plugin, plugin_instance, type, type_instance and "
          "meta. "
          "dispatch_notification(t) takes such a table; severity may be \"failure\", \"warning\" "
          "or "
          "\"okay\".")
      .note(
          "register_init(f), register_shutdown(f), register_flush(f): f is called when the daemon "
          "has started, before it ends, and with a number of seconds and an identifier when the "
          "script is to write out what it holds.")
      .note(
          "register_config(f): f gets the script's <Module> block as a table: an option's value "
          "under its name, and all of them in their order as {key=..., values={...}, "
          "children={...}}.")
      .note(
          "register_match(NAME, f), register_target(NAME, f): for filter chains, see match_lua and "
          "target_lua.")
      .note(
          "series{plugin=..., type=..., ...} gives a handle; handle:submit(value, ...) is the "
          "cheapest way to hand on a value at each read. hostname() is what this host is called.")
      .note(
          "A callback that raises an error, or returns something else than 0, is named in the log "
          "with its line and where it was called from, once. One that uses more than it may is "
          "stopped and left alone for a while. Scripts cannot end the daemon: os.exit and "
          "debug.sethook raise an error. What io.popen and os.execute start is ended with the "
          "daemon.");
  lua.option("BasePath", Texts{},
             "Where the scripts below it are, and the first place where they find modules.")
      .called("DIRECTORY")
      .option("Script", Texts{}, "A script to run: a path below BasePath, if there is one.")
      .called("FILE")
      .tree("Module", "SCRIPT", "What the script's register_config() callback is given.")
      .since("vitald 1")
      .option("MemoryLimit", "64M", "How much memory each script may have.")
      .since("vitald 1")
      .called("SIZE")
      .check([](const std::vector<Argument>& arguments) -> std::string {
        if (vital::parse_size(arguments.front().text) != 0) return {};
        return "\"" + arguments.front().text + "\" is no size such as 64M";
      })
      .option("TimeLimit", std::chrono::seconds{2},
              "How much CPU time a callback may take, in seconds; 0: any. Waiting is free.")
      .since("vitald 1")
      .at_least(0)
      .option("InstructionLimit", 0, "How many of Lua's instructions a callback may take; 0: any.")
      .since("vitald 1")
      .at_least(0)
      .option("Reload", true, "Run a script anew when its file changes.")
      .since("vitald 1")
      .ordered();

  auto& match = registry.match<vital::lua::LuaMatch>(
      "match_lua", "Asks a function of a script in Lua whether a rule applies.");
  match
      .note(
          "The script calls collectd.register_match(NAME, f). f gets a table with host, plugin, "
          "plugin_instance, type, type_instance, time, interval, values, dsnames, dstypes, rates "
          "and meta, and returns true or false.")
      .note(
          "The script is run in an interpreter of its own for each block, beside those of its "
          "reads: variables are not shared, and values do not wait for what those do. It cannot "
          "dispatch values or start commands. When f fails, that is named once with its line, and "
          "the rule does not apply; a call that uses more than it may is stopped, and the "
          "function left alone for a while. When the file changes it is run anew.");
  vital::lua::declare_filter(match);
  auto& target = registry.target<vital::lua::LuaTarget>(
      "target_lua", "Lets a function of a script in Lua change values.");
  target
      .note(
          "The script calls collectd.register_target(NAME, f). f gets the table that a match gets "
          "and returns it with what is to change: names (not the type), values, meta, and behind "
          "the cache the rates of totals. It may return \"stop\" or \"return\" instead, which "
          "are what the targets of these names do, or nothing. dispatch_notification() is "
          "possible.")
      .note("The script runs as match_lua says. When f fails the value goes on unchanged.");
  vital::lua::declare_filter(target);
}
