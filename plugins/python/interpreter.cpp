// SPDX-License-Identifier: MIT
#include "python/interpreter.h"

#include <dlfcn.h>

#include "python/convert.h"
#include "python/library.h"

namespace vital::python {
namespace {

#define VITAL_TEXT_OF(x) #x
#define VITAL_TEXT(x) VITAL_TEXT_OF(x)
constexpr const char* kLibrary =
    "libpython" VITAL_TEXT(PY_MAJOR_VERSION) "." VITAL_TEXT(PY_MINOR_VERSION) ".so.1.0";

/// Modules in C have no library of their own: they take Python's functions from the process, where
/// ours must be seen.
void show_library() noexcept { ::dlopen(kLibrary, RTLD_NOW | RTLD_NOLOAD | RTLD_GLOBAL); }

/// As `python3` would start, but that signals stay the daemon's and there are no arguments.
void start() {
  PyConfig config;
  PyConfig_InitPythonConfig(&config);
  config.install_signal_handlers = 0;
  config.parse_argv = 0;
  PyStatus status = PyConfig_SetBytesString(&config, &config.program_name, "vitald");
  if (PyStatus_Exception(status) == 0) status = Py_InitializeFromConfig(&config);
  PyConfig_Clear(&config);
  if (PyStatus_Exception(status) != 0)
    throw SetupError{"Python cannot be started: " +
                     std::string{status.err_msg != nullptr ? status.err_msg : "no reason given"}};
}

}  // namespace

Interpreter::Interpreter(Session& session) : session_{session} {
  if (Py_IsInitialized() != 0)
    throw SetupError{
        "the Python in this process serves the old configuration; restart vitald, or give the "
        "plugin Isolation \"process\""};
  show_library();
  announce_library();
  start();
  module_ = load_library(session);
  if (module_) return;
  const Fault fault = take_fault();
  unlock();
  throw SetupError{"the module collectd cannot be made: " + fault.what};
}

Interpreter::~Interpreter() {
  if (locked_) unlock();
  static_cast<void>(module_.release());  // the interpreter stays, and with it its modules
}

void Interpreter::unlock() noexcept {
  locked_ = false;
  static_cast<void>(PyEval_SaveThread());
}

void Interpreter::prepend_path(const std::string& directory) {
  PyObject* const path = PySys_GetObject("path");
  const Ref entry = text(directory);
  if (path == nullptr || !entry || PyList_Insert(path, 0, entry.get()) != 0) PyErr_Clear();
}

std::optional<Fault> Interpreter::import(const std::string& name) {
  const Ref module{PyImport_ImportModule(name.c_str())};
  session_.back_from_script();
  if (module) return std::nullopt;
  return take_fault();
}

}  // namespace vital::python
