// SPDX-License-Identifier: MIT
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/thread.h"
#include "network/address.h"

namespace vital::network {

/// Looks the addresses of hosts up, again and again, in a thread of its own: a name server may take
/// long to answer, and nobody waits for it.
///
/// Threads  look_again() any; all else the owner
class Resolver {
 public:
  /// Hears what came of a look-up, in the resolver's thread; says after how long to look again.
  using Hear = std::function<Nanoseconds(const Result<std::vector<Address>>&)>;
  static constexpr Nanoseconds kNever = Nanoseconds::max();

  Resolver();
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// Before start(). Its number.
  std::size_t add(std::string host, std::string port, Hear hear);
  /// Makes no thread when there is nothing to look up.
  Status start();
  /// Nobody hears anything after this. A look-up that takes long is left behind.
  void stop() noexcept;
  void look_again(std::size_t number) noexcept;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
  Thread thread_;
};

}  // namespace vital::network
