// SPDX-License-Identifier: MIT
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/tree.h"
#include "model/batch.h"
#include "python/ref.h"

namespace vital::python {

// What cannot be converted leaves Python's error set: an empty Ref, false, or nothing.

/// A str as UTF-8, or bytes as they are. The view is good as long as the object.
std::optional<std::string_view> text_of(PyObject* object) noexcept;
/// A str; bytes where the text is no UTF-8.
Ref text(std::string_view text) noexcept;

/// A number as a value of that kind: a gauge any number, the others whole ones in their range.
bool value_of(PyObject* number, Kind kind, Value& value) noexcept;
/// A list or tuple with a number for each data source of the type.
bool values_of(PyObject* sequence, const DataSet& type, std::vector<Value>& values);
/// A list of numbers: totals as integers, or rates as floats where there are any.
Ref values(const Sample& sample) noexcept;

/// A dict with names of strings, numbers and booleans; None and an empty one are no meta data.
bool meta_of(PyObject* dict, Meta& meta);
/// Integers come as collectd.Signed and collectd.Unsigned, taken from that module.
Ref meta(const Meta* meta, PyObject* module);

/// A block of the configuration as a collectd.Config with all of its children.
Ref config(const Statement& statement, PyObject* module);

}  // namespace vital::python
