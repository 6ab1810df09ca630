// SPDX-License-Identifier: MIT
#include "tools/bench_sink.h"

#include "tools/bench_options.h"

namespace vital::bench {

using namespace network;

void Sink::add_user(std::string_view user, std::string_view password) {
  Key key;
  if (!crypt_.make_key(password, key)) throw BenchError{"no memory for a key"};
  users_.emplace(user, key);  // the first of a name stays
}

void Sink::packet(MutableBytes bytes) noexcept {
  ++counts_.packets;
  counts_.octets += bytes.size();
  switch (PacketParser<Sink>{*this, required_}.parse(bytes)) {
    case Verdict::fine:
      break;
    case Verdict::unknown_user:
      ++counts_.unknown_user;
      break;
    case Verdict::bad_signature:
      ++counts_.bad_signature;
      break;
    default:
      ++counts_.malformed;
  }
}

void Sink::values(const Fields& fields, const WireValues& values) noexcept {
  const Identifier id = fields.identifier();
  const bool complete = fields.time != 0 && !id.host.empty() && !id.plugin.empty() &&
                        !id.type.empty() && values.size() != 0;
  ++(complete ? counts_.values : counts_.incomplete);
}

Verdict Sink::verify(const Signed& part) noexcept {
  const auto user = users_.find(part.user);
  if (user == users_.end()) return Verdict::unknown_user;
  return crypt_.verify(user->second, part.content, part.mac) ? Verdict::fine
                                                             : Verdict::bad_signature;
}

Verdict Sink::decrypt(const Encrypted& part) noexcept {
  const auto user = users_.find(part.user);
  if (user == users_.end()) return Verdict::unknown_user;
  return crypt_.decrypt(user->second, part.iv, part.cipher) ? Verdict::fine
                                                            : Verdict::bad_signature;
}

void Sink::skipped(PartType type) noexcept {
  if (type == PartType::values || type == PartType::message) ++counts_.unprotected;
}

}  // namespace vital::bench
