// SPDX-License-Identifier: MIT
#include <algorithm>

#include "daemon/isolation_wire.h"
#include "fuzz/fuzz.h"
#include "plugin/frames.h"

using namespace vital;
using namespace vital::isolation;

namespace {

/// Whatever is understood reads the same when it is written and read again.
template <typename What>
void try_to_take(std::string_view body) {
  What what, again;
  ByteReader in{body};
  if (!take(in, what)) return;
  ByteWriter out;
  put(out, what);
  ByteReader once_more{out.view()};
  fuzz::promise(take(once_more, again));
}

}  // namespace

/// Any bytes are frames, or the beginning of one, or malformed. Frames lie behind one another, and
/// what is in them is understood or refused.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input = fuzz::text_of(data, size);
  FrameCutter cutter;
  Frame frame;
  std::size_t taken = 0;
  for (std::size_t step = 1; !input.empty(); step = step * 7 % 251) {
    const std::span<char> room = cutter.room();
    const std::size_t count = std::min({step, input.size(), room.size()});
    std::copy_n(input.begin(), count, room.begin());
    cutter.arrived(count);
    input.remove_prefix(count);
    FrameCutter::Outcome outcome{};
    while ((outcome = cutter.next(frame)) == FrameCutter::Outcome::frame) {
      taken += Frame::kHeadBytes + frame.body.size();
      fuzz::promise(taken <= size);
      try_to_take<Brief>(frame.body);
      try_to_take<Offer>(frame.body);
      try_to_take<Refusal>(frame.body);
      try_to_take<Reply>(frame.body);
      try_to_take<std::vector<WriterTraits>>(frame.body);
    }
    if (outcome == FrameCutter::Outcome::malformed) return 0;
  }
  return 0;
}
