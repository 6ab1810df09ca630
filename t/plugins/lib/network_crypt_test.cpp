// SPDX-License-Identifier: MIT
#include "lib/network_crypt.h"

#include <cppunit/extensions/HelperMacros.h>

#include "support/packets.h"

namespace vital::test {
using namespace network;

class NetworkCryptTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(NetworkCryptTest);
  CPPUNIT_TEST(signs_as_collectd_signs);
  CPPUNIT_TEST(computes_the_vectors_of_rfc_4231);
  CPPUNIT_TEST(makes_keys_as_collectd_makes_them);
  CPPUNIT_TEST(what_it_encrypts_it_decrypts);
  CPPUNIT_TEST(another_password_does_not_do);
  CPPUNIT_TEST_SUITE_END();

  Crypt crypt_;

  static Bytes bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
  }
  static std::string hex(Bytes bytes) {
    std::string text;
    for (const std::uint8_t byte : bytes) {
      text += "0123456789abcdef"[byte >> 4];
      text += "0123456789abcdef"[byte & 15];
    }
    return text;
  }
  Key key_of(std::string_view password) {
    Key key;
    CPPUNIT_ASSERT(crypt_.make_key(password, key));
    return key;
  }

 public:
  void signs_as_collectd_signs() {
    for (const std::string name : {"several", "split", "bare"})
      CPPUNIT_ASSERT(captured(name + "-signed") ==
                     secured(captured(name + "-plain"), Trust::is_signed));
  }

  void computes_the_vectors_of_rfc_4231() {
    Mac mac;
    CPPUNIT_ASSERT(crypt_.sign(key_of("Jefe"), {}, bytes_of("what do ya want for nothing?"), mac));
    CPPUNIT_ASSERT_EQUAL(
        std::string{"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"}, hex(mac));
    const std::string long_key(131, '\xaa');
    CPPUNIT_ASSERT(crypt_.sign(key_of(long_key), bytes_of("Test Using Larger Than Block-Size Key"),
                               bytes_of(" - Hash Key First"), mac));
    CPPUNIT_ASSERT_EQUAL(
        std::string{"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"}, hex(mac));
  }

  void makes_keys_as_collectd_makes_them() {
    CPPUNIT_ASSERT_EQUAL(
        std::string{"1ec1c26b50d5d3c58d9583181af8076655fe00756bf7285940ba3670f99fcba0"},
        hex(key_of("s3cret").cipher));
  }

  void what_it_encrypts_it_decrypts() {
    const Key key = key_of("a password");
    for (const std::size_t size : {1u, 15u, 16u, 17u, 1346u, 65000u}) {
      const Packet content(size, 'x');
      Packet part(Crypt::encrypted_size("bob", content));
      CPPUNIT_ASSERT(crypt_.write_encrypted(key, "bob", content, part));
      const Bytes iv = Bytes{part}.subspan(9, kIvSize);
      const MutableBytes cipher = MutableBytes{part}.subspan(9 + kIvSize);
      CPPUNIT_ASSERT(size < 15 ||
                     !std::equal(content.begin(), content.end(), cipher.begin() + kChecksumSize));
      CPPUNIT_ASSERT(crypt_.decrypt(key, iv, cipher));
      CPPUNIT_ASSERT(std::equal(content.begin(), content.end(), cipher.begin() + kChecksumSize));
    }
  }

  void another_password_does_not_do() {
    const Packet content(100, 'x');
    Packet part(Crypt::encrypted_size("bob", content));
    CPPUNIT_ASSERT(crypt_.write_encrypted(key_of("right"), "bob", content, part));
    CPPUNIT_ASSERT(!crypt_.decrypt(key_of("wrong"), Bytes{part}.subspan(9, kIvSize),
                                   MutableBytes{part}.subspan(9 + kIvSize)));
    Mac mac;
    CPPUNIT_ASSERT(crypt_.sign(key_of("right"), {}, content, mac));
    CPPUNIT_ASSERT(crypt_.verify(key_of("right"), content, mac));
    CPPUNIT_ASSERT(!crypt_.verify(key_of("wrong"), content, mac));
    CPPUNIT_ASSERT(!crypt_.verify(key_of("right"), content, Bytes{mac}.first(31)));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(NetworkCryptTest);

}  // namespace vital::test
