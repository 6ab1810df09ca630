// SPDX-License-Identifier: MIT
#include "daemon/host_name.h"

#include <netdb.h>
#include <unistd.h>

namespace vital {
namespace {

std::string kernel_name() {
  char buffer[256] = "localhost";
  ::gethostname(buffer, sizeof buffer - 1);
  return buffer;
}

/// The resolver's canonical name; empty when it has none, and then why.
std::string canonical_name(const std::string& name, std::string& failure) {
  addrinfo hints{};
  hints.ai_flags = AI_CANONNAME;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(name.c_str(), nullptr, &hints, &found); error != 0) {
    failure = ::gai_strerror(error);
    return {};
  }
  std::string canonical;
  for (const addrinfo* entry = found; entry != nullptr && canonical.empty(); entry = entry->ai_next)
    if (entry->ai_canonname != nullptr) canonical = entry->ai_canonname;
  ::freeaddrinfo(found);
  return canonical;
}

}  // namespace

void HostName::start(const std::string& configured, bool look_up) {
  name_ = configured.empty() ? kernel_name() : configured;
  known_ = !configured.empty() || !look_up;
  if (known_) return;
  lookup_ = std::make_shared<Lookup>();
  lookup_->short_name = name_;
  auto thread = Thread::start("host name", [lookup = lookup_] {
    std::string failure;
    std::string name = canonical_name(lookup->short_name, failure);
    {
      const std::lock_guard lock{lookup->mutex};
      lookup->full_name = std::move(name);
      lookup->failure = std::move(failure);
    }
    lookup->done.ring();
  });
  if (thread)
    thread_ = std::move(*thread);
  else
    lookup_->done.ring();
}

int HostName::fd() const noexcept { return lookup_ ? lookup_->done.fd() : -1; }

bool HostName::settle(bool give_up) {
  if (known_) return false;
  if (give_up) {
    log_.warning("looking up the full name of ", std::string_view{lookup_->short_name},
                 " takes too long; the short name is used. Set Hostname or FQDNLookup");
    thread_.abandon();
  } else {
    thread_.join();
    const std::lock_guard found{lookup_->mutex};
    if (lookup_->full_name.empty())
      log_.warning("looking up the full name of ", std::string_view{lookup_->short_name},
                   " failed (", std::string_view{lookup_->failure},
                   "); the short name is used. Set Hostname or FQDNLookup");
    const std::lock_guard lock{mutex_};
    if (!lookup_->full_name.empty()) name_ = lookup_->full_name;
  }
  lookup_.reset();
  known_ = true;
  return true;
}

std::string HostName::name() const {
  const std::lock_guard lock{mutex_};
  return name_;
}

void HostName::wait(Nanoseconds limit) {
  if (!known_) (void)settle(!thread_.join_for(limit));
}

}  // namespace vital
