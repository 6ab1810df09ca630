// SPDX-License-Identifier: MIT
#include "lua/library.h"

#include <memory>

#include "lua/interpreter.h"

namespace vital::lua {
namespace {

constexpr const char* kSeries = "vitald.series";  // the handles' metatable

/// What Lua 5.1 to 5.3 had and scripts still use; what a script must not do to its host.
constexpr const char* kPrelude = R"lua(
unpack = unpack or table.unpack
loadstring = loadstring or load
if not bit32 then
  local function word(x) return math.tointeger(x % 4294967296) or math.floor(x % 4294967296) end
  local function fold(f, start)
    return function(...)
      local r = start
      for _, x in ipairs{...} do r = f(r, word(x)) end
      return r
    end
  end
  bit32 = {
    band = fold(function(a, b) return a & b end, 0xffffffff),
    bor = fold(function(a, b) return a | b end, 0),
    bxor = fold(function(a, b) return a ~ b end, 0),
    bnot = function(x) return ~word(x) & 0xffffffff end,
    lshift = function(x, n)
      if n < 0 then return bit32.rshift(x, -n) end
      return n > 31 and 0 or (word(x) << n) & 0xffffffff
    end,
    rshift = function(x, n)
      if n < 0 then return bit32.lshift(x, -n) end
      return n > 31 and 0 or word(x) >> n
    end,
    arshift = function(x, n)
      x = word(x)
      if n <= 0 or x < 0x80000000 then return bit32.rshift(x, n) end
      if n > 31 then return 0xffffffff end
      return (x >> n) | (0xffffffff << (32 - n)) & 0xffffffff
    end,
    lrotate = function(x, n)
      x, n = word(x), n % 32
      return ((x << n) | (x >> (32 - n))) & 0xffffffff
    end,
    rrotate = function(x, n) return bit32.lrotate(x, -n) end,
    extract = function(x, at, width) return (word(x) >> at) & ((1 << (width or 1)) - 1) end,
    replace = function(x, v, at, width)
      local mask = ((1 << (width or 1)) - 1) << at
      return ((word(x) & ~mask) | ((v << at) & mask)) & 0xffffffff
    end,
    btest = function(...) return bit32.band(...) ~= 0 end,
  }
end
local function refuse(name)
  return function() error(name .. " would end or change the daemon; it is not for scripts", 2) end
end
if not (...) then
  local function wait(name)
    return function() error(name .. ": a filter cannot wait for a command", 2) end
  end
  io.popen, os.execute = wait("io.popen"), wait("os.execute")
end
os.exit = refuse("os.exit")
debug.sethook = refuse("debug.sethook")
os.setlocale = function(locale) return locale == nil and "C" or nil end
)lua";

Surface& surface_of(lua_State* state) noexcept {
  return *static_cast<Surface*>(Interpreter::of(state).owner);
}

/// Raises the refusal as an error of the script's line, if there is one.
void heed(lua_State* state, Surface::Refusal refusal) {
  if (!refusal.empty()) luaL_error(state, "%s", refusal.c_str());
}

void need_arguments(lua_State* state, int count) {
  const int given = lua_gettop(state);
  if (given != count) luaL_error(state, "Invalid number of arguments (%d != %d)", given, count);
}

template <Severity severity>
int log(lua_State* state) {
  need_arguments(state, 1);
  std::size_t size = 0;
  const char* const text = luaL_checklstring(state, 1, &size);
  surface_of(state).log(severity, {text, size});
  return 0;
}

int dispatch_values(lua_State* state) {
  need_arguments(state, 1);
  luaL_checktype(state, 1, LUA_TTABLE);
  ValueTable table;
  take(state, 1, table);
  heed(state, surface_of(state).dispatch(table));
  return 0;
}

/// Nothing in here can raise: the table has been looked at, and lua_next() on it is safe.
Surface::Refusal raise(lua_State* state, const NotificationTable& table) {
  Notification notification;
  notification.level = table.level;
  notification.set_message(table.message);
  if (table.time > 0) notification.time = time_of(table.time);
  notification.host = table.identifier.host;
  notification.plugin = table.identifier.plugin;
  notification.plugin_instance = table.identifier.plugin_instance;
  notification.type = table.identifier.type;
  notification.type_instance = table.identifier.type_instance;
  if (table.meta != 0) take_meta(state, table.meta, notification.meta);
  return surface_of(state).notify(std::move(notification));
}

int dispatch_notification(lua_State* state) {
  need_arguments(state, 1);
  luaL_checktype(state, 1, LUA_TTABLE);
  luaL_checkstack(state, 8, nullptr);
  NotificationTable table;
  take(state, 1, table);
  heed(state, raise(state, table));
  return 0;
}

/// A function, or the name of a global one, as a place in the registry. Its name, if there is one.
int function_at(lua_State* state, int index, const char*& name) {
  name = "";
  if (lua_isstring(state, index) != 0) {
    name = lua_tostring(state, index);
    lua_getglobal(state, name);
    if (lua_type(state, -1) != LUA_TFUNCTION)
      luaL_error(state, "Unable to find function '%s'", name);
  } else {
    luaL_checktype(state, index, LUA_TFUNCTION);
    lua_pushvalue(state, index);
  }
  return luaL_ref(state, LUA_REGISTRYINDEX);
}

template <Event event>
int register_callback(lua_State* state) {
  need_arguments(state, 1);
  const char* name = nullptr;
  const int reference = function_at(state, 1, name);
  heed(state, surface_of(state).add(event, name, reference));
  return 0;
}

/// register_match(name, function): what chains call it, and what it is.
template <FilterKind kind>
int register_filter(lua_State* state) {
  need_arguments(state, 2);
  const char* const name = luaL_checkstring(state, 1);
  const char* function = nullptr;
  const int reference = function_at(state, 2, function);
  heed(state, surface_of(state).add_filter(kind, name, reference));
  return 0;
}

Series& series_at(lua_State* state, int index) {
  return *static_cast<Series*>(luaL_checkudata(state, index, kSeries));
}

/// series{plugin=..., type=..., ...}: a handle, for values that come at each read.
int declare_series(lua_State* state) {
  need_arguments(state, 1);
  luaL_checktype(state, 1, LUA_TTABLE);
  ValueTable table;
  take(state, 1, table);
  auto* const series =
      std::construct_at(static_cast<Series*>(lua_newuserdatauv(state, sizeof(Series), 0)));
  luaL_setmetatable(state, kSeries);
  heed(state, surface_of(state).declare(table.identifier, *series));
  return 1;
}

/// handle:submit(value, ...), or handle(value, ...).
int submit(lua_State* state) {
  const Series& series = series_at(state, 1);
  LuaNumbers values;
  for (int i = 2; i <= lua_gettop(state); ++i) values.add(state, i);
  heed(state, surface_of(state).submit(series, values));
  return 0;
}

int series_name(lua_State* state) {
  const Series& series = series_at(state, 1);
  const std::string_view name = series ? series->name() : std::string_view{"no series"};
  lua_pushlstring(state, name.data(), name.size());
  return 1;
}

int drop_series(lua_State* state) {
  Series& series = series_at(state, 1);
  series = Series{};  // stays a Series: a script may call this by hand
  return 0;
}

int host_name(lua_State* state) {
  Text<256> name;
  name.add_cut(surface_of(state).host_name());
  lua_pushlstring(state, name.view().data(), name.size());
  return 1;
}

constexpr luaL_Reg kFunctions[] = {
    {"log_debug", log<Severity::debug>},
    {"log_info", log<Severity::info>},
    {"log_notice", log<Severity::notice>},
    {"log_warning", log<Severity::warning>},
    {"log_error", log<Severity::error>},
    {"dispatch_values", dispatch_values},
    {"dispatch_notification", dispatch_notification},
    {"register_config", register_callback<Event::config>},
    {"register_init", register_callback<Event::init>},
    {"register_read", register_callback<Event::read>},
    {"register_write", register_callback<Event::write>},
    {"register_notification", register_callback<Event::notification>},
    {"register_flush", register_callback<Event::flush>},
    {"register_shutdown", register_callback<Event::shutdown>},
    {"register_match", register_filter<FilterKind::match>},
    {"register_target", register_filter<FilterKind::target>},
    {"series", declare_series},
    {"hostname", host_name},
    {nullptr, nullptr}};

constexpr luaL_Reg kSeriesMethods[] = {{"submit", submit}, {nullptr, nullptr}};
constexpr luaL_Reg kSeriesEvents[] = {
    {"__call", submit}, {"__tostring", series_name}, {"__gc", drop_series}, {nullptr, nullptr}};

int open_collectd(lua_State* state) {
  luaL_newlib(state, kFunctions);
  lua_pushinteger(state, static_cast<lua_Integer>(Level::failure));
  lua_setfield(state, -2, "NOTIF_FAILURE");
  lua_pushinteger(state, static_cast<lua_Integer>(Level::warning));
  lua_setfield(state, -2, "NOTIF_WARNING");
  lua_pushinteger(state, static_cast<lua_Integer>(Level::okay));
  lua_setfield(state, -2, "NOTIF_OKAY");
  luaL_newmetatable(state, kSeries);
  luaL_setfuncs(state, kSeriesEvents, 0);
  luaL_newlib(state, kSeriesMethods);
  lua_setfield(state, -2, "__index");
  lua_pop(state, 1);
  return 1;
}

void put_before_package_path(lua_State* state, const std::string& path) {
  if (path.empty()) return;
  lua_getglobal(state, "package");
  lua_getfield(state, -1, "path");
  lua_pushfstring(state, "%s;%s", path.c_str(), lua_tostring(state, -1));
  lua_setfield(state, -3, "path");
  lua_pop(state, 2);
}

void push_argument(lua_State* state, const Argument& argument) {
  switch (argument.kind) {
    case Argument::Kind::number:
      lua_pushnumber(state, argument.number);
      break;
    case Argument::Kind::boolean:
      lua_pushboolean(state, argument.boolean ? 1 : 0);
      break;
    case Argument::Kind::string:
      lua_pushlstring(state, argument.text.data(), argument.text.size());
  }
}

/// {key=..., values={...}, children={...}}
void push_node(lua_State* state, const Statement& statement) {
  lua_createtable(state, 0, 3);
  lua_pushlstring(state, statement.key.data(), statement.key.size());
  lua_setfield(state, -2, "key");
  lua_newtable(state);
  for (std::size_t i = 0; i < statement.arguments.size(); ++i) {
    push_argument(state, statement.arguments[i]);
    lua_rawseti(state, -2, static_cast<lua_Integer>(i) + 1);
  }
  lua_setfield(state, -2, "values");
  push(state, statement.children);
  lua_setfield(state, -2, "children");
}

/// What stands under the option's name: its one value, or its statements.
void push_short(lua_State* state, const Statement& statement) {
  if (statement.block)
    push(state, statement.children);
  else if (statement.arguments.size() == 1)
    push_argument(state, statement.arguments.front());
  else
    push_node(state, statement);
}

int run_chunk(lua_State* state) {
  const auto& path = *static_cast<const std::string*>(lua_touserdata(state, 1));
  if (luaL_loadfile(state, path.c_str()) != LUA_OK) lua_error(state);
  lua_call(state, 0, 0);
  return 0;
}

}  // namespace

void push(lua_State* state, const std::vector<Statement>& statements) {
  luaL_checkstack(state, 8, "a configuration as deep as this");
  lua_newtable(state);
  for (std::size_t i = 0; i < statements.size(); ++i) {
    push_node(state, statements[i]);
    lua_rawseti(state, -2, static_cast<lua_Integer>(i) + 1);
    lua_pushlstring(state, statements[i].key.data(), statements[i].key.size());
    push_short(state, statements[i]);
    lua_rawset(state, -3);
  }
}

int furnish(lua_State* state) {
  const auto& furnishing = *static_cast<const Furnishing*>(lua_touserdata(state, 1));
  luaL_openlibs(state);
  luaL_requiref(state, "collectd", open_collectd, 1);
  if (furnishing.commands != nullptr) replace_commands(state, *furnishing.commands);
  put_before_package_path(state, furnishing.module_path);
  if (luaL_loadbufferx(state, kPrelude, std::char_traits<char>::length(kPrelude), "=vitald", "t") !=
      LUA_OK)
    lua_error(state);
  lua_pushboolean(state, furnishing.commands != nullptr ? 1 : 0);
  lua_call(state, 1, 0);
  return 0;
}

std::optional<Fault> run_file(Interpreter& interpreter, const Furnishing& furnishing,
                              const std::string& path) {
  if (auto fault = interpreter.run(furnish, const_cast<Furnishing*>(&furnishing))) return fault;
  return interpreter.run(run_chunk, const_cast<std::string*>(&path));
}

}  // namespace vital::lua
