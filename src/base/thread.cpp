// SPDX-License-Identifier: MIT
#include "base/thread.h"

#include <csignal>

#include <atomic>
#include <condition_variable>
#include <mutex>

namespace vital {
namespace {

constexpr std::size_t kStackBytes = std::size_t{1} << 20;  // address space; only what is used costs

}  // namespace

struct Thread::Body {
  std::function<void()> run;
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;  // guarded by mutex

  static void* main(void* argument) {
    // A share of its own: the owner may abandon the thread before it ends.
    const std::unique_ptr<std::shared_ptr<Body>> mine{
        static_cast<std::shared_ptr<Body>*>(argument)};
    Body& body = **mine;
    const auto run = std::move(body.run);  // what it holds goes when the thread ends
    run();
    const std::lock_guard lock{body.mutex};
    body.done = true;
    body.changed.notify_all();
    return nullptr;
  }
};

Thread::Thread(Thread&& other) noexcept : body_{std::move(other.body_)}, handle_{other.handle_} {}

Thread& Thread::operator=(Thread&& other) noexcept {
  if (this != &other) {
    join();
    body_ = std::move(other.body_);
    handle_ = other.handle_;
  }
  return *this;
}

Thread::~Thread() { join(); }

Result<Thread> Thread::start(std::string_view name, std::function<void()> run) {
  Thread thread;
  thread.body_ = std::make_shared<Body>();
  thread.body_->run = std::move(run);
  auto share = std::make_unique<std::shared_ptr<Body>>(thread.body_);

  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackBytes);
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const int failed = pthread_create(&thread.handle_, &attributes, Body::main, share.get());
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_attr_destroy(&attributes);
  if (failed != 0) {
    thread.body_.reset();
    return Error::system("starting a thread", failed);
  }
  static_cast<void>(share.release());       // Body::main owns it now
  constexpr std::size_t kLongestName = 15;  // the kernel's limit
  Text<kLongestName> short_name;
  pthread_setname_np(thread.handle_, short_name.add_cut(name).c_str());
  return thread;
}

bool Thread::running() const noexcept { return body_ != nullptr; }

void Thread::join() noexcept {
  if (!body_) return;
  pthread_join(handle_, nullptr);
  body_.reset();
}

bool Thread::join_for(Nanoseconds limit) noexcept {
  if (!body_) return true;
  std::unique_lock lock{body_->mutex};
  if (!body_->changed.wait_for(lock, limit, [this] { return body_->done; })) return false;
  lock.unlock();
  join();
  return true;
}

void Thread::abandon() noexcept {
  if (!body_) return;
  pthread_detach(handle_);
  body_.reset();
}

}  // namespace vital
