// SPDX-License-Identifier: MIT
#include <libudev.h>
#include <poll.h>

#include "disk/udev_names.h"
#include "plugin/setup.h"

namespace vital::disk {
namespace {

struct Unref {
  void operator()(udev* context) const noexcept { ::udev_unref(context); }
  void operator()(udev_monitor* monitor) const noexcept { ::udev_monitor_unref(monitor); }
  void operator()(udev_device* device) const noexcept { ::udev_device_unref(device); }
};
template <typename T>
using Owned = std::unique_ptr<T, Unref>;

class LibudevAttribute final : public UdevAttribute {
 public:
  explicit LibudevAttribute(std::string name)
      : name_{std::move(name)},
        context_{::udev_new()},
        monitor_{context_ ? ::udev_monitor_new_from_netlink(context_.get(), "udev") : nullptr} {
    if (!monitor_ ||
        ::udev_monitor_filter_add_match_subsystem_devtype(monitor_.get(), "block", nullptr) < 0 ||
        ::udev_monitor_enable_receiving(monitor_.get()) < 0)
      throw SetupError{"UdevNameAttr: cannot listen to udev"};
  }

  std::unique_ptr<Value> of(const BlockDevice& device) override {
    return std::make_unique<LibudevValue>(*this, device.name);
  }
  void begin() noexcept override {
    if (has_news()) ++generation_;
  }

 private:
  class LibudevValue final : public Value {
   public:
    LibudevValue(LibudevAttribute& attribute, std::string_view name)
        : attribute_{attribute}, name_{name} {}

    std::string_view get() noexcept override {
      if (std::exchange(generation_, attribute_.generation_) != attribute_.generation_)
        value_ = attribute_.look_up(name_);
      return value_;
    }

   private:
    LibudevAttribute& attribute_;
    const std::string name_;
    std::uint64_t generation_ = 0;
    std::string value_;
  };

  std::string look_up(const std::string& device) const noexcept {
    const Owned<udev_device> found{
        ::udev_device_new_from_subsystem_sysname(context_.get(), "block", device.c_str())};
    const char* const value =
        found ? ::udev_device_get_property_value(found.get(), name_.c_str()) : nullptr;
    return value != nullptr ? value : "";
  }

  /// Something was said about block devices since the last call. What it was does not matter.
  bool has_news() noexcept {
    bool news = false;
    pollfd waiting{.fd = ::udev_monitor_get_fd(monitor_.get()), .events = POLLIN, .revents = 0};
    while (::poll(&waiting, 1, 0) > 0) {
      news = true;
      if (!Owned<udev_device>{::udev_monitor_receive_device(monitor_.get())}) break;
    }
    return news;
  }

  const std::string name_;
  const Owned<udev> context_;
  const Owned<udev_monitor> monitor_;  // subscribed before the first question, so nothing is missed
  std::uint64_t generation_ = 1;
};

}  // namespace

std::unique_ptr<UdevAttribute> ask_libudev(std::string name) {
  return std::make_unique<LibudevAttribute>(std::move(name));
}

}  // namespace vital::disk
