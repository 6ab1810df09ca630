// SPDX-License-Identifier: MIT
#include "lua/values.h"

#include <cmath>

#include "base/strings.h"

namespace vital::lua {
namespace {

/// The string at `index`, cut as collectd cuts it. A number there becomes a string.
std::string_view name_at(lua_State* state, int index) {
  std::size_t size = 0;
  const char* const text = lua_tolstring(state, index, &size);
  if (text == nullptr) return {};
  return std::string_view{text, size}.substr(0, Identifier::kLongestField);
}

/// A field of an identifier, if that is what the key names. A number among the fields is turned
/// into a string in the table itself, so that the view of it lasts.
bool take_name(lua_State* state, int table, std::string_view key, Identifier& identifier) {
  std::string_view* field = nullptr;
  if (iequals(key, "host")) field = &identifier.host;
  if (iequals(key, "plugin")) field = &identifier.plugin;
  if (iequals(key, "plugin_instance")) field = &identifier.plugin_instance;
  if (iequals(key, "type")) field = &identifier.type;
  if (iequals(key, "type_instance")) field = &identifier.type_instance;
  if (field == nullptr) return false;
  if (lua_type(state, -1) == LUA_TNUMBER) {
    lua_tostring(state, -1);
    lua_pushvalue(state, -2);
    lua_pushvalue(state, -2);
    lua_rawset(state, table);
  }
  *field = name_at(state, -1);
  return true;
}

/// Calls `each` for all entries whose key is a string, with the value on top of the stack.
template <typename Each>
void for_named(lua_State* state, int table, Each each) {
  lua_pushnil(state);
  while (lua_next(state, table) != 0) {
    if (lua_type(state, -2) == LUA_TSTRING) each(std::string_view{lua_tostring(state, -2)});
    lua_pop(state, 1);
  }
}

void take_values(lua_State* state, int table, LuaNumbers& values) {
  values.size = 0;
  const int top = lua_absindex(state, table);
  for (lua_pushnil(state); lua_next(state, top) != 0; lua_pop(state, 1)) values.add(state, -1);
}

Level level_at(lua_State* state, int index) {
  if (lua_type(state, index) == LUA_TNUMBER) {
    switch (lua_tointeger(state, index)) {
      case 1:
        return Level::failure;
      case 2:
        return Level::warning;
      case 4:
        return Level::okay;
      default:
        luaL_error(state, "severity is none of NOTIF_FAILURE, NOTIF_WARNING, NOTIF_OKAY");
    }
  }
  const char* const word = lua_tostring(state, index);
  const auto level = parse_level(word != nullptr ? word : "");
  if (!level) luaL_error(state, "severity is none of \"failure\", \"warning\", \"okay\"");
  return *level;
}

void set(lua_State* state, const char* key, std::string_view text) {
  lua_pushlstring(state, text.data(), text.size());
  lua_setfield(state, -2, key);
}

void set(lua_State* state, const char* key, double number) {
  lua_pushnumber(state, number);
  lua_setfield(state, -2, key);
}

void push_value(lua_State* state, Kind kind, Value value) {
  if (kind == Kind::gauge)
    lua_pushnumber(state, value.gauge);
  else
    lua_pushinteger(state, value.derive);  // what is above 2^63 shows as negative, as in collectd
}

void push(lua_State* state, const MetaValue& value) {
  if (const auto* text = std::get_if<std::string>(&value))
    lua_pushlstring(state, text->data(), text->size());
  else if (const auto* integer = std::get_if<std::int64_t>(&value))
    lua_pushinteger(state, *integer);
  else if (const auto* natural = std::get_if<std::uint64_t>(&value))
    lua_pushinteger(state, static_cast<lua_Integer>(*natural));
  else if (const auto* real = std::get_if<double>(&value))
    lua_pushnumber(state, *real);
  else
    lua_pushboolean(state, std::get<bool>(value) ? 1 : 0);
}

void set_identifier(lua_State* state, const Identifier& identifier) {
  set(state, "host", identifier.host);
  set(state, "plugin", identifier.plugin);
  set(state, "plugin_instance", identifier.plugin_instance);
  set(state, "type", identifier.type);
  set(state, "type_instance", identifier.type_instance);
}

}  // namespace

LuaNumber LuaNumber::at(lua_State* state, int index) noexcept {
  int whole = 0, number = 0;
  const lua_Integer integer = lua_tointegerx(state, index, &whole);
  if (whole != 0) return {.form = Form::integer, .integer = integer, .real = 0};
  const lua_Number real = lua_tonumberx(state, index, &number);
  if (number != 0) return {.form = Form::real, .integer = 0, .real = real};
  return {};
}

bool LuaNumber::as(Kind kind, Value& value) const noexcept {
  if (form == Form::integer) {
    value = Number{integer}.as(kind);
    return true;
  }
  const bool known = form == Form::real && (kind == Kind::gauge || std::isfinite(real));
  value = Number{known ? real : std::nan("")}.as(kind);
  return known || kind == Kind::gauge;
}

void take_meta(lua_State* state, int index, Meta& meta) {
  for (lua_pushnil(state); lua_next(state, index) != 0; lua_pop(state, 1)) {
    if (lua_type(state, -2) != LUA_TSTRING) continue;
    const char* const name = lua_tostring(state, -2);
    if (lua_type(state, -1) == LUA_TSTRING)
      meta.set(name, std::string{lua_tostring(state, -1)});
    else if (lua_isinteger(state, -1) != 0)
      meta.set(name, std::int64_t{lua_tointeger(state, -1)});
    else if (lua_type(state, -1) == LUA_TNUMBER)
      meta.set(name, lua_tonumber(state, -1));
    else if (lua_type(state, -1) == LUA_TBOOLEAN)
      meta.set(name, lua_toboolean(state, -1) != 0);
  }
}

void LuaNumbers::add(lua_State* state, int index) {
  if (size == kMost) luaL_error(state, "more than %d values", static_cast<int>(kMost));
  numbers[size++] = LuaNumber::at(state, index);
}

void take(lua_State* state, int index, ValueTable& table) {
  for_named(state, index, [&](std::string_view key) {
    if (take_name(state, index, key, table.identifier)) return;
    if (iequals(key, "time")) table.time = lua_tonumber(state, -1);
    if (iequals(key, "interval")) table.interval = lua_tonumber(state, -1);
    if (!iequals(key, "values")) return;
    if (lua_type(state, -1) != LUA_TTABLE)
      luaL_error(state, "values is a %s, not a table", luaL_typename(state, -1));
    table.has_values = true;
    take_values(state, -1, table.values);
  });
}

void take(lua_State* state, int index, NotificationTable& table) {
  bool has_level = false;
  for_named(state, index, [&](std::string_view key) {
    if (take_name(state, index, key, table.identifier)) return;
    if (iequals(key, "time")) table.time = lua_tonumber(state, -1);
    if (iequals(key, "severity")) table.level = level_at(state, -1), has_level = true;
    if (iequals(key, "message") && lua_type(state, -1) == LUA_TSTRING)
      table.message = lua_tostring(state, -1);
  });
  if (!has_level) luaL_error(state, "severity is missing");
  if (table.message.empty()) luaL_error(state, "message is missing");
  lua_getfield(state, index, "meta");
  if (lua_type(state, -1) == LUA_TTABLE) table.meta = lua_gettop(state);
}

void push(lua_State* state, const Sample& sample) {
  const auto& sources = sample.series.type().sources;
  const int count = static_cast<int>(sources.size());
  lua_createtable(state, 0, 10);
  set_identifier(state, sample.series.identifier());
  set(state, "time", seconds(sample.time));
  set(state, "interval", seconds(sample.interval));
  lua_createtable(state, count, 0);  // values count from 1, names and kinds from 0: as in collectd
  lua_createtable(state, count, 1);
  lua_createtable(state, count, 1);
  for (int i = 0; i < count; ++i) {
    const DataSource& source = sources[static_cast<std::size_t>(i)];
    const std::string_view kind = name_of(source.kind);
    push_value(state, source.kind, sample.values[static_cast<std::size_t>(i)]);
    lua_rawseti(state, -4, i + 1);
    lua_pushlstring(state, source.name.data(), source.name.size());
    lua_rawseti(state, -3, i);
    lua_pushlstring(state, kind.data(), kind.size());
    lua_rawseti(state, -2, i);
  }
  lua_setfield(state, -4, "dstypes");
  lua_setfield(state, -3, "dsnames");
  lua_setfield(state, -2, "values");
}

void push(lua_State* state, const Passage& value) {
  const Sample sample = value.sample();
  push(state, sample);
  lua_createtable(state, static_cast<int>(sample.values.size()), 0);
  for (std::size_t i = 0; i < sample.values.size(); ++i) {
    lua_pushnumber(state, value.rate(i));
    lua_rawseti(state, -2, static_cast<lua_Integer>(i) + 1);
  }
  lua_setfield(state, -2, "rates");
  lua_newtable(state);
  if (sample.meta != nullptr)
    for (const Meta::Entry& entry : *sample.meta) {
      lua_pushlstring(state, entry.name.data(), entry.name.size());
      push(state, entry.value);
      lua_rawset(state, -3);
    }
  lua_setfield(state, -2, "meta");
}

void push(lua_State* state, const Notification& notification) {
  lua_createtable(state, 0, 9);
  set_identifier(state, {.host = notification.host,
                         .plugin = notification.plugin,
                         .plugin_instance = notification.plugin_instance,
                         .type = notification.type,
                         .type_instance = notification.type_instance});
  lua_pushinteger(state, static_cast<lua_Integer>(notification.level));
  lua_setfield(state, -2, "severity");
  set(state, "message", notification.message);
  set(state, "time", seconds(notification.time));
  lua_newtable(state);
  for (const auto& [name, value] : notification.meta) {
    lua_pushlstring(state, name.data(), name.size());
    push(state, value);
    lua_rawset(state, -3);
  }
  lua_setfield(state, -2, "meta");
}

}  // namespace vital::lua
