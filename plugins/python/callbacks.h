// SPDX-License-Identifier: MIT
#pragma once
#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "base/trouble.h"
#include "python/ref.h"

namespace vital::python {

/// What a script can ask to be called for.
enum class Event : std::uint8_t {
  config,
  init,
  read,
  write,
  flush,
  log,
  notification,
  shutdown,
};
constexpr std::size_t kEvents = 8;
std::string_view name_of(Event event) noexcept;
std::optional<Event> event_of(std::string_view name) noexcept;

/// A function of a script that is called when something happens.
struct Callback {
  Event event = Event::read;
  std::string name;  // "python.spam"
  Ref function;      // empty: it was taken back
  Ref data;          // a tuple: what it is given behind its own arguments
  Span interval{};   // of a read; zero: the plugin's
  std::atomic<bool> taken_back{false};
  Trouble trouble{};  // of a flush or log callback: said once, not each time
};

/// The callbacks of all scripts. One that is registered twice replaces the first, but for a second
/// read, which is refused.
///
/// Threads  whoever holds the interpreter's lock
class Callbacks {
 public:
  /// Empty: there is a read of that name.
  std::shared_ptr<Callback> add(std::shared_ptr<Callback> callback);
  bool remove(Event event, std::string_view name) noexcept;
  std::vector<std::shared_ptr<Callback>>& all(Event event) noexcept {
    return lists_[static_cast<std::size_t>(event)];
  }
  std::shared_ptr<Callback> find(Event event, std::string_view name) noexcept;

 private:
  std::array<std::vector<std::shared_ptr<Callback>>, kEvents> lists_;
};

}  // namespace vital::python
