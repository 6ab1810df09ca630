// SPDX-License-Identifier: MIT
#pragma once
#include <string>

#include "base/log.h"
#include "config/tree.h"
#include "lua/values.h"
#include "model/types.h"

namespace vital::lua {

/// What a script can ask to be called for.
enum class Event : std::uint8_t { config, init, read, write, notification, flush, shutdown };
constexpr std::size_t kEvents = 7;
std::string_view name_of(Event event) noexcept;

/// What a filter can be.
enum class FilterKind : std::uint8_t { match, target };

/// What the functions of the table `collectd` reach, whatever the script runs for. Nothing in here
/// raises Lua errors; why something cannot be done comes back as a text.
///
/// Threads  none of its own: whoever owns it serialises
class Surface {
 public:
  using Refusal = Text<240>;  // empty: done

  Surface(const Types& types, SeriesTable& table) noexcept : types_{types}, table_{table} {}
  Surface(const Surface&) = delete;
  Surface& operator=(const Surface&) = delete;
  virtual ~Surface() = default;

  virtual void log(Severity severity, std::string_view message) const noexcept = 0;
  virtual std::string host_name() const = 0;
  virtual Refusal dispatch(const ValueTable& table) noexcept = 0;
  virtual Refusal notify(Notification notification) noexcept = 0;
  virtual Refusal submit(const Series& series, const LuaNumbers& values) noexcept = 0;
  /// The functions are in Lua's registry.
  virtual Refusal add(Event event, std::string_view function, int reference) noexcept = 0;
  virtual Refusal add_filter(FilterKind kind, std::string_view name, int reference) noexcept = 0;

  /// A handle of the series; an interval or time in the table counts for nothing.
  Refusal declare(const Identifier& identifier, Series& series) noexcept;

 private:
  const Types& types_;
  SeriesTable& table_;
};

}  // namespace vital::lua
