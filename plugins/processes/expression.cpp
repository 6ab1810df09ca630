// SPDX-License-Identifier: MIT
#include "processes/expression.h"

#include <stdexcept>

namespace vital::processes {
namespace {

constexpr int kFlags = REG_EXTENDED | REG_NOSUB;

}  // namespace

Expression::Expression(const std::string& text) {
  auto compiled = std::make_unique<regex_t>();
  if (::regcomp(compiled.get(), text.c_str(), kFlags) != 0)
    throw std::logic_error{"regular expression was not checked: " + text};
  compiled_.reset(compiled.release());
}

std::string Expression::complaint(const std::string& text) {
  regex_t compiled{};
  const int failed = ::regcomp(&compiled, text.c_str(), kFlags);
  if (failed != 0) {
    char why[128];
    ::regerror(failed, &compiled, why, sizeof why);
    return "has a regular expression that is wrong: " + std::string{why};
  }
  ::regfree(&compiled);
  return {};
}

bool Expression::matches(std::string_view text) const noexcept {
  regmatch_t range{.rm_so = 0, .rm_eo = static_cast<regoff_t>(text.size())};
  return ::regexec(compiled_.get(), text.data(), 1, &range, REG_STARTEND) == 0;
}

}  // namespace vital::processes
