// SPDX-License-Identifier: MIT
#include "daemon/alerts.h"
#include "fuzz/fuzz.h"
#include "pipeline/thresholds.h"

using namespace vital;

/// What was remembered of alerts and silences comes from a file that anything may have happened to.
/// What is understood of it is saved as it was.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = fuzz::text_of(data, size);
  if (const auto memory = unpack_memory(bytes))
    fuzz::promise(*unpack_memory(pack_memory(*memory)) == *memory);
  Silences silences, again;
  silences.restore(bytes);
  again.restore(silences.save());
  fuzz::promise(again.all().size() == silences.all().size());
  Threshold threshold;
  threshold.type = "gauge";
  threshold.band.days = 7;
  Thresholds thresholds{{threshold}, {}}, copy{{threshold}, {}};
  thresholds.restore(bytes);
  const std::string saved = thresholds.save();
  copy.restore(saved);
  fuzz::promise(copy.save().size() == saved.size());
  return 0;
}
