// SPDX-License-Identifier: MIT
#pragma once
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <utility>

namespace vital::python {

/// Owns one reference to a Python object, or none.
///
/// Threads  whoever holds the interpreter's lock
class Ref {
 public:
  Ref() noexcept = default;
  /// Takes over a reference that its maker gave us; nullptr, with Python's error set: it failed.
  explicit Ref(PyObject* owned) noexcept : object_{owned} {}
  /// Adds a reference to an object that somebody else owns.
  static Ref share(PyObject* borrowed) noexcept {
    Py_XINCREF(borrowed);
    return Ref{borrowed};
  }
  Ref(const Ref& other) noexcept : object_{other.object_} { Py_XINCREF(object_); }
  Ref(Ref&& other) noexcept : object_{std::exchange(other.object_, nullptr)} {}
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() { Py_XDECREF(object_); }

  PyObject* get() const noexcept { return object_; }
  [[nodiscard]] PyObject* release() noexcept { return std::exchange(object_, nullptr); }
  explicit operator bool() const noexcept { return object_ != nullptr; }

 private:
  PyObject* object_ = nullptr;
};

/// Holds the interpreter's lock; any thread may ask for it, and waits while a script runs in
/// another.
class Gil {
 public:
  Gil() noexcept : state_{PyGILState_Ensure()} {}
  Gil(const Gil&) = delete;
  Gil& operator=(const Gil&) = delete;
  ~Gil() { PyGILState_Release(state_); }

 private:
  const PyGILState_STATE state_;
};

/// Lets go of the lock for as long as the daemon is at work.
class WithoutGil {
 public:
  WithoutGil() noexcept : state_{PyEval_SaveThread()} {}
  WithoutGil(const WithoutGil&) = delete;
  WithoutGil& operator=(const WithoutGil&) = delete;
  ~WithoutGil() { PyEval_RestoreThread(state_); }

 private:
  PyThreadState* const state_;
};

}  // namespace vital::python
