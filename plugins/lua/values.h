// SPDX-License-Identifier: MIT
#pragma once
#include <lua.hpp>

#include <array>
#include <cstdint>
#include <string_view>

#include "model/batch.h"
#include "model/notification.h"
#include "pipeline/filter.h"

namespace vital::lua {

/// A number as Lua has it.
struct LuaNumber {
  enum class Form : std::uint8_t { none, integer, real };  // none: it is no number
  Form form = Form::none;
  std::int64_t integer = 0;
  double real = 0;

  static LuaNumber at(lua_State* state, int index) noexcept;
  /// As the eight bytes of a value of that kind; what is no whole number is rounded. False: no
  /// number. A gauge is then not known, the others have no such value.
  bool as(Kind kind, Value& value) const noexcept;
};

/// The values of a sample, one for each data source.
struct LuaNumbers {
  static constexpr std::size_t kMost = 64;
  std::size_t size = 0;
  std::array<LuaNumber, kMost> numbers;

  void add(lua_State* state, int index);
};

// Both are views of strings that Lua owns: good as long as the table they were taken from stays as
// it is. They have no destructors, so Lua's errors may jump over them.

/// What dispatch_values() was given. Names in any case; what it does not know is left out.
struct ValueTable {
  Identifier identifier;
  double time = 0, interval = 0;  // seconds; 0: not given
  bool has_values = false;
  LuaNumbers values;
};

/// What dispatch_notification() was given.
struct NotificationTable {
  Identifier identifier;
  std::string_view message;
  Level level = Level::failure;
  double time = 0;  // seconds; 0: not given
  int meta = 0;     // the index of the table with meta data; 0: none
};

/// The meta data of the table at `index`, as far as they are strings, numbers and booleans. Raises
/// nothing; needs three places on the stack.
void take_meta(lua_State* state, int index, Meta& meta);

// All of these raise Lua errors.

/// Takes the table at `index` apart.
void take(lua_State* state, int index, ValueTable& table);
void take(lua_State* state, int index, NotificationTable& table);

/// What a write callback gets: a new table on the stack.
void push(lua_State* state, const Sample& sample);
/// What a filter gets: a sample with its rates and meta data.
void push(lua_State* state, const Passage& value);
/// What a notification callback gets.
void push(lua_State* state, const Notification& notification);

}  // namespace vital::lua
