// SPDX-License-Identifier: MIT
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/root.h"
#include "disk/diskstats.h"

namespace vital::disk {

/// What udev knows of devices under one name, such as DM_NAME.
///
/// Threads  none of its own: its reader's
class UdevAttribute {
 public:
  /// The attribute of one device.
  class Value {
   public:
    virtual ~Value() = default;
    /// As it stands now, good until the next call; empty: udev has none for this device.
    virtual std::string_view get() noexcept = 0;
  };

  virtual ~UdevAttribute() = default;
  virtual std::unique_ptr<Value> of(const BlockDevice& device) = 0;
  /// Called before each round of questions.
  virtual void begin() noexcept {}
};

/// Asks libudev about the devices of this host. Throws SetupError: this build lacks libudev, or
/// udev cannot be reached.
std::unique_ptr<UdevAttribute> ask_libudev(std::string name);

/// Reads udev's database below another root, which libudev cannot: run/udev/data/bMAJOR:MINOR.
std::unique_ptr<UdevAttribute> ask_udev_database(std::string name, const Root& root);

/// A property as an entry of the database has it, in a line "E:NAME=VALUE"; empty if there is none.
std::string_view udev_property(std::string_view entry, std::string_view name) noexcept;

}  // namespace vital::disk
