// SPDX-License-Identifier: MIT
#pragma once
#include <array>
#include <memory>
#include <string>

#include "lib/network_packet.h"

struct evp_cipher_ctx_st;
struct evp_md_ctx_st;

namespace vital::network {

using Mac = std::array<std::uint8_t, kMacSize>;
using Checksum = std::array<std::uint8_t, kChecksumSize>;
using Iv = std::array<std::uint8_t, kIvSize>;

/// What a password comes to: made once, used for each packet.
struct Key {
  std::array<std::uint8_t, 32> cipher;  // SHA-256 of the password
  std::array<std::uint8_t, 64> mac;     // the password as HMAC wants it: filled up to one block
};

/// The arithmetic of signing and encryption: HMAC-SHA-256, SHA-1, AES-256 in OFB mode.
///
/// Errors   the constructor throws std::runtime_error when the library lacks one of them; false and
///          nothing else comes of a later failure, which is a lack of memory
/// Threads  one at a time; each thread has its own. The library takes and gives back a little
/// memory
///          for each digest
/// Source   RFC 2104, FIPS 180-4, NIST SP 800-38A
class Crypt {
 public:
  Crypt();
  Crypt(Crypt&&) noexcept;
  ~Crypt();

  bool make_key(std::string_view password, Key& key) noexcept;
  /// The MAC of `head` followed by `content`.
  bool sign(const Key& key, Bytes head, Bytes content, Mac& mac) noexcept;
  bool verify(const Key& key, Bytes content, Bytes mac) noexcept;
  /// Writes a Signature part for the content.
  bool write_signature(const Key& key, std::string_view user, Bytes content,
                       MutableBytes part) noexcept;
  /// Writes an Encryption part that holds the content, with a new initialization vector.
  bool write_encrypted(const Key& key, std::string_view user, Bytes content,
                       MutableBytes part) noexcept;
  /// Makes checksum and payload plain where they stand. False: the checksum is wrong.
  bool decrypt(const Key& key, Bytes iv, MutableBytes cipher) noexcept;

  static constexpr std::size_t signature_size(std::string_view user) noexcept {
    return kSignatureHead + user.size();
  }
  static constexpr std::size_t encrypted_size(std::string_view user, Bytes content) noexcept {
    return kEncryptionExtra + user.size() + content.size();
  }

 private:
  bool apply_ofb(const Key& key, Bytes iv, MutableBytes bytes) noexcept;
  bool checksum(Bytes bytes, Checksum& sum) noexcept;

  struct Free {
    void operator()(evp_cipher_ctx_st* context) const noexcept;
    void operator()(evp_md_ctx_st* context) const noexcept;
  };
  std::unique_ptr<evp_cipher_ctx_st, Free> ofb_;
  std::unique_ptr<evp_md_ctx_st, Free> sha256_, sha1_;
};

}  // namespace vital::network
