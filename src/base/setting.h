// SPDX-License-Identifier: MIT
#pragma once
#include <atomic>
#include <memory>

namespace vital {

/// A value that the main thread may set while others work with it. Copies share it.
///
/// Threads  any
template <typename T>
class Setting {
 public:
  Setting(T value) : value_{std::make_shared<std::atomic<T>>(value)} {}

  void set(T value) const noexcept { value_->store(value, std::memory_order_relaxed); }
  T get() const noexcept { return value_->load(std::memory_order_relaxed); }

 private:
  std::shared_ptr<std::atomic<T>> value_;
};

}  // namespace vital
