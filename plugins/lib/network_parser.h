// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>

#include "lib/network_packet.h"

namespace vital::network {

/// How far the sender of some bytes is known to be who it says.
enum class Trust : std::uint8_t { none, is_signed, encrypted };

/// What became of a packet, or of a piece of one.
enum class Verdict : std::uint8_t {
  fine,
  truncated,      ///< a part goes on behind the end, or stray bytes are left
  malformed,      ///< a part is not what its type wants
  too_deep,       ///< secured parts in secured parts in secured parts
  unknown_user,   ///< nobody whose password we have
  bad_signature,  ///< the signature, or the checksum of what was encrypted, is wrong
};

/// What a packet has said so far of the value or notification to come. The texts stand in the
/// packet.
struct Fields {
  enum Which : std::uint8_t {
    host = 1,
    plugin = 2,
    plugin_instance = 4,
    type = 8,
    type_instance = 16
  };

  std::string_view texts[5] = {};
  std::uint64_t time = 0, interval = 0;  // in units of 2^-30 s; 0: not said
  std::uint64_t severity = 0;
  /// The texts that were said since somebody cleared this.
  std::uint8_t changed = host | plugin | plugin_instance | type | type_instance;
  /// Room for the consumer, beside the texts: what they come to, each and all together.
  std::uint64_t hashes[5] = {}, hash = 0;

  Identifier identifier() const noexcept {
    return {texts[0], texts[1], texts[2], texts[3], texts[4]};
  }
};

/// The numbers of one Values part.
class WireValues {
 public:
  WireValues(const std::uint8_t* kinds, std::size_t size) noexcept : kinds_{kinds}, size_{size} {}

  std::size_t size() const noexcept { return size_; }
  Kind kind(std::size_t at) const noexcept { return static_cast<Kind>(kinds_[at]); }
  Value operator[](std::size_t at) const noexcept {
    return load_value(kind(at), kinds_ + size_ + 8 * at);
  }

 private:
  const std::uint8_t* kinds_;
  std::size_t size_;
};

/// What an Encryption part holds.
struct Encrypted {
  std::string_view user;
  Bytes iv;
  MutableBytes cipher;  // checksum and payload; becomes plain where it stands
};

/// What a Signature part holds, and what it signs.
struct Signed {
  std::string_view user;
  Bytes mac;
  Bytes content;  // the user's name and all that follows
};

/// Takes packets apart, straight from the buffer, and tells a Consumer what it finds:
///
///   void values(Fields&, const WireValues&);          // a value list is complete
///   void notification(const Fields&, std::string_view message);
///   bool verifies() const;                            // false: signatures are not looked at
///   Verdict verify(const Signed&);                    // fine: the content is what the user sent
///   Verdict decrypt(const Encrypted&);                // fine: the cipher is plain now
///   void trusted(std::string_view user, Trust);       // whose content follows, if anybody's
///   void skipped(PartType);                           // a part that is trusted too little
///
/// Errors   the Verdict says why the rest of the packet was not used; what was told before stays
/// Threads  none of its own
template <typename Consumer>
class PacketParser {
 public:
  /// `required`: parts that are trusted less are skipped.
  PacketParser(Consumer& consumer, Trust required) noexcept
      : consumer_{consumer}, required_{required} {}

  Verdict parse(MutableBytes packet) noexcept { return parse(packet, {}, 0); }

 private:
  static constexpr unsigned kDeepest = 4;
  /// Who vouches for some parts, and how.
  struct Origin {
    std::string_view user{};
    Trust trust = Trust::none;
  };

  Verdict parse(MutableBytes bytes, const Origin& origin, unsigned depth) noexcept {
    if (depth > kDeepest) return Verdict::too_deep;
    const Trust trust = origin.trust;
    Fields fields;
    while (bytes.size() > kHeader) {
      const auto type = static_cast<PartType>(load_big_endian<std::uint16_t>(bytes.data()));
      const std::size_t size = load_big_endian<std::uint16_t>(bytes.data() + 2);
      if (size < kHeader || size > bytes.size()) return Verdict::truncated;
      Verdict verdict = Verdict::fine;
      if (type == PartType::encryption) {
        verdict = encryption(bytes.first(size), origin, depth);
      } else if (trust < required_ && required_ == Trust::encrypted) {
        consumer_.skipped(type);
      } else if (type == PartType::signature) {
        bool used = false;
        verdict = signature(bytes, size, origin, depth, used);
        if (used) return verdict;
      } else if (trust < required_) {
        consumer_.skipped(type);
      } else {
        verdict = part(type, bytes.first(size), fields);
      }
      if (verdict != Verdict::fine) return verdict;
      bytes = bytes.subspan(size);
    }
    return bytes.empty() ? Verdict::fine : Verdict::truncated;
  }

  Verdict part(PartType type, Bytes bytes, Fields& fields) noexcept {
    switch (type) {
      case PartType::host:
        return text(bytes, fields, 0);
      case PartType::plugin:
        return text(bytes, fields, 1);
      case PartType::plugin_instance:
        return text(bytes, fields, 2);
      case PartType::type:
        return text(bytes, fields, 3);
      case PartType::type_instance:
        return text(bytes, fields, 4);
      case PartType::time:
        return whole_seconds(bytes, fields.time);
      case PartType::interval:
        return whole_seconds(bytes, fields.interval);
      case PartType::time_hr:
        return number(bytes, fields.time);
      case PartType::interval_hr:
        return number(bytes, fields.interval);
      case PartType::severity:
        return number(bytes, fields.severity);
      case PartType::values:
        return values(bytes, fields);
      case PartType::message:
        return message(bytes, fields);
      case PartType::signature:
      case PartType::encryption:
        break;
    }
    return Verdict::fine;  // unknown parts are for those who know them
  }

  /// A text ends at its first NUL; the part's last byte must be one.
  static bool text_of(Bytes bytes, std::size_t longest, std::string_view& text) noexcept {
    const std::size_t size = bytes.size() - kHeader;
    if (size == 0 || size > longest + 1 || bytes.back() != 0) return false;
    const auto* const first = reinterpret_cast<const char*>(bytes.data() + kHeader);
    text = {first, std::strlen(first)};
    return true;
  }

  static Verdict text(Bytes bytes, Fields& fields, unsigned which) noexcept {
    if (!text_of(bytes, Identifier::kLongestField, fields.texts[which])) return Verdict::malformed;
    fields.changed = static_cast<std::uint8_t>(fields.changed | 1u << which);
    return Verdict::fine;
  }

  static Verdict number(Bytes bytes, std::uint64_t& number) noexcept {
    if (bytes.size() != kNumberPart) return Verdict::malformed;
    number = load_big_endian<std::uint64_t>(bytes.data() + kHeader);
    return Verdict::fine;
  }

  static Verdict whole_seconds(Bytes bytes, std::uint64_t& units) noexcept {
    std::uint64_t seconds = 0;
    const Verdict verdict = number(bytes, seconds);
    if (verdict != Verdict::fine) return verdict;
    constexpr unsigned kFraction = 30;  // bits
    if (seconds >> (64 - kFraction) != 0) return Verdict::malformed;
    units = seconds << kFraction;
    return Verdict::fine;
  }

  Verdict values(Bytes bytes, Fields& fields) noexcept {
    constexpr std::size_t kHead = kHeader + 2, kEach = 9;
    if (bytes.size() < kHead) return Verdict::malformed;
    const std::size_t count = load_big_endian<std::uint16_t>(bytes.data() + kHeader);
    if (bytes.size() != kHead + kEach * count) return Verdict::malformed;
    const std::uint8_t* const kinds = bytes.data() + kHead;
    constexpr auto kLastKind = static_cast<std::uint8_t>(Kind::absolute);
    for (std::size_t i = 0; i < count; ++i)
      if (kinds[i] > kLastKind) return Verdict::malformed;
    consumer_.values(fields, WireValues{kinds, count});
    return Verdict::fine;
  }

  Verdict message(Bytes bytes, const Fields& fields) noexcept {
    std::string_view text;
    if (!text_of(bytes, Notification::kLongestMessage, text)) return Verdict::malformed;
    consumer_.notification(fields, text);
    return Verdict::fine;
  }

  /// `rest`: from the signature to the end of what it stands in. `used`: the rest was taken care
  /// of; else the signature is as good as not there.
  Verdict signature(MutableBytes rest, std::size_t size, const Origin& outer, unsigned depth,
                    bool& used) noexcept {
    if (!consumer_.verifies()) return Verdict::fine;
    used = true;
    if (size <= kSignatureHead) return Verdict::malformed;
    const std::string_view user{reinterpret_cast<const char*>(rest.data() + kSignatureHead),
                                size - kSignatureHead};
    const Verdict verdict = consumer_.verify({.user = user,
                                              .mac = rest.subspan(kHeader, kMacSize),
                                              .content = rest.subspan(kSignatureHead)});
    if (verdict != Verdict::fine) return verdict;
    return nested(rest.subspan(size), {user, std::max(outer.trust, Trust::is_signed)}, depth);
  }

  Verdict encryption(MutableBytes bytes, const Origin& outer, unsigned depth) noexcept {
    if (bytes.size() <= kEncryptionExtra) return Verdict::malformed;
    const std::size_t user_size = load_big_endian<std::uint16_t>(bytes.data() + kHeader);
    if (user_size == 0 || bytes.size() <= kEncryptionExtra + user_size) return Verdict::malformed;
    const std::string_view user{reinterpret_cast<const char*>(bytes.data() + kEncryptionHead),
                                user_size};
    const MutableBytes cipher = bytes.subspan(kEncryptionHead + user_size + kIvSize);
    const Bytes iv = bytes.subspan(kEncryptionHead + user_size, kIvSize);
    Verdict verdict = consumer_.decrypt({.user = user, .iv = iv, .cipher = cipher});
    if (verdict != Verdict::fine) return verdict;
    verdict = nested(cipher.subspan(kChecksumSize), {user, Trust::encrypted}, depth);
    consumer_.trusted(outer.user, outer.trust);
    return verdict;
  }

  Verdict nested(MutableBytes bytes, const Origin& origin, unsigned depth) noexcept {
    consumer_.trusted(origin.user, origin.trust);
    return parse(bytes, origin, depth + 1);
  }

  Consumer& consumer_;
  const Trust required_;
};

}  // namespace vital::network
