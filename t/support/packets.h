// SPDX-License-Identifier: MIT
#pragma once
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "lib/network_crypt.h"
#include "lib/network_parser.h"

namespace vital::test {

using Packet = std::vector<std::uint8_t>;

/// A packet as collectd 5.12 sent it, by its name; see t/fuzz/seeds. Those that are signed or
/// encrypted are so by alice, whose password is "s3cret".
inline Packet captured(const std::string& name) {
  std::ifstream file{std::string{FIXTURES} + "/../fuzz/seeds/network_fuzz/" + name,
                     std::ios::binary};
  if (!file) throw std::runtime_error{"no such packet: " + name};
  return Packet(std::istreambuf_iterator<char>{file}, {});
}

/// Writes parts by hand, right or wrong.
class Parts {
 public:
  Parts& raw(std::initializer_list<int> bytes) {
    for (const int byte : bytes) packet_.push_back(static_cast<std::uint8_t>(byte));
    return *this;
  }
  Parts& head(int type, std::size_t size) {
    const auto byte = [](std::size_t value) { return static_cast<int>(value & 255); };
    return raw({type >> 8, type & 255, byte(size >> 8), byte(size)});
  }
  Parts& text(int type, std::string_view text) {
    head(type, 4 + text.size() + 1);
    packet_.insert(packet_.end(), text.begin(), text.end());
    return raw({0});
  }
  Parts& number(int type, std::uint64_t number) {
    head(type, 12);
    for (int shift = 56; shift >= 0; shift -= 8)
      packet_.push_back(static_cast<std::uint8_t>(number >> shift));
    return *this;
  }
  /// One value of that kind with these eight bytes, the first one given.
  Parts& value(int kind, std::uint64_t bits = 0) {
    head(6, 15).raw({0, 1, kind});
    for (int shift = 56; shift >= 0; shift -= 8)
      packet_.push_back(static_cast<std::uint8_t>(bits >> shift));
    return *this;
  }
  Parts& append(const Packet& other) {
    packet_.insert(packet_.end(), other.begin(), other.end());
    return *this;
  }
  /// Host, time, plugin and type: all that a value needs.
  Parts& names(std::string_view host = "h", std::string_view type = "gauge",
               std::uint64_t seconds = 1'700'000'000) {
    return text(0, host).number(8, seconds << 30).text(2, "p").text(4, type);
  }
  operator Packet() const { return packet_; }
  const Packet& packet() const { return packet_; }

 private:
  Packet packet_;
};

inline Packet secured(const Packet& content, network::Trust trust, std::string_view user = "alice",
                      std::string_view password = "s3cret") {
  network::Crypt crypt;
  network::Key key;
  if (!crypt.make_key(password, key)) throw std::runtime_error{"no key"};
  if (trust == network::Trust::encrypted) {
    Packet part(network::Crypt::encrypted_size(user, content));
    if (!crypt.write_encrypted(key, user, content, part)) throw std::runtime_error{"encryption"};
    return part;
  }
  Packet part(network::Crypt::signature_size(user));
  if (!crypt.write_signature(key, user, content, part)) throw std::runtime_error{"signing"};
  part.insert(part.end(), content.begin(), content.end());
  return part;
}

/// Writes down what a parser tells, a line for each value list and notification.
class PacketRecorder {
 public:
  /// Users and their passwords; without any, signatures are not looked at.
  explicit PacketRecorder(std::map<std::string, std::string, std::less<>> users = {})
      : users_{std::move(users)} {}

  network::Verdict parse(Packet packet, network::Trust required = network::Trust::none) {
    text_.clear(), origins_.clear();
    user_ = {}, trust_ = network::Trust::none;
    return network::PacketParser<PacketRecorder>{*this, required}.parse(packet);
  }
  const std::string& text() const noexcept { return text_; }
  /// The same without what is said of senders.
  std::string bare_text() const {
    std::string text = text_;
    for (auto origin = origins_.rbegin(); origin != origins_.rend(); ++origin)
      text.erase(origin->first, origin->second);
    return text;
  }

  void values(network::Fields& fields, const network::WireValues& values) {
    begin(fields);
    Text<64> line;
    line.add(" interval=").add(seconds(Span{static_cast<std::int64_t>(fields.interval)}));
    text_ += line.view();
    for (std::size_t i = 0; i < values.size(); ++i) {
      Text<64> text;
      text.add(' ').add(name_of(values.kind(i))).add(':');
      if (values.kind(i) == Kind::gauge)
        text.add(values[i].gauge);
      else if (values.kind(i) == Kind::derive)
        text.add(values[i].derive);
      else
        text.add(values[i].counter);
      text_ += text.view();
    }
    text_ += '\n';
  }
  void notification(const network::Fields& fields, std::string_view message) {
    begin(fields);
    text_.append(" severity=").append(std::to_string(fields.severity)).append(" ");
    text_.append(message).append("\n");
  }
  bool verifies() const { return !users_.empty(); }
  network::Verdict verify(const network::Signed& part) {
    network::Key key;
    if (!key_of(part.user, key)) return network::Verdict::unknown_user;
    return crypt_.verify(key, part.content, part.mac) ? network::Verdict::fine
                                                      : network::Verdict::bad_signature;
  }
  network::Verdict decrypt(const network::Encrypted& part) {
    network::Key key;
    if (!key_of(part.user, key)) return network::Verdict::unknown_user;
    return crypt_.decrypt(key, part.iv, part.cipher) ? network::Verdict::fine
                                                     : network::Verdict::bad_signature;
  }
  void trusted(std::string_view user, network::Trust trust) { user_ = user, trust_ = trust; }
  void skipped(network::PartType) { text_ += "skipped\n"; }

 private:
  void begin(const network::Fields& fields) {
    const Identifier id = fields.identifier();
    const std::size_t origin = text_.size();
    if (trust_ != network::Trust::none)
      text_.append(user_).append(trust_ == network::Trust::encrypted ? " encrypted: "
                                                                     : " signed: ");
    origins_.emplace_back(origin, text_.size() - origin);
    text_ += format(id).view();
    Text<64> time;
    time.add(' ').add_fixed(seconds(Span{static_cast<std::int64_t>(fields.time)}), 3);
    text_ += time.view();
  }
  bool key_of(std::string_view user, network::Key& key) {
    const auto found = users_.find(user);
    return found != users_.end() && crypt_.make_key(found->second, key);
  }

  std::map<std::string, std::string, std::less<>> users_;
  network::Crypt crypt_;
  std::string text_, user_;
  std::vector<std::pair<std::size_t, std::size_t>> origins_;  // in text_: where, how long
  network::Trust trust_ = network::Trust::none;
};

}  // namespace vital::test
