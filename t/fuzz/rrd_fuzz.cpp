// SPDX-License-Identifier: MIT
// The heads of RRD files, and what an update makes of them.
#include <algorithm>

#include "fuzz.h"
#include "lib/rrd_head.h"
#include "lib/rrd_layout.h"
#include "rrdtool/rrd_steps.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vital::rrdtool;
  RrdHead head;
  const auto bytes = std::as_bytes(std::span{data, size});
  const std::size_t whole = RrdHead::size_of(bytes);
  if (whole == 0 || whole > size) return 0;
  std::copy_n(bytes.begin(), whole, head.room(whole).begin());
  std::uint64_t file_size = whole;
  constexpr std::uint64_t kMostRows = 10'000;
  if (!head.accept(size)) {
    std::uint64_t rows = 0;
    for (const HeadArchive& archive : head.archives()) rows += std::min(archive.rows, kMostRows);
    file_size += rows * head.columns().size() * sizeof(double);
    if (!head.accept(file_size)) return 0;
  }
  vital::DataSet type{"any", {}};
  for (const HeadColumn& column : head.columns())
    for (const auto kind :
         {vital::Kind::counter, vital::Kind::gauge, vital::Kind::derive, vital::Kind::absolute})
      if (text_of(column.kind) == word_of(kind)) type.sources.push_back({"value", kind});
  RrdSteps steps;
  if (!steps.begin(head, type)) return 0;
  std::vector<vital::Value> record(1 + type.size());
  for (const std::int64_t passed : {1, 10, 1000, 100'000'000}) {
    record[0].derive = head.time().seconds + passed;
    if (!steps.add(head, type, record)) return 0;
  }
  steps.end(head, type, record);
  for (const std::int64_t back : {1, 10'000, 200'000'000})
    steps.turn_back(head, std::max<std::int64_t>(head.time().seconds - back, 0));
  return 0;
}
