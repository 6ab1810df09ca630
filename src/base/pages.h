// SPDX-License-Identifier: MIT
#pragma once
#include <array>
#include <cstddef>
#include <memory>
#include <vector>

namespace vital {

/// An array that grows and whose elements stay where they are. Found by two shifts, and with an
/// element of 64 bytes one line of the processor's cache holds all of it.
///
/// Threads  a plain value
template <typename T, std::size_t kPage = 128>
class Pages {
 public:
  std::size_t size() const noexcept { return pages_.size() * kPage; }
  T& operator[](std::size_t at) noexcept { return (*pages_[at / kPage])[at % kPage]; }
  const T& operator[](std::size_t at) const noexcept { return (*pages_[at / kPage])[at % kPage]; }

  /// Makes room for that element and all before it.
  void reach(std::size_t at) {
    while (at >= size()) pages_.push_back(std::make_unique<Page>());
  }
  template <typename Visit>
  void each(Visit&& visit) {
    for (auto& page : pages_)
      for (T& element : *page) visit(element);
  }

 private:
  static_assert((kPage & (kPage - 1)) == 0);
  using Page = std::array<T, kPage>;
  std::vector<std::unique_ptr<Page>> pages_;
};

}  // namespace vital
