// SPDX-License-Identifier: MIT
#include "disk/udev_names.h"
#include "plugin/setup.h"

namespace vital::disk {

std::unique_ptr<UdevAttribute> ask_libudev(std::string) {
  throw SetupError{
      "UdevNameAttr needs libudev, which this build of vitald lacks; leave the option out, or "
      "build "
      "anew where the package libudev-dev is installed"};
}

}  // namespace vital::disk
