// SPDX-License-Identifier: MIT
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/file_stamp.h"
#include "base/trouble.h"
#include "lua/interpreter.h"
#include "lua/surface.h"
#include "pipeline/filter.h"

namespace vital {
class PluginDeclaration;
}

namespace vital::lua {

/// What a script finds that runs for a filter chain: it may look at the value that passes, and
/// change it, but values of its own would have to wait for that one, so there are none.
class FilterSurface final : public Surface {
 public:
  FilterSurface(const Clock& clock, Log log, const Types& types, SeriesTable& table);

  void log(Severity severity, std::string_view message) const noexcept override;
  std::string host_name() const override { return table_.local_host(); }
  Refusal dispatch(const ValueTable&) noexcept override;
  Refusal notify(Notification notification) noexcept override;
  Refusal submit(const Series&, const LuaNumbers&) noexcept override;
  Refusal add(Event, std::string_view, int) noexcept override { return {}; }
  Refusal add_filter(FilterKind kind, std::string_view name, int reference) noexcept override;

  /// The registered function's place in Lua's registry; nothing: there is none of that name.
  std::optional<int> find(FilterKind kind, std::string_view name) const noexcept;
  Passage* passing = nullptr;  // what a target is called for

 private:
  struct Filter {
    FilterKind kind;
    std::string name;
    int reference;
  };

  const Clock& clock_;
  const Log log_;
  SeriesTable& table_;
  std::vector<Filter> filters_;
};

/// A function that a script registered as a match or target, in an interpreter of its own: what
/// the script's reads do, and how long they take, is no matter of the chain's. One that fails is
/// named once; one that uses more than it may is left alone for a while. A file that changes is run
/// anew; one that cannot be run leaves what there was.
///
/// Errors   the constructor throws ConfigError: no such file, it cannot be run, no such function
/// Threads  the pipeline's lock is held
class FilterScript {
 public:
  FilterScript(const FilterSetup& setup, FilterKind kind);

  struct Call {
    const Passage& value;
    Passage* changing = nullptr;  // the same, for a target
    SeriesTable& table;
    int reference = 0;
    bool matched = false;
    Next next = Next::proceed;
  };
  SeriesTable& table() const noexcept { return table_; }
  /// Calls the function with the value. False: it failed, or rests.
  bool run(Call& call) noexcept;

 private:
  /// Everything that running the file made.
  struct Life {
    Life(const FilterScript& script)
        : surface{script.clock_, script.log_, script.types_, script.table_},
          interpreter{script.limits_} {
      interpreter.owner = static_cast<Surface*>(&surface);
    }
    FilterSurface surface;  // before the interpreter that calls it
    Interpreter interpreter;
    int reference = 0;
  };
  /// Runs the file in a new interpreter; else the fault.
  std::unique_ptr<Life> run_file(std::optional<Fault>& fault);
  void reload_if_changed();
  void failed(const Fault& fault) noexcept;

  const FilterKind kind_;
  const std::string path_, function_;
  const Limits limits_;
  const Clock& clock_;
  const Log log_;
  const Types& types_;
  SeriesTable& table_;
  const std::string what_;  // "the match hot of /etc/x.lua"
  std::unique_ptr<Life> life_;
  FileStamp stamp_;
  Steady next_look_{};
  Trouble trouble_;
  unsigned runaways_ = 0;  // in a row
  Steady rest_until_{};
};

/// Asks the function, which is to return true or false.
class LuaMatch final : public Match {
 public:
  explicit LuaMatch(const FilterSetup& setup) : script_{setup, FilterKind::match} {}
  Result<bool> matches(const Passage& value) noexcept override;

 private:
  FilterScript script_;
};

/// Takes from the function a changed value, "stop" or "return", or nothing.
class LuaTarget final : public Target {
 public:
  explicit LuaTarget(const FilterSetup& setup) : script_{setup, FilterKind::target} {}
  Result<Next> apply(Passage& value) noexcept override;

 private:
  FilterScript script_;
};

/// The options of both.
void declare_filter(PluginDeclaration& declaration);

}  // namespace vital::lua
