// SPDX-License-Identifier: MIT
#pragma once
#include "config/tree.h"
#include "lua/commands.h"
#include "lua/interpreter.h"
#include "lua/surface.h"

namespace vital::lua {

// Bodies for Interpreter::run(): they raise Lua errors.

/// What a script finds in its state.
struct Furnishing {
  Commands* commands;              // what io.popen() and os.execute() start; nullptr: nothing
  const std::string& module_path;  // goes before package.path; may be empty
};

/// Lua's own libraries, less what would harm the daemon; the table `collectd`; what scripts for
/// older versions of Lua expect. `argument`: a Furnishing. The interpreter's owner must be a
/// Surface.
int furnish(lua_State* state);

/// Furnishes the state, then runs a script from its file; nothing: it went well.
std::optional<Fault> run_file(Interpreter& interpreter, const Furnishing& furnishing,
                              const std::string& path);

/// A configuration as a table: an option's value under its name, and all statements as an array of
/// {key=..., values={...}, children={...}}.
void push(lua_State* state, const std::vector<Statement>& statements);

}  // namespace vital::lua
