// SPDX-License-Identifier: MIT
#pragma once
#include <array>
#include <string>
#include <vector>

#include "base/trouble.h"
#include "config/tree.h"
#include "lua/surface.h"
#include "plugin/setup.h"

namespace vital::lua {

/// A function of a script that is called when something happens.
struct Callback {
  std::string name;         // "read()", "callback_0"
  int reference = 0;        // in Lua's registry
  unsigned failures = 0;    // in a row
  bool failed_now = false;  // in the read that is under way
  unsigned skip = 0;        // how many reads it is left out of
  Steady rest_until{};      // it ran away and is left alone until then
};

/// What the calls of a script reach that reads, writes and hears: the daemon behind its host, and
/// the list of its callbacks.
///
/// Threads  none of its own: whoever owns it serialises
class Session final : public Surface {
 public:
  Session(Host& host, Log log, Span interval);

  void log(Severity severity, std::string_view message) const noexcept override;
  std::string host_name() const override { return host_.host_name(); }

  Refusal dispatch(const ValueTable& table) noexcept override;
  Refusal notify(Notification notification) noexcept override;
  Refusal submit(const Series& series, const LuaNumbers& values) noexcept override;

  Refusal add(Event event, std::string_view function, int reference) noexcept override;
  /// For chains the file is run once more: see FilterScript.
  Refusal add_filter(FilterKind, std::string_view, int) noexcept override { return {}; }
  std::vector<Callback>& callbacks(Event event) noexcept {
    return callbacks_[static_cast<std::size_t>(event)];
  }

  /// Values go into this batch until end_read(): those of a read.
  void begin_read(Batch& batch) noexcept { reading_ = &batch; }
  void end_read() noexcept { reading_ = nullptr; }
  /// Hands on what was dispatched outside of a read.
  void hand_on();

 private:
  Batch& batch();
  Refusal add_sample(const Series& series, Time time, Span interval, const LuaNumbers& values);

  Host& host_;
  const Log log_;
  const Span interval_;
  std::array<std::vector<Callback>, kEvents> callbacks_;
  unsigned unnamed_ = 0;  // functions without a name so far
  Batch* reading_ = nullptr;
  std::shared_ptr<Batch> own_;
  Complaint no_number_;
};

}  // namespace vital::lua
