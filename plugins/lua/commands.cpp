// SPDX-License-Identifier: MIT
#include "lua/commands.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

extern char** environ;

namespace vital::lua {
namespace {

/// Runs a shell; the number of what failed, 0 if nothing did.
int spawn(pid_t& pid, const char* command, int its_end, int number) noexcept {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  if (its_end >= 0) ::posix_spawn_file_actions_adddup2(&actions, its_end, number);
  ::posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  ::posix_spawnattr_setflags(
      &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  char shell[] = "sh", option[] = "-c";
  char* const arguments[] = {shell, option, const_cast<char*>(command), nullptr};
  const int failed = ::posix_spawn(&pid, "/bin/sh", &actions, &attributes, arguments, environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  return failed;
}

}  // namespace

Result<Commands::Started> Commands::start(const char* command, char mode) noexcept {
  Started started;
  Fd its_end;
  if (mode != 0) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return Error::system("pipe");
    Fd reading{ends[0]}, writing{ends[1]};
    started.pipe = std::move(mode == 'r' ? reading : writing);
    its_end = std::move(mode == 'r' ? writing : reading);
  }
  const std::lock_guard lock{mutex_};
  if (stopping_) return Error{Errc::stopped, command};
  const int number = mode == 'r' ? STDOUT_FILENO : STDIN_FILENO;
  const int failed = spawn(started.pid, command, its_end.get(), number);
  if (failed != 0) return Error::system(command, failed);
  running_.push_back(started.pid);
  return started;
}

/// It leaves the list before it is reaped: from then on its number may be another's.
int Commands::wait(pid_t pid) noexcept {
  siginfo_t info{};
  while (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  const std::lock_guard lock{mutex_};
  std::erase(running_, pid);
  int status = -1;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

void Commands::stop() noexcept {
  const std::lock_guard lock{mutex_};
  stopping_ = true;
  for (const pid_t pid : running_) ::kill(-pid, SIGKILL);
}

namespace {

/// A file of Lua's io library that knows which command stands behind it.
struct CommandFile {
  luaL_Stream stream;  // first: the library casts to it
  pid_t pid;
  Commands* commands;
};

/// What io.popen()'s close and os.execute() return of a command that has ended.
int outcome(lua_State* state, int status) {
  errno = 0;  // or the library takes it for a failure of the system's
  return luaL_execresult(state, status);
}

int close_command(lua_State* state) {
  auto& file = *static_cast<CommandFile*>(luaL_checkudata(state, 1, LUA_FILEHANDLE));
  std::fclose(file.stream.f);
  return outcome(state, file.commands->wait(file.pid));
}

int failure(lua_State* state, const Error& error) {
  auto message = error.message();
  lua_pushnil(state);
  lua_pushstring(state, message.c_str());
  lua_pushinteger(state, error.number());
  return 3;
}

Commands& commands_of(lua_State* state) {
  return *static_cast<Commands*>(lua_touserdata(state, lua_upvalueindex(1)));
}

/// A closed file on the stack, so that a failure later on finds a whole one.
CommandFile& new_file(lua_State* state, Commands& commands) {
  auto& file = *static_cast<CommandFile*>(lua_newuserdatauv(state, sizeof(CommandFile), 0));
  file = {.stream = {.f = nullptr, .closef = nullptr}, .pid = 0, .commands = &commands};
  luaL_setmetatable(state, LUA_FILEHANDLE);
  return file;
}

/// Nothing raises in here.
Status open(CommandFile& file, const char* command, char mode) {
  auto started = file.commands->start(command, mode);
  if (!started) return started.error();
  file.pid = started->pid;
  file.stream.f = ::fdopen(started->pipe.get(), mode == 'r' ? "r" : "w");
  if (file.stream.f == nullptr) return Error::system(command);
  (void)started->pipe.release();
  file.stream.closef = close_command;
  return {};
}

int popen(lua_State* state) {
  const char* const command = luaL_checkstring(state, 1);
  const char* const mode = luaL_optstring(state, 2, "r");
  const bool known = (mode[0] == 'r' || mode[0] == 'w') && mode[1] == '\0';
  luaL_argcheck(state, known, 2, "invalid mode");
  CommandFile& file = new_file(state, commands_of(state));
  const Status status = open(file, command, mode[0]);
  return status ? 1 : failure(state, status.error());
}

/// Nothing raises in here.
Result<int> run(Commands& commands, const char* command) {
  const auto started = commands.start(command, 0);
  if (!started) return started.error();
  return commands.wait(started->pid);
}

int execute(lua_State* state) {
  const char* const command = luaL_optstring(state, 1, nullptr);
  if (command == nullptr) {
    lua_pushboolean(state, 1);  // there is a shell
    return 1;
  }
  const Result<int> status = run(commands_of(state), command);
  return status ? outcome(state, *status) : failure(state, status.error());
}

}  // namespace

void replace_commands(lua_State* state, Commands& commands) {
  lua_getglobal(state, "io");
  lua_pushlightuserdata(state, &commands);
  lua_pushcclosure(state, popen, 1);
  lua_setfield(state, -2, "popen");
  lua_getglobal(state, "os");
  lua_pushlightuserdata(state, &commands);
  lua_pushcclosure(state, execute, 1);
  lua_setfield(state, -2, "execute");
  lua_pop(state, 2);
}

}  // namespace vital::lua
