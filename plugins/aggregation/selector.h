// SPDX-License-Identifier: MIT
#pragma once
#include <array>
#include <optional>
#include <string>

#include "config/options.h"
#include "lib/expression.h"
#include "model/identifier.h"

namespace vital::aggregation {

/// The parts of a name that a selector looks at, beside the type.
enum Field : std::size_t { kHost, kPlugin, kPluginInstance, kTypeInstance, kFields };
std::string_view part_of(const Identifier& identifier, Field field) noexcept;

/// What one function makes of a group: "num", "sum", "average", "min", "max", "stddev".
enum Function : std::size_t { kNum, kSum, kAverage, kMin, kMax, kStddev, kFunctions };
std::string_view name_of(Function function) noexcept;

/// An <Aggregation> block: which values it takes, how they are grouped, and what comes of them.
///
/// Threads  constant; any
/// Source   collectd.conf(5), "Plugin aggregation"
class Selector {
 public:
  explicit Selector(const Options& block);

  static void declare(Declaration& block);

  const std::string& type() const noexcept { return type_; }
  bool selects(const Identifier& identifier) const noexcept;
  /// Series with the same key are in the same group.
  std::string key(const Identifier& identifier) const;
  bool wants(Function function) const noexcept { return functions_[function]; }
  /// What a result of the group that `member` is in is called. The views of the identifier point
  /// into `text` and into `member`.
  Identifier name(const Identifier& member, Function function, std::string& text) const;

 private:
  struct Part {
    std::string text;                      // as configured
    std::optional<Expression> expression;  // when it is one
    bool any = true;                       // "/.*/"
    bool grouped = false;
    std::optional<std::string> set;
  };

  std::string piece_of_instance(const Identifier& member, Field field) const;
  std::string_view result_part(const Identifier& member, Field field,
                               std::string_view any) const noexcept;

  std::string type_;
  std::array<Part, kFields> parts_;
  std::array<bool, kFunctions> functions_{};
};

}  // namespace vital::aggregation
