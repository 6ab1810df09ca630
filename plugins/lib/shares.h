// SPDX-License-Identifier: MIT
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/setup.h"

namespace vital {

/// Amounts that make up a whole, such as the used and the free memory. Each is reported as it is,
/// as its percentage of their sum, or as both.
///
/// Threads  none of its own: its reader's
class Shares {
 public:
  struct Forms {
    bool absolute, percent;
    bool any() const noexcept { return absolute || percent; }
  };

  /// Each name is the type instance of one amount; they must outlive this.
  Shares(Namer namer, std::string_view plugin_instance, std::string_view type,
         std::span<const std::string_view> names, Forms forms);

  /// One amount for each name. One that is absent is not reported and no part of the whole. A
  /// percentage of nothing is NaN.
  Status add(Batch& batch, std::span<const std::optional<double>> amounts) noexcept;

 private:
  struct Part {
    std::string_view name;
    Series absolute{}, percent{};  // named when the amount is first there
  };

  Status add(Batch& batch, Part& part, double amount, double whole) noexcept;

  Namer namer_;
  std::string plugin_instance_, type_;
  std::vector<Part> parts_;
  Forms forms_;
};

}  // namespace vital
