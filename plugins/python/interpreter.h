// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <vector>

#include "python/session.h"

namespace vital::python {

/// The process's Python. There is one in a process, and once started it stays: modules in C that
/// scripts import cannot be taken down and set up again.
///
/// Errors   throws SetupError: it cannot be started, or serves another configuration already
/// Threads  made by the main thread, which holds the interpreter's lock until unlock()
class Interpreter {
 public:
  /// The session must outlive it.
  explicit Interpreter(Session& session);
  Interpreter(const Interpreter&) = delete;
  Interpreter& operator=(const Interpreter&) = delete;
  ~Interpreter();

  /// The module collectd.
  PyObject* module() const noexcept { return module_.get(); }
  /// Modules are looked for there first.
  void prepend_path(const std::string& directory);
  std::optional<Fault> import(const std::string& name);
  void unlock() noexcept;

 private:
  Session& session_;
  Ref module_;
  bool locked_ = true;
};

}  // namespace vital::python
