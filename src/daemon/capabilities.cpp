// SPDX-License-Identifier: MIT
#include "daemon/capabilities.h"

#include <sys/capability.h>
#include <sys/prctl.h>

#include <cerrno>
#include <memory>
#include <vector>

#include "base/strings.h"

namespace vital {
namespace {

using Set =
    std::unique_ptr<std::remove_pointer_t<cap_t>, decltype([](cap_t set) { ::cap_free(set); })>;

std::vector<cap_value_t> list_of(Capabilities set) {
  std::vector<cap_value_t> list;
  for (cap_value_t number = 0; number < cap_max_bits(); ++number)
    if ((set & capability(number)) != 0) list.push_back(number);
  return list;
}

Status apply(Capabilities usable, Capabilities inheritable) noexcept {
  const Set set{::cap_init()};
  if (!set) return Error::system("capabilities");
  const auto fill = [&](cap_flag_t flag, const std::vector<cap_value_t>& list) {
    return list.empty() || ::cap_set_flag(set.get(), flag, static_cast<int>(list.size()),
                                          list.data(), CAP_SET) == 0;
  };
  if (!fill(CAP_PERMITTED, list_of(usable)) || !fill(CAP_EFFECTIVE, list_of(usable)) ||
      !fill(CAP_INHERITABLE, list_of(inheritable)) || ::cap_set_proc(set.get()) != 0)
    return Error::system("capabilities");
  return {};
}

}  // namespace

bool knows_capabilities() noexcept { return true; }

Capabilities held_capabilities() noexcept {
  const Set set{::cap_get_proc()};
  Capabilities held = 0;
  for (cap_value_t number = 0; set && number < cap_max_bits(); ++number) {
    cap_flag_value_t value = CAP_CLEAR;
    if (::cap_get_flag(set.get(), number, CAP_PERMITTED, &value) == 0 && value == CAP_SET)
      held |= capability(number);
  }
  return held;
}

Status keep_capabilities(Capabilities kept, bool may_gain) noexcept {
  const Capabilities usable = kept & held_capabilities();
  // Only those with CAP_SETPCAP can take from the bounding set; no_new_privs does for the others.
  for (cap_value_t number = 0; number < cap_max_bits(); ++number)
    if (!may_gain && (usable & capability(number)) == 0) (void)::cap_drop_bound(number);
  (void)::cap_reset_ambient();
  return apply(usable, 0);
}

Status hand_down_capabilities(Capabilities inherited) noexcept {
  const Capabilities usable = held_capabilities();
  inherited &= usable;
  if (auto status = apply(usable, inherited); !status) return status;
  for (const cap_value_t number : list_of(inherited))
    if (::cap_set_ambient(number, CAP_SET) != 0) return Error::system("ambient capabilities");
  return {};
}

std::string names_of_capabilities(Capabilities set) {
  std::string names;
  for (const cap_value_t number : list_of(set)) {
    const std::unique_ptr<char, decltype([](char* text) { ::cap_free(text); })> name{
        ::cap_to_name(number)};
    if (!names.empty()) names += ", ";
    for (const char* at = name.get(); at != nullptr && *at != '\0'; ++at) names += to_upper(*at);
  }
  return names.empty() ? "none" : names;
}

}  // namespace vital
