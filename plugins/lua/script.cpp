// SPDX-License-Identifier: MIT
#include "lua/script.h"

#include <algorithm>
#include <filesystem>

#include "lua/library.h"

namespace vital::lua {
namespace {

constexpr unsigned kMostSkipped = 1024;  // reads

/// One call of a callback, as the body that runs it wants it.
struct Call {
  Event event;
  int reference;
  const void* argument;
  bool numeric = false;  // it returned a number
  bool nothing = false;  // it returned nothing
  lua_Integer result = 0;
};

int push_arguments(lua_State* state, const Call& call) {
  switch (call.event) {
    case Event::config:
      push(state, *static_cast<const std::vector<Statement>*>(call.argument));
      return 1;
    case Event::write:
      push(state, *static_cast<const Sample*>(call.argument));
      return 1;
    case Event::notification:
      push(state, *static_cast<const Notification*>(call.argument));
      return 1;
    case Event::flush: {
      const auto& request = *static_cast<const FlushRequest*>(call.argument);
      lua_pushnumber(state, seconds(request.older_than));
      lua_pushlstring(state, request.identifier.data(), request.identifier.size());
      return 2;
    }
    default:
      return 0;
  }
}

int run_call(lua_State* state) {
  auto& call = *static_cast<Call*>(lua_touserdata(state, 1));
  lua_rawgeti(state, LUA_REGISTRYINDEX, call.reference);
  lua_call(state, push_arguments(state, call), 1);
  call.numeric = lua_isnumber(state, -1) != 0;
  call.nothing = lua_isnil(state, -1);
  call.result = lua_tointeger(state, -1);
  return 0;
}

Root root_noting(const Root& root, const Setup& setup) { return root.noting(setup.sources()); }

}  // namespace

Script::Script(Setup& setup, ScriptPlan plan)
    : plan_{std::move(plan)},
      host_{setup.host()},
      log_{setup.log()},
      interval_{setup.interval()},
      file_{root_noting(files_, setup).open(std::filesystem::absolute(plan_.path).string())} {}

void Script::say(std::string_view whose, const Fault& fault) const {
  const std::string_view called = fault.traceback.empty() ? "" : "; called from ";
  log_.error(plan_.path, ": ", whose, ": ", std::string_view{fault.what}, called,
             std::string_view{fault.traceback});
}

/// Runs the file in a new interpreter; nullptr: it could not be, and that is said.
std::unique_ptr<Script::Life> Script::make_life() {
  stamp_ = FileStamp::of(plan_.path);
  std::unique_ptr<Life> life;
  std::optional<Fault> fault;
  try {
    life = std::make_unique<Life>(host_, log_, interval_, plan_.limits);
    fault = run_file(life->interpreter, {&commands_, plan_.module_path}, plan_.path);
  } catch (const std::bad_alloc&) {
    fault = Fault{.what = "MemoryLimit is too small for any script", .traceback = {}};
  }
  if (!fault) return life;
  say("it cannot be run", *fault);
  return nullptr;
}

bool Script::load() {
  const std::lock_guard lock{mutex_};
  life_ = make_life();
  if (life_ && plan_.has_config) (void)call_all(Event::config, &plan_.config);
  return life_ != nullptr;
}

bool Script::has(Event event) {
  const std::lock_guard lock{mutex_};
  return life_ && !life_->session.callbacks(event).empty();
}

void Script::start() {
  const std::lock_guard lock{mutex_};
  started_ = true;
  if (!life_) return;
  (void)call_all(Event::init, nullptr);
  life_->session.hand_on();
}

void Script::stop() noexcept {
  commands_.stop();
  const std::unique_lock lock{mutex_, std::try_to_lock};
  if (!lock || !life_ || !std::exchange(started_, false)) return;
  (void)call_all(Event::shutdown, nullptr);
  life_->session.hand_on();
}

void Script::reload_if_changed() {
  if (!plan_.reload) return;
  const FileStamp stamp = FileStamp::of(plan_.path);
  if (stamp == stamp_ || !stamp.is_there()) return;  // one that is gone stays as it is
  auto life = make_life();
  if (!life) return;
  if (life_) compare(*life_, *life);
  life_ = std::move(life);
  log_.info(plan_.path, ": it has changed and was run anew");
  if (plan_.has_config) (void)call_all(Event::config, &plan_.config);
  (void)call_all(Event::init, nullptr);
  life_->session.hand_on();
}

/// What it wants to hear of was decided when the daemon started.
void Script::compare(Life& before, Life& now) const {
  for (const Event event : {Event::write, Event::notification, Event::flush})
    if (before.session.callbacks(event).empty() && !now.session.callbacks(event).empty())
      log_.warning(plan_.path, ": its new ", name_of(event),
                   " callback is called from the daemon's next start on");
}

/// The reader rests now; it is to be woken when the file is another one.
void Script::watch_for_change() noexcept {
  files_.new_tick();
  (void)file_.read([](std::string_view) -> Status { return Error{Errc::refused}; });
}

std::optional<Fault> Script::call(Event event, const Callback& callback, const void* argument) {
  Call call{.event = event, .reference = callback.reference, .argument = argument};
  auto fault = life_->interpreter.run(run_call, &call);
  if (fault) return fault;
  const bool must_tell = event == Event::read || event == Event::write;
  Text<128> what;
  if (!call.numeric && must_tell)
    what.add_cut(callback.name).add(" returned no number");
  else if (call.numeric && call.result != 0)
    what.add_cut(callback.name).add(" returned ").add(call.result);
  if (what.empty()) return std::nullopt;
  return Fault{.what = std::string{what.view()}, .traceback = {}};
}

Status Script::call_one(Event event, Callback& callback, const void* argument) {
  const auto fault = call(event, callback, argument);
  if (!fault) {
    works(event, callback);
    return {};
  }
  failed(event, callback, *fault);
  return fault->error();
}

void Script::failed(Event event, Callback& callback, const Fault& fault) {
  callback.failed_now = true;
  if (callback.failures++ == 0) {
    const std::string whose = std::string{name_of(event)} + " callback " + callback.name;
    say(whose, fault);
  }
  if (fault.runaway) callback.rest_until = host_.clock().now() + rest_after(callback.failures);
}

void Script::works(Event event, Callback& callback) {
  if (callback.failures == 0) return;
  log_.notice(plan_.path, ": ", name_of(event), " callback ", std::string_view{callback.name},
              " works again after ", std::exchange(callback.failures, 0), " failures");
}

/// Each that does not rest; the first failure.
Status Script::call_all(Event event, const void* argument) {
  Status first;
  for (Callback& callback : life_->session.callbacks(event)) {
    if (host_.clock().now() < callback.rest_until) continue;
    if (auto status = call_one(event, callback, argument); !status && first) first = status;
  }
  return first;
}

bool Script::rests(Event event) noexcept {
  const std::lock_guard lock{mutex_};
  if (!life_) return false;
  const auto& all = life_->session.callbacks(event);
  return !all.empty() && std::all_of(all.begin(), all.end(), [&](const Callback& callback) {
    return host_.clock().now() < callback.rest_until;
  });
}

/// While others of the script work, one that fails is left out of more and more reads. When all
/// fail, the scheduler rests the script.
Status Script::read(Batch& batch) noexcept {
  const std::lock_guard lock{mutex_};
  reload_if_changed();
  if (!life_) {
    watch_for_change();
    return Error{Errc::refused, "the script cannot be run"};
  }
  Status first;
  bool any = false;
  life_->session.begin_read(batch);
  auto& callbacks = life_->session.callbacks(Event::read);
  for (Callback& callback : callbacks) {
    if (callback.skip != 0) {
      --callback.skip;
      any = true;
      continue;
    }
    auto status = call_one(Event::read, callback, nullptr);
    any = any || status;
    if (!status && first) first = status;
  }
  life_->session.end_read();
  for (Callback& callback : callbacks)
    if (std::exchange(callback.failed_now, false) && any)
      callback.skip = std::min((1u << std::min(callback.failures, 16u)) - 1, kMostSkipped);
  if (any || first) return {};
  watch_for_change();
  return first;
}

Status Script::write(const Sample& sample) noexcept {
  const std::lock_guard lock{mutex_};
  if (!life_) return Error{Errc::refused, plan_.path};
  const Status status = call_all(Event::write, &sample);
  life_->session.hand_on();
  return status;
}

Status Script::notify(const Notification& notification) noexcept {
  const std::lock_guard lock{mutex_};
  if (!life_) return Error{Errc::refused, plan_.path};
  const Status status = call_all(Event::notification, &notification);
  life_->session.hand_on();
  return status;
}

void Script::flush(const FlushRequest& request) noexcept {
  const std::lock_guard lock{mutex_};
  if (!life_) return;
  (void)call_all(Event::flush, &request);
  life_->session.hand_on();
}

}  // namespace vital::lua
