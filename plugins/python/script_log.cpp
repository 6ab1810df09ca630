// SPDX-License-Identifier: MIT
#include "python/script_log.h"

#include "python/convert.h"

namespace vital::python {
namespace {

thread_local bool gives = false;  // this is the thread that calls log callbacks

}  // namespace

Status ScriptLog::start() {
  auto thread = Thread::start("python log", [this] { run(); });
  if (!thread) return thread.error();
  thread_ = std::move(*thread);
  return {};
}

void ScriptLog::stop() noexcept {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.running() && !thread_.join_for(std::chrono::seconds{1})) thread_.abandon();
}

void ScriptLog::write(Severity severity, std::string_view message) noexcept {
  if (gives) return;
  try {
    const std::lock_guard lock{mutex_};
    if (waiting_.size() >= kMost) waiting_.pop_front();
    waiting_.push_back({severity, std::string{message}});
  } catch (const std::bad_alloc&) {
    return;
  }
  changed_.notify_all();
}

void ScriptLog::run() {
  gives = true;
  std::unique_lock lock{mutex_};
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const Message message = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    give(message);
    lock.lock();
  }
}

/// What fails here is logged, but from this thread nothing comes back.
void ScriptLog::give(const Message& message) {
  const Gil gil;
  for (const auto& callback : session_.callbacks().all(Event::log)) {
    const auto fault = session_.call(
        *callback, {Ref{PyLong_FromLong(static_cast<long>(message.severity))}, text(message.text)});
    session_.judge(*callback, fault);
  }
}

}  // namespace vital::python
