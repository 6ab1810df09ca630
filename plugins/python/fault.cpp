// SPDX-License-Identifier: MIT
#include "python/fault.h"

#include "python/convert.h"

namespace vital::python {
namespace {

std::string str_of(PyObject* object) {
  const Ref str{object != nullptr ? PyObject_Str(object) : nullptr};
  const auto text = str ? text_of(str.get()) : std::nullopt;
  PyErr_Clear();
  return std::string{text.value_or("")};
}

Ref attribute(const Ref& object, const char* name) noexcept {
  if (!object || object.get() == Py_None) return {};
  Ref found{PyObject_GetAttrString(object.get(), name)};
  PyErr_Clear();
  return found;
}

/// "spam.py:12, in read": where the innermost call stands.
std::string place_of(Ref traceback) {
  for (Ref next = attribute(traceback, "tb_next"); next && next.get() != Py_None;
       next = attribute(traceback, "tb_next"))
    traceback = next;
  const Ref code = attribute(attribute(traceback, "tb_frame"), "f_code");
  if (!code) return {};
  std::string file = str_of(attribute(code, "co_filename").get());
  file.erase(0, file.rfind('/') + 1);
  return " (" + file + ":" + str_of(attribute(traceback, "tb_lineno").get()) + ", in " +
         str_of(attribute(code, "co_name").get()) + ")";
}

std::vector<std::string> lines_of(const Ref& type, const Ref& value, const Ref& traceback) {
  std::vector<std::string> lines;
  const Ref module{PyImport_ImportModule("traceback")};
  const Ref list{module ? PyObject_CallMethod(module.get(), "format_exception", "OOO", type.get(),
                                              value ? value.get() : Py_None,
                                              traceback ? traceback.get() : Py_None)
                        : nullptr};
  for (Py_ssize_t at = 0; list && at < PyList_Size(list.get()); ++at) {
    std::string text = str_of(PyList_GET_ITEM(list.get(), at));
    while (!text.empty()) {
      const auto end = text.find('\n');
      lines.push_back(text.substr(0, end));
      text.erase(0, end == std::string::npos ? end : end + 1);
    }
  }
  PyErr_Clear();
  return lines;
}

bool is_expected(const Ref& type) {
  const Ref module{PyImport_ImportModule("collectd")};
  const Ref expected = attribute(module, "CollectdError");
  const bool is = expected && PyErr_GivenExceptionMatches(type.get(), expected.get()) != 0;
  PyErr_Clear();
  return is;
}

}  // namespace

Fault take_fault() {
  PyObject *type = nullptr, *value = nullptr, *traceback = nullptr;
  PyErr_Fetch(&type, &value, &traceback);
  if (type == nullptr) return {.what = "it failed without an exception", .traceback = {}};
  PyErr_NormalizeException(&type, &value, &traceback);
  const Ref owned_type{type}, owned_value{value}, owned_traceback{traceback};
  Fault fault;
  fault.what = str_of(attribute(owned_type, "__name__").get());
  if (const std::string message = str_of(value); !message.empty()) fault.what += ": " + message;
  fault.what += place_of(owned_traceback);
  fault.traceback = lines_of(owned_type, owned_value, owned_traceback);
  fault.expected = is_expected(owned_type);
  return fault;
}

}  // namespace vital::python
