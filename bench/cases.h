// SPDX-License-Identifier: MIT
#pragma once
#include <functional>
#include <memory>
#include <span>
#include <string_view>

namespace vital::bench {

/// A piece of work that is done again and again, always the same.
struct Case {
  std::string_view name;
  /// Gets ready and hands out the work; the readiness lives as long as that.
  std::function<std::function<void()>()> prepare;
};

/// The hot pieces: what a cycle or a value of a running daemon consists of.
std::span<const Case> cases();

}  // namespace vital::bench
