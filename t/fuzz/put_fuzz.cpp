// SPDX-License-Identifier: MIT
#include "fuzz/fuzz.h"
#include "model/put.h"

using namespace vital;

namespace {

Types make_types() {
  Types types;
  for (const char* line : {"gauge value:GAUGE:U:U", "derive value:DERIVE:0:U",
                           "counter value:COUNTER:0:U", "if_octets rx:DERIVE:0:U, tx:DERIVE:0:U"})
    types.add(*parse_data_set(line));
  return types;
}

}  // namespace

/// Any line is understood, or refused with a reason; what was understood prints and parses again to
/// the same values.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Types types = make_types();
  static SeriesTable series;
  std::string line{fuzz::text_of(data, size)};
  Refusal refusal;
  Notification notification;
  std::string copy = line;
  fuzz::promise(parse_putnotif(copy, notification, refusal) == refusal.empty());

  refusal.clear();
  PutvalParser parser{types};
  const Time now = time_of(1700000000.0);
  const bool understood = parser.parse(line, now, refusal);
  fuzz::promise(understood == refusal.empty());
  if (!understood) return 0;
  Batch batch;
  batch.begin(now, span_of_seconds(10), series.era());
  if (!parser.add_to(batch, series, span_of_seconds(10))) return 0;
  for (const Sample& sample : batch) {
    auto printed = putval_line(sample, GaugeForm::general, false);
    if (printed.overflowed()) continue;
    std::string again{printed.view().substr(sizeof "PUTVAL " - 1)};
    fuzz::promise(parser.parse(again, now, refusal) && parser.size() == 1);
  }
  batch.begin(now, span_of_seconds(10), nullptr);
  series.retire_unheld();
  return 0;
}
