// SPDX-License-Identifier: MIT
#include "users/utmp.h"

#include <utmpx.h>

#include <cstddef>
#include <cstring>

namespace vital::users {

std::uint64_t count_users(std::string_view utmp) noexcept {
  std::uint64_t users = 0;
  for (; utmp.size() >= sizeof(utmpx); utmp.remove_prefix(sizeof(utmpx))) {
    decltype(utmpx::ut_type) type = 0;
    std::memcpy(&type, utmp.data() + offsetof(utmpx, ut_type), sizeof type);
    if (type == USER_PROCESS) ++users;
  }
  return users;
}

}  // namespace vital::users
