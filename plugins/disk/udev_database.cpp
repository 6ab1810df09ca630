// SPDX-License-Identifier: MIT
#include "base/fields.h"
#include "disk/udev_names.h"

namespace vital::disk {
namespace {

class DatabaseValue final : public UdevAttribute::Value {
 public:
  DatabaseValue(std::string name, KernelFile entry) noexcept
      : name_{std::move(name)}, entry_{std::move(entry)} {}

  std::string_view get() noexcept override {
    const Status found = entry_.read([this](std::string_view text) noexcept {
      if (const auto value = udev_property(text, name_); value != value_) value_ = value;
      return Status{};
    });
    if (!found) value_.clear();
    return value_;
  }

 private:
  const std::string name_;
  KernelFile entry_;
  std::string value_;
};

/// The one property that people use although the database does not hold it.
class DeviceNode final : public UdevAttribute::Value {
 public:
  explicit DeviceNode(std::string_view name) : path_{"/dev/"} { path_ += name; }
  std::string_view get() noexcept override { return path_; }

 private:
  std::string path_;
};

class DatabaseAttribute final : public UdevAttribute {
 public:
  DatabaseAttribute(std::string name, Root root) : name_{std::move(name)}, root_{std::move(root)} {}

  std::unique_ptr<Value> of(const BlockDevice& device) override {
    if (name_ == "DEVNAME") return std::make_unique<DeviceNode>(device.name);
    Text<64> path;
    path.add("run/udev/data/b").add(device.major).add(':').add(device.minor);
    return std::make_unique<DatabaseValue>(name_, root_.open(path.view()));
  }

 private:
  const std::string name_;
  const Root root_;
};

}  // namespace

std::unique_ptr<UdevAttribute> ask_udev_database(std::string name, const Root& root) {
  return std::make_unique<DatabaseAttribute>(std::move(name), root);
}

std::string_view udev_property(std::string_view entry, std::string_view name) noexcept {
  Lines lines{entry};
  for (std::string_view line; lines.next(line);) {
    if (!line.starts_with("E:")) continue;
    line = line.substr(2, line.size() - 3);  // without "E:" and the line feed
    if (line.starts_with(name) && line.substr(name.size()).starts_with('='))
      return line.substr(name.size() + 1);
  }
  return {};
}

}  // namespace vital::disk
