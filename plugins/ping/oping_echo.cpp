// SPDX-License-Identifier: MIT
#include "ping/oping_echo.h"

#include <netdb.h>
#include <netinet/in.h>
#include <oping.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <new>
#include <vector>

#include "base/fd.h"
#include "base/time.h"

namespace vital::ping {
namespace {

using namespace std::chrono_literals;

// The library times replies by the wall clock, which drifts by far less than this in a round.
constexpr Nanoseconds kClockMayDrift = 5ms;
constexpr int kAttempts = 8;

Status may_open_raw_sockets() noexcept {
  constexpr std::string_view kWhat = "raw ICMP sockets";
  if (const Fd fd{::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP)}) return {};
  if (errno != EAFNOSUPPORT) return Error::system(kWhat);
  if (const Fd fd{::socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6)}) return {};
  return Error::system(kWhat);
}

/// Whether the name has an address now.
Status find_address(const std::string& name, int family) {
  addrinfo hints{};
  hints.ai_flags = AI_ADDRCONFIG;
  hints.ai_family = family;
  hints.ai_socktype = SOCK_RAW;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(name.c_str(), nullptr, &hints, &found);
  if (failed == EAI_SYSTEM) return Error::system("name service");
  if (failed != 0) return Error{Errc::temporary, ::gai_strerror(failed)};
  ::freeaddrinfo(found);
  return {};
}

/// How far the wall clock is ahead of the steady one.
Nanoseconds wall_ahead() noexcept {
  Nanoseconds ahead{};
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto before = std::chrono::steady_clock::now();
    const auto wall = std::chrono::system_clock::now();
    const auto after = std::chrono::steady_clock::now();
    ahead = wall.time_since_epoch() - before.time_since_epoch();
    if (after - before < 1ms) break;  // nobody came in between
  }
  return ahead;
}

class OpingEcho final : public Echo {
 public:
  explicit OpingEcho(int family) : pings_{::ping_construct()}, family_{family} {
    if (!pings_) throw std::bad_alloc{};
  }

  Status configure(const EchoOptions& options) {
    double timeout = options.timeout;
    int ttl = options.ttl, family = options.family;
    // The source chooses the family, so it comes behind it.
    if (auto status = set(PING_OPT_AF, &family); !status) return status;
    if (!options.source.empty())
      if (!set(PING_OPT_SOURCE, options.source)) return failure("SourceAddress: ");
    if (!options.device.empty())
      if (auto status = set(PING_OPT_DEVICE, options.device); !status) return status;
    if (auto status = set(PING_OPT_TIMEOUT, &timeout); !status) return status;
    if (auto status = set(PING_OPT_TTL, &ttl); !status) return status;
    return set(PING_OPT_DATA, payload(options.size_bytes));
  }

  Status add(std::size_t host, const std::string& name) override {
    if (host >= targets_.size()) targets_.resize(host + 1);
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      if (::ping_host_add(pings_.get(), name.c_str()) != 0) return failure();
      pingobj_iter_t* const added = last();
      targets_[host] = added;
      if (!shares_its_number(added)) return {};
      forget(host, name);
    }
    return Error{Errc::temporary, "no number is free that would tell its replies from others'"};
  }

  Status renew(std::size_t host, const std::string& name) override {
    if (auto status = find_address(name, family_); !status) return status;
    forget(host, name);
    return add(host, name);
  }

  void forget(std::size_t host, const std::string& name) override {
    ::ping_host_remove(pings_.get(), name.c_str());
    targets_[host] = nullptr;
  }

  bool knows(std::size_t host) const override {
    return host < targets_.size() && targets_[host] != nullptr;
  }

  Status round(std::span<Answer> answers) override {
    before_.clear();
    for (pingobj_iter_t* target : targets_)
      before_.push_back(target == nullptr ? 0 : info<unsigned>(target, PING_INFO_SEQUENCE));
    const Nanoseconds ahead = wall_ahead();
    const int result = ::ping_send(pings_.get());
    const Nanoseconds stepped = wall_ahead() - ahead;
    if (stepped > kClockMayDrift || stepped < -kClockMayDrift) return {};  // nothing is known
    const int unsent = collect(answers);
    if (result >= 0) return {};
    // It counts the requests that it could not send, or it gave up half-way.
    if (-result != unsent) std::fill(answers.begin(), answers.end(), Answer{});
    return failure();
  }

 private:
  Status set(int option, void* value) {
    if (::ping_setopt(pings_.get(), option, value) != 0) return failure();
    return {};
  }
  Status set(int option, std::string value) { return set(option, value.data()); }

  /// Printable, so that it is known for what it is in a capture.
  static std::string payload(std::size_t size) {
    std::string text(size, '\0');
    for (std::size_t at = 0; at < size; ++at) text[at] = static_cast<char>('0' + at % 64);
    return text;
  }

  Status failure(std::string_view of = {}) const {
    Text<256> text;
    text.add_cut(of).add_cut(::ping_get_error(pings_.get()));
    return Error{Errc::temporary, text.view()};
  }

  template <typename T>
  static T info(pingobj_iter_t* target, int what) {
    T value{};
    std::size_t size = sizeof value;
    ::ping_iterator_get_info(target, what, &value, &size);
    return value;
  }

  pingobj_iter_t* last() const {
    pingobj_iter_t* found = nullptr;
    for (auto* at = ::ping_iterator_get(pings_.get()); at != nullptr; at = ::ping_iterator_next(at))
      found = at;
    return found;
  }

  /// The library draws the number that tells one host's replies from another's, and draws some
  /// twice.
  bool shares_its_number(pingobj_iter_t* added) const {
    const auto number = info<std::uint16_t>(added, PING_INFO_IDENT);
    return std::any_of(targets_.begin(), targets_.end(), [&](pingobj_iter_t* target) {
      return target != nullptr && target != added &&
             info<std::uint16_t>(target, PING_INFO_IDENT) == number;
    });
  }

  /// Returns how many requests were not sent.
  int collect(std::span<Answer> answers) const {
    int unsent = 0;
    for (std::size_t host = 0; host < targets_.size(); ++host) {
      pingobj_iter_t* const target = targets_[host];
      if (target == nullptr) continue;
      Answer& answer = answers[host];
      answer.sent = info<unsigned>(target, PING_INFO_SEQUENCE) != before_[host];
      unsent += answer.sent ? 0 : 1;
      const auto latency = info<double>(target, PING_INFO_LATENCY);
      if (answer.sent && latency >= 0) answer.milliseconds = latency;
    }
    return unsent;
  }

  struct Destroy {
    void operator()(pingobj_t* pings) const noexcept { ::ping_destroy(pings); }
  };

  std::unique_ptr<pingobj_t, Destroy> pings_;
  const int family_;
  std::vector<pingobj_iter_t*> targets_;  // by host; nullptr: not known
  std::vector<unsigned> before_;          // each target's next sequence number before the round
};

}  // namespace

Result<std::unique_ptr<Echo>> open_echo(const EchoOptions& options) {
  if (auto status = may_open_raw_sockets(); !status) return status.error();
  auto echo = std::make_unique<OpingEcho>(options.family);
  if (auto status = echo->configure(options); !status) return status.error();
  return std::unique_ptr<Echo>{std::move(echo)};
}

}  // namespace vital::ping
