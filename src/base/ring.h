// SPDX-License-Identifier: MIT
#pragma once
#include <cassert>
#include <utility>
#include <vector>

namespace vital {

/// First in, first out, in memory that is kept: in steady state it allocates nothing.
///
/// Threads  none of its own: whoever owns it serialises
template <typename T>
class Ring {
 public:
  bool empty() const noexcept { return size_ == 0; }
  std::size_t size() const noexcept { return size_; }
  T& front() noexcept {
    assert(!empty());
    return slots_[first_];
  }
  T& operator[](std::size_t at) noexcept { return slots_[(first_ + at) & (slots_.size() - 1)]; }

  void push(T value) {
    if (size_ == slots_.size()) grow();
    (*this)[size_++] = std::move(value);
  }
  void push_front(T value) {
    if (size_ == slots_.size()) grow();
    first_ = (first_ - 1) & (slots_.size() - 1);
    ++size_;
    slots_[first_] = std::move(value);
  }
  T pop() {
    T value = std::exchange(front(), T{});
    first_ = (first_ + 1) & (slots_.size() - 1);
    --size_;
    return value;
  }
  /// Takes the one that was pushed last.
  T pop_back() {
    --size_;
    return std::exchange((*this)[size_], T{});
  }

 private:
  void grow() {
    std::vector<T> wider(slots_.empty() ? 16 : 2 * slots_.size());
    for (std::size_t i = 0; i < size_; ++i) wider[i] = std::move((*this)[i]);
    slots_ = std::move(wider);
    first_ = 0;
  }

  std::vector<T> slots_;  // a power of two of them
  std::size_t first_ = 0, size_ = 0;
};

}  // namespace vital
