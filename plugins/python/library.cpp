// SPDX-License-Identifier: MIT
#include "python/library.h"

#include <cstdio>
#include <new>

#include "python/convert.h"

namespace vital::python {
namespace {

constexpr std::string_view kPlugin = "python";  // of values that name none

constexpr const char* kSource =
#include "python/collectd_py.inc"
    ;

/// What a module's functions find their session by.
struct State {
  Session* session = nullptr;
};

Session& session_of(PyObject* module) noexcept {
  return *static_cast<State*>(PyModule_GetState(module))->session;
}

PyObject* none() noexcept { return Py_NewRef(Py_None); }

PyObject* raise(PyObject* type, const Error& error) noexcept {
  PyErr_SetString(type, std::string{error.message().view()}.c_str());
  return nullptr;
}

/// Five of the arguments are texts that name the series, in the order of the Python class.
struct Names {
  bool take(PyObject* const* arguments) noexcept {
    for (std::size_t i = 0; i < 5; ++i) {
      const auto text = text_of(arguments[i]);
      if (!text) return false;
      *fields()[i] = *text;
    }
    return true;
  }
  std::array<std::string_view*, 5> fields() noexcept {
    return {&identifier.type, &identifier.plugin_instance, &identifier.type_instance,
            &identifier.plugin, &identifier.host};
  }
  Identifier identifier;
};

/// Seconds as a Python number; false: it is none, and Python's error is set.
bool seconds_of(PyObject* object, Span& span) noexcept {
  const double seconds = PyFloat_AsDouble(object);
  if (PyErr_Occurred() != nullptr) return false;
  span = seconds > 0 ? span_of(seconds) : Span::zero();
  return true;
}

/// False: a fork of the plugin's process asks, and Python's error is set. There locks may be held
/// for ever, and what it dispatched would be lost in collectd, too.
bool may_speak(const Session& session) noexcept {
  if (session.at_home()) return true;
  PyErr_SetString(PyExc_RuntimeError,
                  "a forked process cannot reach the daemon: hand the values to its parent");
  return false;
}

/// What a Values object says.
struct ValueList {
  Series series;
  Time time{};
  Span interval{};
  std::vector<Value> values;
  std::shared_ptr<const Meta> meta;

  bool take(Session& session, PyObject* const* arguments);
};

/// (type, values, plugin_instance, type_instance, plugin, host, time, interval, meta). False:
/// Python's error is set.
bool ValueList::take(Session& session, PyObject* const* arguments) {
  const auto refuse = [](PyObject* type, const char* why, std::string_view what = {}) {
    PyErr_Format(type, why, std::string{what}.c_str());
    return false;
  };
  const std::array<PyObject*, 5> texts{arguments[0], arguments[2], arguments[3], arguments[4],
                                       arguments[5]};
  Names names;
  if (!names.take(texts.data())) return false;
  Identifier& identifier = names.identifier;
  if (identifier.type.empty()) return refuse(PyExc_RuntimeError, "type not set");
  if (identifier.plugin.empty()) identifier.plugin = kPlugin;
  const DataSet* const type = session.host().types().find(identifier.type);
  if (type == nullptr) return refuse(PyExc_TypeError, "Dataset %s not found", identifier.type);
  Span seconds{};
  Meta own_meta;
  if (!values_of(arguments[1], *type, values) || !seconds_of(arguments[6], seconds) ||
      !seconds_of(arguments[7], interval) || !meta_of(arguments[8], own_meta))
    return false;
  time = Time{seconds};
  if (!own_meta.empty()) meta = std::make_shared<const Meta>(std::move(own_meta));
  auto found = session.host().series().intern(identifier, *type);
  if (!found) {
    raise(PyExc_RuntimeError, found.error());
    return false;
  }
  series = std::move(*found);
  return true;
}

/// dispatch(a value list's nine)
PyObject* dispatch(PyObject* module, PyObject* const* arguments, Py_ssize_t size) {
  if (size != 9) return PyErr_Format(PyExc_TypeError, "dispatch() takes 9 arguments");
  Session& session = session_of(module);
  ValueList list;
  if (!may_speak(session) || !list.take(session, arguments)) return nullptr;
  const auto status =
      session.dispatch(list.series, list.time, list.interval, list.values, std::move(list.meta));
  return status ? none() : raise(PyExc_RuntimeError, status.error());
}

/// write(destination, and a value list's nine)
PyObject* write(PyObject* module, PyObject* const* arguments, Py_ssize_t size) {
  if (size != 10) return PyErr_Format(PyExc_TypeError, "write() takes 10 arguments");
  Session& session = session_of(module);
  const auto destination = text_of(arguments[0]);
  ValueList list;
  if (!destination || !may_speak(session) || !list.take(session, arguments + 1)) return nullptr;
  if (destination->empty()) return PyErr_Format(PyExc_RuntimeError, "no writer has an empty name");
  const auto status = session.write(std::string{*destination}, list.series, list.time,
                                    list.interval, list.values, std::move(list.meta));
  return status ? none() : raise(PyExc_RuntimeError, status.error());
}

/// flush(plugin, timeout, identifier): texts that may be empty, and whole seconds.
PyObject* flush(PyObject* module, PyObject* const* arguments, Py_ssize_t size) {
  if (size != 3) return PyErr_Format(PyExc_TypeError, "flush() takes 3 arguments");
  Session& session = session_of(module);
  const auto plugin = text_of(arguments[0]), identifier = text_of(arguments[2]);
  if (!plugin || !identifier || !may_speak(session)) return nullptr;
  const long timeout = PyLong_AsLong(arguments[1]);
  if (PyErr_Occurred() != nullptr) return nullptr;
  session.flush(std::string{*plugin}, {.older_than = span_of(static_cast<double>(timeout)),
                                       .identifier = std::string{*identifier}});
  return none();
}

/// notify(type, message, plugin_instance, type_instance, plugin, host, time, severity, meta)
PyObject* notify(PyObject* module, PyObject* const* arguments, Py_ssize_t size) {
  if (size != 9) return PyErr_Format(PyExc_TypeError, "notify() takes 9 arguments");
  Session& session = session_of(module);
  if (!may_speak(session)) return nullptr;
  const std::array<PyObject*, 5> texts{arguments[0], arguments[2], arguments[3], arguments[4],
                                       arguments[5]};
  Names names;
  const auto message = text_of(arguments[1]);
  Notification notification;
  Span time{};
  if (!message || !names.take(texts.data()) || !seconds_of(arguments[6], time) ||
      !meta_of(arguments[8], notification.meta))
    return nullptr;
  const long severity = PyLong_AsLong(arguments[7]);
  if (PyErr_Occurred() != nullptr) return nullptr;
  if (severity != 1 && severity != 2 && severity != 4)
    return PyErr_Format(PyExc_TypeError,
                        "severity must be one of NOTIF_FAILURE, NOTIF_WARNING, NOTIF_OKAY");
  const Identifier& identifier = names.identifier;
  notification.level = static_cast<Level>(severity);
  notification.set_message(*message);
  notification.time = time > Span::zero() ? Time{time} : session.host().clock().wall();
  notification.host = identifier.host.empty() ? session.host().host_name() : identifier.host;
  notification.plugin = identifier.plugin.empty() ? kPlugin : identifier.plugin;
  notification.plugin_instance = identifier.plugin_instance;
  notification.type = identifier.type;
  notification.type_instance = identifier.type_instance;
  session.notify(std::move(notification));
  return none();
}

PyObject* log(PyObject* module, PyObject* const* arguments, Py_ssize_t size) {
  if (size != 2) return PyErr_Format(PyExc_TypeError, "log() takes 2 arguments");
  const long severity = PyLong_AsLong(arguments[0]);
  const auto message = text_of(arguments[1]);
  if (!message || PyErr_Occurred() != nullptr) return nullptr;
  const std::string text{message->substr(0, Log::kLongest)};
  Session& session = session_of(module);
  const WithoutGil without;
  if (!session.at_home())
    std::fprintf(stderr, "%s\n", text.c_str());  // which is in the log, too
  else
    session.host().log_hub().write(static_cast<Severity>(severity), text);
  return Py_NewRef(Py_None);
}

/// register(event, name, callback, data, interval)
PyObject* register_callback(PyObject* module, PyObject* const* arguments, Py_ssize_t size) {
  if (size != 5) return PyErr_Format(PyExc_TypeError, "register() takes 5 arguments");
  Session& session = session_of(module);
  if (!may_speak(session)) return nullptr;
  const auto event_name = text_of(arguments[0]), name = text_of(arguments[1]);
  Span interval{};
  if (!event_name || !name || !seconds_of(arguments[4], interval)) return nullptr;
  const auto event = event_of(*event_name);
  if (!event) return PyErr_Format(PyExc_ValueError, "no such event");
  const bool late = session.sealed();
  if (late && *event != Event::read && *event != Event::shutdown)
    return PyErr_Format(PyExc_RuntimeError,
                        "a %s callback can be registered until the init callbacks have returned",
                        std::string{*event_name}.c_str());
  auto callback = std::make_shared<Callback>();
  callback->event = *event;
  callback->name = *name;
  callback->function = Ref::share(arguments[2]);
  callback->data = Ref::share(arguments[3]);
  callback->interval = interval;
  const auto added = session.callbacks().add(std::move(callback));
  if (!added)
    session.log().warning("there is a read callback ", *name,
                          " already; give the second another name");
  if (!added || !late || *event != Event::read) return none();
  const auto status = session.add_late(added);
  return status ? none() : raise(PyExc_RuntimeError, status.error());
}

PyObject* unregister_callback(PyObject* module, PyObject* const* arguments, Py_ssize_t size) {
  if (size != 2) return PyErr_Format(PyExc_TypeError, "unregister() takes 2 arguments");
  const auto event_name = text_of(arguments[0]), name = text_of(arguments[1]);
  if (!event_name || !name) return nullptr;
  const auto event = event_of(*event_name);
  return PyBool_FromLong(event && session_of(module).callbacks().remove(*event, *name) ? 1 : 0);
}

PyObject* knows_type(PyObject* module, PyObject* name) {
  const auto text = text_of(name);
  if (!text) return nullptr;
  return PyBool_FromLong(session_of(module).host().types().find(*text) != nullptr ? 1 : 0);
}

Ref bound(double value) noexcept {
  return value != value ? Ref::share(Py_None) : Ref{PyFloat_FromDouble(value)};
}

/// [(name, kind, min, max), ...], or None.
PyObject* dataset(PyObject* module, PyObject* name) {
  const auto text = text_of(name);
  if (!text) return nullptr;
  const DataSet* const type = session_of(module).host().types().find(*text);
  if (type == nullptr) return none();
  Ref list{PyList_New(0)};
  for (const DataSource& source : type->sources) {
    const Ref min = bound(source.min), max = bound(source.max);
    const Ref one{Py_BuildValue("(ssOO)", source.name.c_str(),
                                std::string{name_of(source.kind)}.c_str(), min.get(), max.get())};
    if (!list || !one || PyList_Append(list.get(), one.get()) != 0) return nullptr;
  }
  return list.release();
}

template <typename Function>
PyCFunction fast(Function* function) noexcept {
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function));
}

/// C++ exceptions must not cross the interpreter: here they become Python's.
template <PyObject* (*kFunction)(PyObject*, PyObject* const*, Py_ssize_t)>
PyObject* guarded(PyObject* module, PyObject* const* arguments, Py_ssize_t size) noexcept {
  try {
    return kFunction(module, arguments, size);
  } catch (const std::exception& error) {
    return PyErr_Format(PyExc_RuntimeError, "%s", error.what());
  }
}

PyMethodDef methods[] = {
    {"dispatch", fast(guarded<dispatch>), METH_FASTCALL, "Hands values on."},
    {"write", fast(guarded<write>), METH_FASTCALL, "Hands values to one writer."},
    {"flush", fast(guarded<flush>), METH_FASTCALL, "Asks writers to flush."},
    {"notify", fast(guarded<notify>), METH_FASTCALL, "Hands a notification on."},
    {"log", fast(guarded<log>), METH_FASTCALL, "Logs a message."},
    {"register", fast(guarded<register_callback>), METH_FASTCALL, "Registers a callback."},
    {"unregister", fast(guarded<unregister_callback>), METH_FASTCALL, "Takes one back."},
    {"knows_type", knows_type, METH_O, "Whether types.db has a type."},
    {"dataset", dataset, METH_O, "The data sources of a type."},
    {nullptr, nullptr, 0, nullptr},
};

PyModuleDef definition = {.m_base = PyModuleDef_HEAD_INIT,
                          .m_name = "_vital",
                          .m_doc = "The daemon's side of the module collectd.",
                          .m_size = sizeof(State),
                          .m_methods = methods,
                          .m_slots = nullptr,
                          .m_traverse = nullptr,
                          .m_clear = nullptr,
                          .m_free = nullptr};

PyObject* make_module() noexcept { return PyModule_Create(&definition); }

}  // namespace

void announce_library() noexcept { PyImport_AppendInittab("_vital", make_module); }

Ref load_library(Session& session) {
  const Ref module{PyImport_ImportModule("_vital")};
  if (!module) return {};
  new (PyModule_GetState(module.get())) State{&session};
  const Ref code{Py_CompileString(kSource, "collectd.py", Py_file_input)};
  return code ? Ref{PyImport_ExecCodeModule("collectd", code.get())} : Ref{};
}

}  // namespace vital::python
