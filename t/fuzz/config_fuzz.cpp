// SPDX-License-Identifier: MIT
#include "config/tree.h"
#include "fuzz/fuzz.h"

using namespace vital;

/// Any text parses to statements or to problems that name a place in it.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto source =
      std::make_shared<const Source>(Source{"fuzz", std::string{fuzz::text_of(data, size)}});
  Problems problems;
  (void)parse(source, problems);
  for (const Problem& problem : problems) {
    fuzz::promise(problem.position.line != 0 && problem.position.column != 0);
    (void)problem.text();
  }
  return 0;
}
