// SPDX-License-Identifier: MIT
#include "python/convert.h"

#include <limits>
#include <memory>

namespace vital::python {
namespace {

/// The class of that name in a module.
Ref class_of(PyObject* module, const char* name) noexcept {
  return Ref{PyObject_GetAttrString(module, name)};
}

bool is_a(PyObject* object, PyObject* module, const char* name) noexcept {
  const Ref type = class_of(module, name);
  return type && PyObject_IsInstance(object, type.get()) == 1;
}

std::optional<MetaValue> integer_of(PyObject* object, PyObject* module) noexcept {
  const bool wants_unsigned = module != nullptr && is_a(object, module, "Unsigned");
  if (!wants_unsigned) {
    const long long number = PyLong_AsLongLong(object);
    if (number != -1 || PyErr_Occurred() == nullptr) return std::int64_t{number};
    if (PyErr_ExceptionMatches(PyExc_OverflowError) == 0) return std::nullopt;
    PyErr_Clear();
  }
  const unsigned long long number = PyLong_AsUnsignedLongLong(object);
  if (PyErr_Occurred() != nullptr) return std::nullopt;
  return std::uint64_t{number};
}

std::optional<MetaValue> meta_value_of(PyObject* object, PyObject* module) {
  if (PyBool_Check(object)) return MetaValue{object == Py_True};
  if (PyLong_Check(object)) return integer_of(object, module);
  if (PyFloat_Check(object)) return MetaValue{PyFloat_AS_DOUBLE(object)};
  const auto text = text_of(object);
  if (!text) return std::nullopt;
  return MetaValue{std::string{*text}};
}

Ref object_of(const MetaValue& value, PyObject* module) {
  if (const auto* string = std::get_if<std::string>(&value)) return text(*string);
  if (const auto* real = std::get_if<double>(&value)) return Ref{PyFloat_FromDouble(*real)};
  if (const auto* flag = std::get_if<bool>(&value)) return Ref{PyBool_FromLong(*flag ? 1 : 0)};
  const auto* natural = std::get_if<std::uint64_t>(&value);
  const Ref type = class_of(module, natural != nullptr ? "Unsigned" : "Signed");
  if (!type) return {};
  const Ref number{natural != nullptr ? PyLong_FromUnsignedLongLong(*natural)
                                      : PyLong_FromLongLong(std::get<std::int64_t>(value))};
  return number ? Ref{PyObject_CallOneArg(type.get(), number.get())} : Ref{};
}

/// A tuple of what `make` returns for each element; empty when one of them fails.
template <typename Range, typename Make>
Ref tuple_of(const Range& range, Make&& make) {
  Ref tuple{PyTuple_New(static_cast<Py_ssize_t>(range.size()))};
  Py_ssize_t at = 0;
  for (const auto& element : range) {
    Ref object = tuple ? make(element) : Ref{};
    if (!object) return {};
    PyTuple_SET_ITEM(tuple.get(), at++, object.release());
  }
  return tuple;
}

Ref argument(const Argument& argument) {
  switch (argument.kind) {
    case Argument::Kind::number:
      return Ref{PyFloat_FromDouble(argument.number)};
    case Argument::Kind::boolean:
      return Ref{PyBool_FromLong(argument.boolean ? 1 : 0)};
    case Argument::Kind::string:
      break;
  }
  return text(argument.text);
}

Ref config_below(const Statement& statement, PyObject* parent, PyObject* type) {
  const Ref key = text(statement.key);
  const Ref values = tuple_of(statement.arguments, argument);
  if (!key || !values) return {};
  Ref node{PyObject_CallFunctionObjArgs(type, key.get(), parent, values.get(), nullptr)};
  if (!node) return {};
  const Ref children = tuple_of(statement.children, [&](const Statement& child) {
    return config_below(child, node.get(), type);
  });
  if (!children || PyObject_SetAttrString(node.get(), "children", children.get()) != 0) return {};
  return node;
}

}  // namespace

std::optional<std::string_view> text_of(PyObject* object) noexcept {
  Py_ssize_t size = 0;
  if (PyUnicode_Check(object)) {
    const char* const bytes = PyUnicode_AsUTF8AndSize(object, &size);
    if (bytes == nullptr) return std::nullopt;
    return std::string_view{bytes, static_cast<std::size_t>(size)};
  }
  if (PyBytes_Check(object))
    return std::string_view{PyBytes_AS_STRING(object),
                            static_cast<std::size_t>(PyBytes_GET_SIZE(object))};
  PyErr_Format(PyExc_TypeError, "a string was expected, not %s", Py_TYPE(object)->tp_name);
  return std::nullopt;
}

Ref text(std::string_view text) noexcept {
  const auto size = static_cast<Py_ssize_t>(text.size());
  if (Ref decoded{PyUnicode_DecodeUTF8(text.data(), size, "strict")}) return decoded;
  PyErr_Clear();
  return Ref{PyBytes_FromStringAndSize(text.data(), size)};
}

bool value_of(PyObject* number, Kind kind, Value& value) noexcept {
  if (kind == Kind::gauge) {
    const Ref real{PyNumber_Float(number)};  // of a string as well
    if (real) value.gauge = PyFloat_AS_DOUBLE(real.get());
    return static_cast<bool>(real);
  }
  const Ref whole{PyNumber_Long(number)};
  if (!whole) return false;
  if (kind == Kind::derive)
    value.derive = PyLong_AsLongLong(whole.get());
  else
    value.counter = PyLong_AsUnsignedLongLong(whole.get());
  return PyErr_Occurred() == nullptr;
}

bool values_of(PyObject* sequence, const DataSet& type, std::vector<Value>& values) {
  if (!PyList_Check(sequence) && !PyTuple_Check(sequence)) {
    PyErr_SetString(PyExc_TypeError, "values must be list or tuple");
    return false;
  }
  const auto size = static_cast<std::size_t>(PySequence_Fast_GET_SIZE(sequence));
  if (size != type.size()) {
    PyErr_Format(PyExc_RuntimeError, "type %s needs %zu values, got %zu", type.type.c_str(),
                 type.size(), size);
    return false;
  }
  values.resize(size);
  for (std::size_t i = 0; i < size; ++i) {
    PyObject* const number = PySequence_Fast_GET_ITEM(sequence, static_cast<Py_ssize_t>(i));
    if (!value_of(number, type.sources[i].kind, values[i])) return false;
  }
  return true;
}

Ref values(const Sample& sample) noexcept {
  Ref list{PyList_New(static_cast<Py_ssize_t>(sample.values.size()))};
  for (std::size_t i = 0; list && i < sample.values.size(); ++i) {
    const Value value = sample.values[i];
    PyObject* number = nullptr;
    switch (sample.kind(i)) {
      case Kind::gauge:
        number = PyFloat_FromDouble(value.gauge);
        break;
      case Kind::derive:
        number = PyLong_FromLongLong(value.derive);
        break;
      case Kind::counter:
      case Kind::absolute:
        number = PyLong_FromUnsignedLongLong(value.counter);
        break;
    }
    if (number == nullptr) return {};
    PyList_SET_ITEM(list.get(), static_cast<Py_ssize_t>(i), number);
  }
  return list;
}

bool meta_of(PyObject* dict, Meta& meta) {
  if (dict == Py_None) return true;
  if (!PyDict_Check(dict)) {
    PyErr_SetString(PyExc_TypeError, "meta must be a dict");
    return false;
  }
  if (PyDict_Size(dict) == 0) return true;
  const Ref module{PyImport_ImportModule("collectd")};
  PyObject *key = nullptr, *object = nullptr;
  for (Py_ssize_t at = 0; PyDict_Next(dict, &at, &key, &object) != 0;) {
    const auto name = text_of(key);
    if (!name) return false;
    auto value = meta_value_of(object, module.get());
    if (!value) return false;
    meta.set(*name, std::move(*value));
  }
  return true;
}

Ref meta(const Meta* meta, PyObject* module) {
  Ref dict{PyDict_New()};
  if (!dict || meta == nullptr) return dict;
  for (const Meta::Entry& entry : *meta) {
    const Ref name = text(entry.name);
    const Ref value = object_of(entry.value, module);
    if (!name || !value || PyDict_SetItem(dict.get(), name.get(), value.get()) != 0) return {};
  }
  return dict;
}

Ref config(const Statement& statement, PyObject* module) {
  const Ref type = class_of(module, "Config");
  return type ? config_below(statement, Py_None, type.get()) : Ref{};
}

}  // namespace vital::python
