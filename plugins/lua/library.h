// SPDX-License-Identifier: MIT
#pragma once
#include "config/tree.h"
#include "lua/commands.h"
#include "lua/session.h"

namespace vital::lua {

// Bodies for Interpreter::run(). All raise Lua errors.

/// What a script finds in its state.
struct Furnishing {
  Session& session;
  Commands& commands;              // what io.popen() and os.execute() start
  const std::string& module_path;  // goes before package.path; may be empty
};

/// Lua's own libraries, less what would harm the daemon; the table `collectd`; what scripts for
/// older versions of Lua expect. `argument`: a Furnishing. The interpreter's owner must be the
/// session.
int furnish(lua_State* state);

/// A configuration as a table: an option's value under its name, and all statements as an array of
/// {key=..., values={...}, children={...}}.
void push(lua_State* state, const std::vector<Statement>& statements);

}  // namespace vital::lua
