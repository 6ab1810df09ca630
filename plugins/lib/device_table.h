// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace vital {

/// What a reader remembers of each device of a kernel file, by name. Files list devices in the same
/// order from tick to tick, so a look-up is usually one comparison and never allocates for a device
/// that is known.
///
///     devices.begin();
///     for each line: if (Device* device = devices.find(name)) ... else devices.add(name,
///     make(name)); devices.end();   // forgets those that were not asked for
///
/// Threads  none of its own: its reader's
template <typename Device>
class DeviceTable {
 public:
  void begin() noexcept { next_ = 0; }

  Device* find(std::string_view name) noexcept {
    for (std::size_t tried = 0; tried < entries_.size(); ++tried) {
      if (next_ >= entries_.size()) next_ = 0;
      Entry& entry = entries_[next_++];
      if (entry.name != name) continue;
      entry.seen = true;
      return &entry.device;
    }
    return nullptr;
  }

  /// Puts it behind the one that was found last.
  Device& add(std::string_view name, Device device) {
    const auto at =
        entries_.begin() + static_cast<std::ptrdiff_t>(std::min(next_, entries_.size()));
    next_ = static_cast<std::size_t>(at - entries_.begin()) + 1;
    return entries_.insert(at, Entry{std::string{name}, std::move(device), true})->device;
  }

  /// Forgets every device that was neither found nor added since begin().
  void end() {
    std::erase_if(entries_, [](const Entry& entry) { return !entry.seen; });
    for (Entry& entry : entries_) entry.seen = false;
  }

  std::size_t size() const noexcept { return entries_.size(); }

 private:
  struct Entry {
    std::string name;
    Device device;
    bool seen;
  };

  std::vector<Entry> entries_;
  std::size_t next_ = 0;
};

}  // namespace vital
