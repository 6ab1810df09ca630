// SPDX-License-Identifier: MIT
#include "lib/network_crypt.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <stdexcept>

namespace vital::network {
namespace {

constexpr std::uint8_t kInnerPad = 0x36, kOuterPad = 0x5c;  // of HMAC

std::array<std::uint8_t, 64> padded(const Key& key, std::uint8_t pad) noexcept {
  auto block = key.mac;
  for (std::uint8_t& byte : block) byte = static_cast<std::uint8_t>(byte ^ pad);
  return block;
}

Bytes bytes_of(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// One digest of several pieces; the context keeps its algorithm.
bool digest(evp_md_ctx_st* context, std::initializer_list<Bytes> pieces,
            std::uint8_t* result) noexcept {
  if (EVP_DigestInit_ex(context, nullptr, nullptr) != 1) return false;
  for (const Bytes piece : pieces)
    if (EVP_DigestUpdate(context, piece.data(), piece.size()) != 1) return false;
  return EVP_DigestFinal_ex(context, result, nullptr) == 1;
}

bool same(const std::uint8_t* a, const std::uint8_t* b, std::size_t size) noexcept {
  return CRYPTO_memcmp(a, b, size) == 0;
}

void put_head(MutableBytes part, PartType type) noexcept {
  store_big_endian(part.data(), static_cast<std::uint16_t>(type));
  store_big_endian(part.data() + 2, static_cast<std::uint16_t>(part.size()));
}

}  // namespace

void Crypt::Free::operator()(evp_cipher_ctx_st* context) const noexcept {
  EVP_CIPHER_CTX_free(context);
}
void Crypt::Free::operator()(evp_md_ctx_st* context) const noexcept { EVP_MD_CTX_free(context); }

Crypt::Crypt() : ofb_{EVP_CIPHER_CTX_new()}, sha256_{EVP_MD_CTX_new()}, sha1_{EVP_MD_CTX_new()} {
  const bool usable =
      ofb_ && sha256_ && sha1_ &&
      EVP_EncryptInit_ex(ofb_.get(), EVP_aes_256_ofb(), nullptr, nullptr, nullptr) == 1 &&
      EVP_DigestInit_ex(sha256_.get(), EVP_sha256(), nullptr) == 1 &&
      EVP_DigestInit_ex(sha1_.get(), EVP_sha1(), nullptr) == 1;
  if (!usable) throw std::runtime_error{"libcrypto offers no AES-256-OFB, SHA-256 or SHA-1"};
}

Crypt::Crypt(Crypt&&) noexcept = default;
Crypt::~Crypt() = default;

bool Crypt::make_key(std::string_view password, Key& key) noexcept {
  if (!digest(sha256_.get(), {bytes_of(password)}, key.cipher.data())) return false;
  key.mac.fill(0);
  if (password.size() > key.mac.size())
    std::memcpy(key.mac.data(), key.cipher.data(), key.cipher.size());
  else
    password.copy(reinterpret_cast<char*>(key.mac.data()), password.size());
  return true;
}

bool Crypt::sign(const Key& key, Bytes head, Bytes content, Mac& mac) noexcept {
  const auto inner = padded(key, kInnerPad), outer = padded(key, kOuterPad);
  return digest(sha256_.get(), {inner, head, content}, mac.data()) &&
         digest(sha256_.get(), {outer, mac}, mac.data());
}

bool Crypt::verify(const Key& key, Bytes content, Bytes mac) noexcept {
  Mac right;
  return mac.size() == right.size() && sign(key, {}, content, right) &&
         same(mac.data(), right.data(), right.size());
}

bool Crypt::write_signature(const Key& key, std::string_view user, Bytes content,
                            MutableBytes part) noexcept {
  Mac mac;
  if (!sign(key, bytes_of(user), content, mac)) return false;
  put_head(part, PartType::signature);
  std::memcpy(part.data() + kHeader, mac.data(), mac.size());
  std::memcpy(part.data() + kSignatureHead, user.data(), user.size());
  return true;
}

bool Crypt::write_encrypted(const Key& key, std::string_view user, Bytes content,
                            MutableBytes part) noexcept {
  put_head(part, PartType::encryption);
  store_big_endian(part.data() + kHeader, static_cast<std::uint16_t>(user.size()));
  std::memcpy(part.data() + kEncryptionHead, user.data(), user.size());
  const MutableBytes iv = part.subspan(kEncryptionHead + user.size(), kIvSize);
  const MutableBytes cipher = part.subspan(kEncryptionHead + user.size() + kIvSize);
  Checksum sum;
  if (RAND_bytes(iv.data(), static_cast<int>(iv.size())) != 1 || !checksum(content, sum))
    return false;
  std::memcpy(cipher.data(), sum.data(), sum.size());
  std::memcpy(cipher.data() + sum.size(), content.data(), content.size());
  return apply_ofb(key, iv, cipher);
}

bool Crypt::decrypt(const Key& key, Bytes iv, MutableBytes cipher) noexcept {
  Checksum right;
  return apply_ofb(key, iv, cipher) && checksum(cipher.subspan(kChecksumSize), right) &&
         same(cipher.data(), right.data(), right.size());
}

/// OFB is its own inverse.
bool Crypt::apply_ofb(const Key& key, Bytes iv, MutableBytes bytes) noexcept {
  int written = 0;
  return EVP_EncryptInit_ex(ofb_.get(), nullptr, nullptr, key.cipher.data(), iv.data()) == 1 &&
         EVP_EncryptUpdate(ofb_.get(), bytes.data(), &written, bytes.data(),
                           static_cast<int>(bytes.size())) == 1;
}

bool Crypt::checksum(Bytes bytes, Checksum& sum) noexcept {
  return digest(sha1_.get(), {bytes}, sum.data());
}

}  // namespace vital::network
