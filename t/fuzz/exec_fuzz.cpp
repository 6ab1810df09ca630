// SPDX-License-Identifier: MIT
#include <algorithm>
#include <string>

#include "exec/commands.h"
#include "exec/line_buffer.h"
#include "fuzz/fuzz.h"

using namespace vital;

namespace {

struct Count final : exec::Receiver {
  std::size_t lists = 0, notifications = 0, wrong_lines = 0;
  void values(const PutvalParser& values) override { lists += values.size(); }
  void notification(Notification) override { ++notifications; }
  void wrong(std::string_view, std::string_view why) override {
    fuzz::promise(!why.empty());
    ++wrong_lines;
  }
  bool operator==(const Count& other) const {
    return lists == other.lists && notifications == other.notifications &&
           wrong_lines == other.wrong_lines;
  }
};

Count understood(const Types& types, std::string_view text, std::size_t step) {
  exec::LineBuffer buffer;
  exec::Commands commands{types};
  Count count;
  std::span<char> line;
  while (!text.empty()) {
    const auto room = buffer.room();
    const std::size_t size = std::min({step, room.size(), text.size()});
    text.copy(room.data(), size);
    text.remove_prefix(size);
    buffer.filled(size);
    while (buffer.next(line)) commands.take(line, time_of(1700000000.0), count);
  }
  if (buffer.rest(line)) commands.take(line, time_of(1700000000.0), count);
  return count;
}

}  // namespace

/// What a program prints is understood in the same way, however it is cut into reads.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Types types = [] {
    Types made;
    for (const char* line : {"gauge value:GAUGE:U:U", "if_octets rx:DERIVE:0:U, tx:DERIVE:0:U"})
      made.add(*parse_data_set(line));
    return made;
  }();
  if (size == 0) return 0;
  const std::string_view text = fuzz::text_of(data + 1, size - 1);
  const Count whole = understood(types, text, text.size() + 1);
  fuzz::promise(whole == understood(types, text, data[0] + std::size_t{1}));
  return 0;
}
