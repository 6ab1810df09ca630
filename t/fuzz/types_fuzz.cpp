// SPDX-License-Identifier: MIT
#include "fuzz/fuzz.h"
#include "model/identifier.h"
#include "model/types.h"

using namespace vital;

/// Any text is types or complaints; any identifier that parses keeps its text.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  Types types;
  types.add(text, [](std::size_t line, std::string_view) { fuzz::promise(line != 0); });
  for (const std::string_view name : types.names())
    fuzz::promise(types.find(name) != nullptr && types.find(name)->size() != 0);
  if (const auto id = parse_identifier(text)) {
    const IdentifierText printed = format(*id);
    if (!printed.overflowed()) fuzz::promise(*parse_identifier(printed.view()) == *id);
  }
  return 0;
}
