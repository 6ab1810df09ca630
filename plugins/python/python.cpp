// SPDX-License-Identifier: MIT
#include "plugin/plugin.h"
#include "python/convert.h"
#include "python/interpreter.h"
#include "python/late_reads.h"
#include "python/parts.h"
#include "python/script_log.h"

namespace vital::python {

/// All scripts of the plugin, in one interpreter. They are imported, configured and begun while the
/// daemon is set up; what they registered by then is what it knows of them.
class Python final : public Service {
 public:
  explicit Python(Setup& setup)
      : session_{setup.host(), setup.log(), setup.interval()}, interpreter_{session_} {
    session_.set_log_traces(setup.options().flag("LogTraces"));
    import(setup.options());
    configure(setup.options());
    call_all(Event::init);
    session_.seal([this](const std::shared_ptr<Callback>& read) { return late_.add(read); });
    wire(setup);
    interpreter_.unlock();
    setup.add(static_cast<Service&>(*this));
  }

  Status start() override {
    session_.start();
    return log_ ? log_->start() : Status{};
  }

  void stop() noexcept override { late_.stop(); }

  /// When all has been written and flushed.
  ~Python() override {
    {
      const Gil gil;
      call_all(Event::shutdown);
    }
    if (log_) log_->stop();
  }

 private:
  /// A ModulePath counts for the Import lines below it.
  void import(const Options& options) {
    const auto& paths = options.entries("ModulePath");
    auto path = paths.begin();
    for (const Options::Entry& module : options.entries("Import")) {
      for (; path != paths.end() && path->place < module.place; ++path)
        interpreter_.prepend_path(path->text());
      if (const auto fault = interpreter_.import(module.text()))
        session_.say(module.position.text() + ": Import \"" + module.text() + "\"", *fault);
    }
  }

  void configure(const Options& options) {
    for (const Options& block : options.blocks("Module")) {
      const std::string name = block.argument();
      const auto callback = session_.callbacks().find(Event::config, "python." + name);
      if (callback)
        session_.call_aloud(*callback, {config(statement_of(block), interpreter_.module())});
      else
        session_.log().warning(std::string_view{block.position().text()},
                               ": there are options for the module \"", std::string_view{name},
                               "\", but it was not imported or registered no config callback");
    }
  }

  static Statement statement_of(const Options& block) {
    return {.key = "Module",
            .arguments = block.arguments(),
            .children = block.statements(),
            .block = true,
            .position = block.position()};
  }

  void call_all(Event event) noexcept {
    const auto callbacks = session_.callbacks().all(event);  // they may register others
    for (const auto& callback : callbacks) session_.call_aloud(*callback, {});
  }

  void wire(Setup& setup) {
    for (const auto& callback : session_.callbacks().all(Event::read)) {
      readers_.push_back(std::make_unique<CallbackReader>(session_, callback));
      setup.add(*readers_.back(), {.name = callback->name.substr(kPrefix.size()),
                                   .interval = callback->interval,
                                   .blocking = true});
    }
    for (const auto& callback : session_.callbacks().all(Event::write))
      add_writer(setup, callback, session_.callbacks().find(Event::flush, callback->name));
    for (const auto& callback : session_.callbacks().all(Event::flush))
      if (!session_.callbacks().find(Event::write, callback->name))
        add_writer(setup, nullptr, callback);
    for (const auto& callback : session_.callbacks().all(Event::notification)) {
      notifiers_.push_back(
          std::make_unique<CallbackNotifier>(session_, interpreter_.module(), callback));
      setup.add(*notifiers_.back());
    }
    if (session_.callbacks().all(Event::log).empty()) return;
    log_ = std::make_unique<ScriptLog>(session_);
    setup.add(static_cast<LogSink&>(*log_));
  }

  void add_writer(Setup& setup, std::shared_ptr<Callback> write, std::shared_ptr<Callback> flush) {
    const std::string name = write ? write->name : flush->name;
    const auto ledger = std::make_shared<Ledger>();
    writers_.push_back(std::make_unique<CallbackWriter>(
        session_, interpreter_.module(), std::move(write), std::move(flush), ledger));
    // Under the name that FLUSH and chains of collectd know.
    setup.host().add(*writers_.back(),
                     {.name = name, .ledger = ledger, .options = &setup.options()});
  }

  static constexpr std::string_view kPrefix = "python.";

  Session session_;
  Interpreter interpreter_;
  std::vector<std::unique_ptr<CallbackReader>> readers_;
  std::vector<std::unique_ptr<CallbackWriter>> writers_;
  std::vector<std::unique_ptr<CallbackNotifier>> notifiers_;
  std::unique_ptr<ScriptLog> log_;
  LateReads late_{session_};
};

}  // namespace vital::python

extern "C" void vital_register(vital::Registry& registry) {
  using vital::Argument, vital::Texts, vital::Unset;
  auto& python = registry.plugin<vital::python::Python>(
      "python", "Runs scripts in Python 3 that read, write, and hear of notifications.");
  constexpr int kPatience =
      5;  // intervals: scripts that ask one thing after the other over a network
  python.isolated(kPatience).runs_programs();  // subprocess, os.system
  python.reports("PLUGIN/TYPE", "what the scripts dispatch; \"python\" where they name no plugin")
      .note(
          "Scripts find the module collectd with the interface that collectd-python(5) describes: "
          "register_config, _init, _read, _write, _flush, _log, _notification and _shutdown, the "
          "classes Values, Notification, Config, Signed, Unsigned and CollectdError, get_dataset, "
          "and error, warning, notice, info, debug. Callbacks are registered until the init "
          "callbacks have returned, reads at any time. Values.write() and collectd.flush() do not "
          "wait: "
          "a writer that there is not is named in the log.")
      .note(
          "All scripts share one interpreter; each read callback has a thread of its own, so that "
          "one that waits holds up no other. An exception is said once, with file and line, and "
          "rests the callback until it works again.");
  python
      .option("ModulePath", Texts{},
              "Where the modules are that Import lines below it name: goes before Python's own "
              "path.")
      .called("DIRECTORY")
      .option("Import", Texts{}, "A module to import.")
      .called("MODULE")
      .tree("Module", "NAME",
            "Options of one module, which its config callback is given as collectd.Config.")
      .option("LogTraces", false, "Log where an exception came from, line by line, as well.")
      .option("Encoding", "utf-8", "How text is encoded; Python 3 knows only one way here.")
      .check([](const std::vector<Argument>& arguments) -> std::string {
        if (vital::iequals(arguments.front().text, "utf-8") ||
            vital::iequals(arguments.front().text, "utf8"))
          return {};
        return "can only be utf-8 with Python 3, not \"" + arguments.front().text + "\"";
      })
      .option("Interactive", false, "collectd's interpreter on the terminal, which is not here.")
      .check([](const std::vector<Argument>& arguments) -> std::string {
        bool on = false;
        if (arguments.front().kind == Argument::Kind::boolean) on = arguments.front().boolean;
        return on ? "is not possible: there is no terminal; run python3 by hand" : "";
      })
      .ordered();
  vital::declare_queue(python);
}
