// SPDX-License-Identifier: MIT
// Usage: count [CASE]
// Without a case: names them all. With one: gets ready, does the work once to have seen everything,
// and ten times in measured(), which callgrind counts (bench/guard runs it).
#include <cstdio>
#include <exception>

#include "cases.h"

namespace vital::bench {

[[gnu::noinline]] void measured(const std::function<void()>& work) {
  constexpr int kTimes = 10;
  for (int i = 0; i < kTimes; ++i) work();
}

static int count(std::string_view wanted) {
  for (const Case& one : cases()) {
    if (wanted.empty()) std::printf("%.*s\n", static_cast<int>(one.name.size()), one.name.data());
    if (one.name != wanted) continue;
    const auto work = one.prepare();
    work();
    measured(work);
    return 0;
  }
  return wanted.empty() ? 0 : 1;
}

}  // namespace vital::bench

int main(int count, char** arguments) {
  try {
    return vital::bench::count(count > 1 ? arguments[1] : "");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "count: %s\n", error.what());
    return 1;
  }
}
