// SPDX-License-Identifier: MIT
// The saved state: its file, and the section of the value cache. What is taken in must come out as
// it was, or not at all.
#include "base/saved_state.h"
#include "fuzz/fuzz.h"
#include "model/types.h"
#include "pipeline/remembered.h"

using namespace vital;

namespace {

void fuzz_cache(std::string_view bytes) {
  static SeriesTable table;
  static const DataSet type = *parse_data_set("if_octets rx:DERIVE:0:U, tx:DERIVE:0:U");
  static const Series series = std::move(*table.intern({"h", "p", "", "if_octets", ""}, type));
  ByteWriter section;
  RememberedValues::write_head("b", section);
  section.raw(bytes);
  RememberedValues values;
  const bool loaded = values.load(std::string{section.view()}, "b", {2, span_of_seconds(60)});
  fuzz::promise(loaded || values.empty());
  Time time;
  Value last[2];
  if (values.take(*series, time_of(1.7e9), time, last)) fuzz::promise(time < time_of(1.7e9));
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = fuzz::text_of(data, size);
  if (const auto state = SavedState::decode(bytes))
    fuzz::promise(SavedState::decode(state->encode())->sections == state->sections);
  fuzz_cache(bytes);
  return 0;
}
