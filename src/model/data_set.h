// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace vital {

/// How a number counts. The codes are those of collectd's binary protocol.
enum class Kind : std::uint8_t {
  counter = 0,   ///< a total that only grows; a step back is read as a wrap
  gauge = 1,     ///< a value as it stands
  derive = 2,    ///< a running total that may step back
  absolute = 3,  ///< a count that each read resets
};

/// "gauge", "derive", "counter", "absolute".
std::string_view name_of(Kind kind) noexcept;

/// The eight bytes of one value; its data source says which member is meant.
union Value {
  double gauge;
  std::uint64_t counter;
  std::int64_t derive;
  std::uint64_t absolute;
};
static_assert(sizeof(Value) == 8);

/// One column of a type.
///
/// Units  min and max bound the value of a gauge and the rate per second of the others; NaN means
///        unbounded
struct DataSource {
  std::string name;
  Kind kind = Kind::gauge;
  double min = std::numeric_limits<double>::quiet_NaN();
  double max = std::numeric_limits<double>::quiet_NaN();

  /// False for what lies outside the bounds. NaN is within any.
  bool allows(double rate) const noexcept { return !(rate < min) && !(rate > max); }
  bool operator==(const DataSource& other) const noexcept;
};

/// A type of types.db: its name and its columns, at least one.
struct DataSet {
  std::string type;
  std::vector<DataSource> sources;

  std::size_t size() const noexcept { return sources.size(); }
  bool operator==(const DataSet&) const noexcept = default;
};

}  // namespace vital
