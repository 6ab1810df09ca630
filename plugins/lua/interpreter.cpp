// SPDX-License-Identifier: MIT
#include "lua/interpreter.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <new>

namespace vital::lua {
namespace {

constexpr int kStep = 10'000;  // instructions between two looks at the budgets: some 50 us

Nanoseconds cpu_now() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds{now.tv_sec} + Nanoseconds{now.tv_nsec};
}

/// Adds where the error came from. Strings only: anything else could run code of the script.
int add_traceback(lua_State* state) {
  const char* const message = lua_tostring(state, 1);
  luaL_traceback(state, state, message != nullptr ? message : "an error that is no text", 1);
  return 1;
}

/// "\n\t" and the like become ", ": a message of the log is one line.
std::string on_one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    if (c == '\t') continue;
    if (c != '\n')
      line += c;
    else if (!line.empty())
      line += ", ";
  }
  return line;
}

}  // namespace

Nanoseconds rest_after(unsigned runaways) noexcept {
  using namespace std::chrono_literals;
  constexpr Nanoseconds kFirst = 10s, kLongest = 10min;
  return std::min(kLongest, kFirst * (1 << std::min(runaways - 1, 10u)));
}

Error Fault::error() const noexcept {
  std::string_view text = what;
  const auto place = text.substr(0, text.find(": "));
  if (const auto slash = place.rfind('/'); slash != std::string_view::npos)
    text.remove_prefix(slash + 1);
  return Error{runaway ? Errc::limit : Errc::refused, text};
}

Interpreter::Interpreter(const Limits& limits)
    : limits_{limits}, state_{lua_newstate(allocate, this)} {
  if (!state_) throw std::bad_alloc{};
  Interpreter* const self = this;
  std::memcpy(lua_getextraspace(state_.get()), &self, sizeof(void*));
}

Interpreter::~Interpreter() {
  instructions_ = 0;  // finalizers run now, on a budget of their own
  cpu_begin_ = cpu_now();
  spent_ = nullptr;
  state_.reset();
}

Interpreter& Interpreter::of(lua_State* state) noexcept {
  Interpreter* self = nullptr;
  std::memcpy(&self, lua_getextraspace(state), sizeof(void*));
  return *self;
}

void* Interpreter::allocate(void* self, void* block, std::size_t old_size,
                            std::size_t size) noexcept {
  auto& me = *static_cast<Interpreter*>(self);
  if (block == nullptr) old_size = 0;  // Lua says there what kind of object it wants
  if (size > old_size && me.memory_bytes_ + (size - old_size) > me.limits_.memory_bytes) {
    me.memory_refused_ = true;
    return nullptr;
  }
  void* moved = nullptr;
  if (size == 0) {
    std::free(block);
  } else {
    moved = std::realloc(block, size);
    if (moved == nullptr) return nullptr;
  }
  me.memory_bytes_ += size - old_size;
  return moved;
}

void Interpreter::on_count(lua_State* state, lua_Debug*) {
  of(state).spend(state, static_cast<std::uint64_t>(lua_gethookcount(state)));
}

/// Once a budget is spent each further instruction raises the error again, in whichever coroutine,
/// so that no pcall() of the script's can hold on to life.
void Interpreter::spend(lua_State* state, std::uint64_t instructions) {
  instructions_ += instructions;
  if (spent_ == nullptr) {
    if (limits_.instructions != 0 && instructions_ > limits_.instructions)
      spent_ = "InstructionLimit";
    else if (limits_.cpu > Nanoseconds::zero() && cpu_now() - cpu_begin_ > limits_.cpu)
      spent_ = "TimeLimit";
  }
  lua_sethook(state, on_count, LUA_MASKCOUNT, spent_ == nullptr ? kStep : 1);
  if (spent_ == nullptr) return;
  luaL_where(state, 0);
  lua_pushfstring(state, "stopped: it ran past its %s", spent_);
  lua_concat(state, 2);
  lua_error(state);
}

std::optional<Fault> Interpreter::run(Body body, void* argument) {
  lua_State* const state = state_.get();
  instructions_ = 0;
  cpu_begin_ = cpu_now();
  spent_ = nullptr;
  memory_refused_ = false;
  lua_sethook(state, on_count, LUA_MASKCOUNT, kStep);
  lua_settop(state, 0);
  lua_pushcfunction(state, add_traceback);
  lua_pushcfunction(state, body);
  lua_pushlightuserdata(state, argument);
  const int code = lua_pcall(state, 1, 0, 1);
  std::optional<Fault> result;
  if (code != LUA_OK) result = fault(code);
  lua_settop(state, 0);
  if (code == LUA_ERRMEM) lua_gc(state, LUA_GCCOLLECT);
  return result;
}

Fault Interpreter::fault(int code) {
  constexpr std::string_view kTraceback = "\nstack traceback:\n";
  constexpr std::string_view kCaller = "\t[C]: in ?";  // ourselves
  const char* const message = lua_tostring(state_.get(), -1);
  std::string_view text = message != nullptr ? message : "an error that is no text";
  Fault fault{.what = {}, .traceback = {}, .runaway = spent_ != nullptr};
  if (const auto end = text.find(kTraceback); end != std::string_view::npos) {
    std::string_view calls = text.substr(end + kTraceback.size());
    if (calls.ends_with(kCaller)) calls.remove_suffix(kCaller.size());
    if (calls.ends_with('\n')) calls.remove_suffix(1);
    fault.traceback = on_one_line(calls);
    text = text.substr(0, end);
  }
  fault.what = on_one_line(text);
  if (code == LUA_ERRMEM || (memory_refused_ && text.ends_with("not enough memory"))) {
    fault.what = "stopped: it wants more memory than its MemoryLimit";
    fault.runaway = true;
  }
  return fault;
}

}  // namespace vital::lua
