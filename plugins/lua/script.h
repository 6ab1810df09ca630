// SPDX-License-Identifier: MIT
#pragma once
#include <memory>
#include <mutex>
#include <string>

#include "base/file_stamp.h"
#include "base/root.h"
#include "lua/commands.h"
#include "lua/interpreter.h"
#include "lua/session.h"
#include "pipeline/writer.h"

namespace vital::lua {

/// Where a script is, and what it is given.
struct ScriptPlan {
  std::string path;
  std::string module_path{};  // goes before package.path
  std::vector<Statement> config{};
  bool has_config = false;
  Limits limits{};
  bool reload = true;
};

/// One script in an interpreter of its own. Its callbacks run one at a time, whichever thread calls
/// them. A file that changes is run anew and takes over from then on; one that cannot be run leaves
/// what there was.
///
/// Threads  any; stop() does not wait for a callback that runs
class Script {
 public:
  Script(Setup& setup, ScriptPlan plan);

  /// Runs the script for the first time. False: it could not be, and that is said.
  bool load();
  bool has(Event event);
  const std::string& path() const noexcept { return plan_.path; }

  /// When all is wired: what it dispatched so far goes on its way.
  void start();
  /// Its last callbacks; commands that it waits for are ended.
  void stop() noexcept;

  /// A file that has changed is run anew first.
  ///
  /// Errors  refused, limit: all callbacks that were called failed
  Status read(Batch& batch) noexcept;
  /// Errors  temporary: it ran away lately and is left alone for a while; refused, limit: a
  ///         callback failed
  Status write(const Sample& sample) noexcept;
  Status notify(const Notification& notification) noexcept;
  /// A callback that fails is said, and that is all: nothing is lost by it.
  void flush(const FlushRequest& request) noexcept;

  /// True while all that the event would call is left alone.
  bool rests(Event event) noexcept;

 private:
  /// Everything that running the file made.
  struct Life {
    Life(Host& host, const Log& log, Span interval, const Limits& limits)
        : session{host, log, interval}, interpreter{limits} {
      interpreter.owner = static_cast<Surface*>(&session);
    }
    Session session;  // before the interpreter that calls it
    Interpreter interpreter;
  };
  std::unique_ptr<Life> make_life();
  void reload_if_changed();
  void say(std::string_view whose, const Fault& fault) const;
  void compare(Life& before, Life& now) const;
  void watch_for_change() noexcept;

  std::optional<Fault> call(Event event, const Callback& callback, const void* argument);
  Status call_one(Event event, Callback& callback, const void* argument);
  Status call_all(Event event, const void* argument);
  void failed(Event event, Callback& callback, const Fault& fault);
  void works(Event event, Callback& callback);

  const ScriptPlan plan_;
  Host& host_;
  const Log log_;
  const Span interval_;
  const Root files_{"/"};
  KernelFile file_;  // so that a reader that rests for a fault of the file wakes when it changes
  Commands commands_;

  std::mutex mutex_;  // guards all below
  std::unique_ptr<Life> life_;
  FileStamp stamp_;
  bool started_ = false;
};

}  // namespace vital::lua
