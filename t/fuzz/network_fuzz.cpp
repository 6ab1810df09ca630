// SPDX-License-Identifier: MIT
#include <string>
#include <vector>

#include "fuzz/fuzz.h"
#include "support/packets.h"

using namespace vital;
using namespace vital::network;
using test::Packet;
using test::PacketRecorder;

namespace {

/// Whether one of the parts is secured, so that its place in the packet makes a difference.
bool has_secured_parts(const Packet& packet) {
  for (std::size_t at = 0; at + kHeader < packet.size();) {
    const auto type = static_cast<PartType>(load_big_endian<std::uint16_t>(packet.data() + at));
    if (type == PartType::signature || type == PartType::encryption) return true;
    const std::size_t size = load_big_endian<std::uint16_t>(packet.data() + at + 2);
    if (size < kHeader) return false;
    at += size;
  }
  return false;
}

}  // namespace

/// Any packet is read up to its first mistake, and nothing else happens. Signed and encrypted with
/// a known key, the same packet reads the same; with one bit changed, nothing of it is read.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static PacketRecorder nobody, alice{{{"alice", "s3cret"}}};
  constexpr std::size_t kLongest = 60000;
  if (size > kLongest) return 0;
  const Packet packet(data, data + size);
  (void)nobody.parse(packet);
  (void)alice.parse(packet, Trust::encrypted);
  (void)alice.parse(packet, Trust::is_signed);
  const Verdict verdict = alice.parse(packet);
  if (size == 0 || has_secured_parts(packet)) return 0;
  const std::string plain = alice.text();

  fuzz::promise(alice.parse(test::secured(packet, Trust::is_signed), Trust::is_signed) == verdict);
  fuzz::promise(alice.bare_text() == plain);
  Packet hidden = test::secured(packet, Trust::encrypted);
  fuzz::promise(alice.parse(hidden, Trust::encrypted) == verdict);
  fuzz::promise(alice.bare_text() == plain);
  hidden.back() = static_cast<std::uint8_t>(hidden.back() ^ 1);
  fuzz::promise(alice.parse(hidden, Trust::encrypted) == Verdict::bad_signature);
  fuzz::promise(alice.text().empty());
  return 0;
}
