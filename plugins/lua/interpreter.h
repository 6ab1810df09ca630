// SPDX-License-Identifier: MIT
#pragma once
#include <lua.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace vital::lua {

/// What one script may use. Memory counts for the whole interpreter, the rest for each callback.
struct Limits {
  std::size_t memory_bytes = std::size_t{64} << 20;
  std::uint64_t instructions = 0;  // of Lua's virtual machine; 0: no limit
  Nanoseconds cpu{};               // zero: no limit
};

/// How long what ran away is left alone: 10 s the first time, then longer and longer.
Nanoseconds rest_after(unsigned runaways) noexcept;

/// Why a piece of a script came to no good end.
struct Fault {
  std::string what;       // "/usr/share/x.lua:7: attempt to index a nil value (local 't')"
  std::string traceback;  // on one line; empty: there is none
  bool runaway = false;   // stopped, for it used more than it may

  /// The first bytes, without the directory: it stands where the script is named already.
  Error error() const noexcept;
};

/// One Lua state that cannot harm its host: it has a bound on memory, and what runs too long is
/// stopped at its next instruction. What waits in a system call is not running, and is not stopped.
///
/// Threads  none of its own: whoever owns it serialises
class Interpreter {
 public:
  /// A piece of work inside of the state. Finds its argument as light userdata at index 1. It may
  /// raise Lua errors, which jump: nothing with a destructor may live across a call that raises.
  using Body = int (*)(lua_State*);

  /// Throws std::bad_alloc: not even an empty state fits into the limit.
  explicit Interpreter(const Limits& limits);
  Interpreter(const Interpreter&) = delete;
  Interpreter& operator=(const Interpreter&) = delete;
  ~Interpreter();

  /// Runs the body on fresh budgets; nothing: it went well.
  std::optional<Fault> run(Body body, void* argument);

  /// Whose state it is; of any of its coroutines, too.
  static Interpreter& of(lua_State* state) noexcept;
  /// What functions of the state find by of(): whatever its owner wants.
  void* owner = nullptr;

  std::size_t memory_bytes() const noexcept { return memory_bytes_; }

 private:
  static void* allocate(void* self, void* block, std::size_t old_size, std::size_t size) noexcept;
  static void on_count(lua_State* state, lua_Debug*);
  void spend(lua_State* state, std::uint64_t instructions);
  Fault fault(int code);

  const Limits limits_;
  std::size_t memory_bytes_ = 0;
  bool memory_refused_ = false;
  std::uint64_t instructions_ = 0;  // of the body that runs
  Nanoseconds cpu_begin_{};
  const char* spent_ = nullptr;  // which budget; nullptr: none

  struct Close {
    void operator()(lua_State* state) const noexcept { lua_close(state); }
  };
  std::unique_ptr<lua_State, Close> state_;
};

}  // namespace vital::lua
