// SPDX-License-Identifier: MIT
#include "lua/filter.h"

#include <bit>
#include <cmath>

#include "config/problem.h"
#include "config/queue_options.h"
#include "lua/library.h"

namespace vital::lua {
namespace {

using Call = FilterScript::Call;

std::string_view name_of(FilterKind kind) noexcept {
  return kind == FilterKind::match ? "match" : "target";
}

Limits limits_of(const Options& options) {
  return {.memory_bytes = static_cast<std::size_t>(parse_size(options.text("MemoryLimit"))),
          .instructions = static_cast<std::uint64_t>(options.integer("InstructionLimit")),
          .cpu = nanoseconds(options.duration("TimeLimit"))};
}

std::uint64_t bits(Value value) noexcept { return std::bit_cast<std::uint64_t>(value); }

bool same(double a, double b) noexcept { return a == b || (std::isnan(a) && std::isnan(b)); }

bool same(const Meta* before, const Meta& now) {
  std::size_t count = 0, known = 0;
  for (const Meta::Entry& entry : now) {
    const MetaValue* const old = before != nullptr ? before->find(entry.name) : nullptr;
    if (old == nullptr || *old != entry.value) return false;
    ++count;
  }
  if (before != nullptr)
    for (auto at = before->begin(); at != before->end(); ++at) ++known;
  return count == known;
}

/// What a target returned, beside its ValueTable.
struct Changes {
  ValueTable table;
  bool has_rates = false;
  LuaNumbers rates;
  int meta = 0;  // the index of the table with meta data; 0: none
};

// What follows changes the value and raises nothing: a refusal comes back as a text.

Surface::Refusal change_values(Passage& value, const LuaNumbers& numbers) noexcept {
  Surface::Refusal refusal;
  const Sample before = value.sample();
  if (numbers.size != before.values.size())
    return refusal.add("it returned ")
        .add(numbers.size)
        .add(" values for a type with ")
        .add(before.values.size());
  std::array<Value, LuaNumbers::kMost> values;
  bool any = false;
  for (std::size_t i = 0; i < numbers.size; ++i) {
    if (!numbers.numbers[i].as(before.kind(i), values[i]))
      return refusal.add("it returned a value that is no number");
    any = any || bits(values[i]) != bits(before.values[i]);
  }
  if (!any) return refusal;
  const auto into = value.change_values();
  std::copy_n(values.begin(), into.size(), into.begin());
  if (!value.behind_cache()) return refusal;
  const auto rates = value.change_rates();
  for (std::size_t i = 0; i < rates.size(); ++i)
    if (value.sample().kind(i) == Kind::gauge) rates[i] = values[i].gauge;
  return refusal;
}

/// Those of gauges are their values; before the cache there are none to be changed.
void change_rates(Passage& value, const LuaNumbers& numbers) noexcept {
  if (!value.behind_cache() || numbers.size != value.sample().values.size()) return;
  for (std::size_t i = 0; i < numbers.size; ++i) {
    Value rate;
    if (value.sample().kind(i) == Kind::gauge || !numbers.numbers[i].as(Kind::gauge, rate))
      continue;
    if (!same(rate.gauge, value.rate(i))) value.change_rates()[i] = rate.gauge;
  }
}

Surface::Refusal change_name(Passage& value, const Identifier& name, SeriesTable& table) noexcept {
  Surface::Refusal refusal;
  const SeriesInfo& before = value.series();
  if (name == before.identifier()) return refusal;
  if (name.type != before.identifier().type)
    return refusal.add("it returned another type, which a value cannot change");
  auto renamed = table.intern(name, before.type(), before.labels());
  if (!renamed) return refusal.add_cut(renamed.error().message().view());
  value.rename(*renamed->get());
  return refusal;
}

Surface::Refusal change(lua_State* state, Call& call, const Changes& changes) noexcept {
  Passage& value = *call.changing;
  if (changes.table.has_values)
    if (auto refusal = change_values(value, changes.table.values); !refusal.empty()) return refusal;
  if (changes.has_rates) change_rates(value, changes.rates);
  if (changes.meta != 0) {
    Meta meta;
    take_meta(state, changes.meta, meta);
    if (!same(value.sample().meta, meta))
      value.change_meta(meta.empty() ? nullptr : std::make_shared<const Meta>(std::move(meta)));
  }
  return change_name(value, changes.table.identifier, call.table);
}

// What follows raises Lua errors.

/// The name stays where the table says nothing.
void take(lua_State* state, const Call& call, Changes& changes) {
  const int table = lua_gettop(state);
  luaL_checkstack(state, 8, nullptr);
  changes.table.identifier = call.value.series().identifier();
  take(state, table, changes.table);
  if (lua_getfield(state, table, "rates") == LUA_TTABLE) {
    changes.has_rates = true;
    for (lua_pushnil(state); lua_next(state, -2) != 0; lua_pop(state, 1))
      changes.rates.add(state, -1);
  }
  if (lua_getfield(state, table, "meta") == LUA_TTABLE) changes.meta = lua_gettop(state);
}

void finish_target(lua_State* state, Call& call) {
  if (lua_isnil(state, -1)) return;
  if (lua_type(state, -1) == LUA_TTABLE) {
    Changes changes;
    take(state, call, changes);
    if (auto refusal = change(state, call, changes); !refusal.empty())
      luaL_error(state, "%s", refusal.c_str());
    return;
  }
  const std::string_view word{lua_type(state, -1) == LUA_TSTRING ? lua_tostring(state, -1) : ""};
  if (word != "stop" && word != "return")
    luaL_error(state, "it returned a %s, not a value, \"stop\", \"return\" or nothing",
               luaL_typename(state, -1));
  call.next = word == "stop" ? Next::stop : Next::leave;
}

int run_call(lua_State* state) {
  auto& call = *static_cast<Call*>(lua_touserdata(state, 1));
  lua_rawgeti(state, LUA_REGISTRYINDEX, call.reference);
  push(state, call.value);
  lua_call(state, 1, 1);
  if (call.changing != nullptr) {
    finish_target(state, call);
    return 0;
  }
  if (!lua_isboolean(state, -1))
    luaL_error(state, "it returned a %s, not true or false", luaL_typename(state, -1));
  call.matched = lua_toboolean(state, -1) != 0;
  return 0;
}

}  // namespace

FilterSurface::FilterSurface(const Clock& clock, Log log, const Types& types, SeriesTable& table)
    : Surface{types, table}, clock_{clock}, log_{std::move(log)}, table_{table} {}

void FilterSurface::log(Severity severity, std::string_view message) const noexcept {
  log_.say(severity, message);
}

Surface::Refusal FilterSurface::dispatch(const ValueTable&) noexcept {
  Refusal refusal;
  return refusal.add("a filter cannot dispatch values: it runs while others pass");
}

Surface::Refusal FilterSurface::submit(const Series&, const LuaNumbers&) noexcept {
  return dispatch({});
}

Surface::Refusal FilterSurface::notify(Notification notification) noexcept {
  Refusal refusal;
  if (passing == nullptr) return refusal.add("of filters only a target can raise notifications");
  if (notification.time == Time{}) notification.time = clock_.wall();
  if (notification.host.empty()) notification.host = host_name();
  passing->raise(std::move(notification));
  return refusal;
}

Surface::Refusal FilterSurface::add_filter(FilterKind kind, std::string_view name,
                                           int reference) noexcept {
  Refusal refusal;
  if (find(kind, name))
    return refusal.add("the ")
        .add(name_of(kind))
        .add(" ")
        .add_cut(name)
        .add(" is registered already");
  filters_.push_back({kind, std::string{name}, reference});
  return refusal;
}

std::optional<int> FilterSurface::find(FilterKind kind, std::string_view name) const noexcept {
  for (const Filter& filter : filters_)
    if (filter.kind == kind && filter.name == name) return filter.reference;
  return std::nullopt;
}

FilterScript::FilterScript(const FilterSetup& setup, FilterKind kind)
    : kind_{kind},
      path_{setup.options.text("Script")},
      function_{setup.options.text("Function")},
      limits_{limits_of(setup.options)},
      clock_{setup.clock},
      log_{setup.log},
      types_{setup.types},
      table_{setup.series},
      what_{"the " + std::string{name_of(kind)} + " " + function_ + " of " + path_} {
  std::optional<Fault> fault;
  life_ = run_file(fault);
  if (life_) return;
  const Position& position = setup.options.position();
  throw ConfigError{position, position.text() + ": " + what_ + " cannot be had: " + fault->what};
}

std::unique_ptr<FilterScript::Life> FilterScript::run_file(std::optional<Fault>& fault) {
  stamp_ = FileStamp::of(path_);
  std::unique_ptr<Life> life;
  try {
    life = std::make_unique<Life>(*this);
    fault = lua::run_file(life->interpreter, {nullptr, {}}, path_);
  } catch (const std::bad_alloc&) {
    fault = Fault{.what = "MemoryLimit is too small for any script", .traceback = {}};
  }
  if (fault) return nullptr;
  const auto reference = life->surface.find(kind_, function_);
  if (!reference) {
    fault =
        Fault{.what = "the script registers no " + std::string{name_of(kind_)} + " of that name",
              .traceback = {}};
    return nullptr;
  }
  life->reference = *reference;
  return life;
}

/// Looks once a second: values pass more often than scripts change.
void FilterScript::reload_if_changed() {
  const Steady now = clock_.now();
  if (now < next_look_) return;
  next_look_ = now + std::chrono::seconds{1};
  const FileStamp stamp = FileStamp::of(path_);
  if (stamp == stamp_ || !stamp.is_there()) return;  // one that is gone stays as it is
  std::optional<Fault> fault;
  auto life = run_file(fault);
  if (!life)
    return log_.error(std::string_view{what_}, " stays as it was: ", std::string_view{fault->what});
  life_ = std::move(life);
  rest_until_ = {};
  log_.info(std::string_view{path_}, ": it has changed and was run anew for the filter chains");
}

bool FilterScript::run(Call& call) noexcept {
  reload_if_changed();
  if (clock_.now() < rest_until_) return false;
  call.reference = life_->reference;
  life_->surface.passing = call.changing;
  const auto fault = life_->interpreter.run(run_call, &call);
  life_->surface.passing = nullptr;
  if (fault) {
    failed(*fault);
    return false;
  }
  runaways_ = 0;
  trouble_.ends(log_, what_);
  return true;
}

void FilterScript::failed(const Fault& fault) noexcept {
  trouble_.begins(log_, what_, fault.what, Severity::error);
  if (fault.runaway) rest_until_ = clock_.now() + rest_after(++runaways_);
}

Result<bool> LuaMatch::matches(const Passage& value) noexcept {
  FilterScript::Call call{.value = value, .table = script_.table()};
  return script_.run(call) && call.matched;
}

Result<Next> LuaTarget::apply(Passage& value) noexcept {
  FilterScript::Call call{.value = value, .changing = &value, .table = script_.table()};
  return script_.run(call) ? call.next : Next::proceed;
}

void declare_filter(PluginDeclaration& declaration) {
  declaration.option("Script", Unset<std::string>{}, "The script that registers the function.")
      .required()
      .called("FILE")
      .option("Function", Unset<std::string>{}, "The name that it is registered under.")
      .required()
      .called("NAME")
      .option("MemoryLimit", "16M", "How much memory the script may have for this block.")
      .called("SIZE")
      .check([](const std::vector<Argument>& arguments) -> std::string {
        if (parse_size(arguments.front().text) != 0) return {};
        return "\"" + arguments.front().text + "\" is no size such as 64M";
      })
      .option("TimeLimit", std::chrono::milliseconds{50},
              "How much CPU time a call may take, in seconds; 0: any. All values wait for it.")
      .at_least(0)
      .option("InstructionLimit", 0, "How many of Lua's instructions a call may take; 0: any.")
      .at_least(0);
}

}  // namespace vital::lua
