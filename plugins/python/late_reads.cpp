// SPDX-License-Identifier: MIT
#include "python/late_reads.h"

#include <algorithm>

namespace vital::python {

Status LateReads::add(const std::shared_ptr<Callback>& callback) {
  const std::lock_guard lock{mutex_};
  if (stopping_) return Error{Errc::stopped, callback->name};
  auto thread = Thread::start("python read", [this, callback] { run(callback); });
  if (!thread) return thread.error();
  threads_.push_back(std::move(*thread));
  return {};
}

void LateReads::stop() noexcept {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  for (Thread& thread : threads_)
    if (thread.running() && !thread.join_for(std::chrono::seconds{1})) thread.abandon();
}

bool LateReads::wait_until(Steady moment) {
  std::unique_lock lock{mutex_};
  return !changed_.wait_until(lock, moment, [this] { return stopping_; });
}

void LateReads::read(CallbackReader& reader, Span interval, Trouble& trouble) {
  auto batch = std::make_shared<Batch>();
  batch->begin(session_.host().clock().wall(), interval, session_.host().series().era());
  if (const auto status = reader.read(*batch); !status)
    trouble.begins(session_.log(), reader.name(), status.error());
  else
    trouble.ends(session_.log(), reader.name());
  session_.host().submit(std::move(batch));
  session_.host().publish();
}

void LateReads::run(const std::shared_ptr<Callback>& callback) {
  const Span interval =
      callback->interval > Span::zero() ? callback->interval : session_.interval();
  CallbackReader reader{session_, callback};
  Trouble trouble;
  for (Steady next = std::chrono::steady_clock::now(); wait_until(next);
       next = std::max(next + nanoseconds(interval), std::chrono::steady_clock::now())) {
    if (callback->taken_back) return;
    read(reader, interval, trouble);
  }
}

}  // namespace vital::python
