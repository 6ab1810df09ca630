// SPDX-License-Identifier: MIT
#include "pipeline/journal_mark.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/crc32c.h"

namespace vital::journal {
namespace {

constexpr std::string_view kName = "acknowledged";
constexpr std::uint32_t kMagic = 0x314d4a56;  // "VJM1"
constexpr std::size_t kHead = 12;             // magic, size and checksum of what follows
constexpr std::size_t kMostStretches = 120;   // a slot holds no more; the rest would be sent again

void put_place(ByteWriter& bytes, Place place) {
  bytes.fixed(place.entries);
  bytes.fixed(place.values);
}

Place take_place(ByteReader& bytes) noexcept {
  const auto entries = bytes.fixed<std::uint64_t>();
  return {entries, bytes.fixed<std::uint64_t>()};
}

bool in_order(Place a, Place b) noexcept { return a.entries <= b.entries && a.values <= b.values; }

}  // namespace

std::optional<MarkSlot> parse_mark_slot(std::string_view bytes) {
  ByteReader head{bytes.substr(0, kHead)};
  const auto magic = head.fixed<std::uint32_t>();
  const auto size = head.fixed<std::uint32_t>();
  const auto checksum = head.fixed<std::uint32_t>();
  if (!head.ok() || magic != kMagic || size > bytes.size() - kHead) return {};
  const std::string_view body = bytes.substr(kHead, size);
  if (crc32c(body) != checksum) return {};
  ByteReader in{body};
  MarkSlot slot;
  slot.generation = in.fixed<std::uint64_t>();
  slot.state.end = take_place(in);
  Place last = take_place(in);
  slot.state.settled = Settled{last};
  const auto count = in.fixed<std::uint32_t>();
  for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
    const Place begin = take_place(in);
    const Place end = take_place(in);
    if (!in_order(last, begin) || !in_order(begin, end)) return {};
    slot.state.settled.settle({begin, end});
    last = end;
  }
  if (!in.done() || !in_order(last, slot.state.end)) return {};
  return slot;
}

Status Mark::open(int directory, std::optional<MarkState>& state) noexcept {
  file_.reset(::openat(directory, kName.data(), O_RDWR | O_CREAT | O_CLOEXEC, 0640));
  if (!file_) return Error::system(kName);
  generation_ = 0;
  state.reset();
  for (off_t at : {off_t{0}, off_t{kSlotBytes}}) {
    char bytes[kSlotBytes];
    const ssize_t size = ::pread(file_.get(), bytes, sizeof bytes, at);
    if (size <= 0) continue;
    auto slot = parse_mark_slot({bytes, static_cast<std::size_t>(size)});
    if (!slot || (state && slot->generation < generation_)) continue;
    generation_ = slot->generation;
    state = std::move(slot->state);
  }
  return {};
}

Status Mark::write(const Settled& settled, Place end) noexcept {
  const auto& behind = settled.behind();
  const std::size_t count = std::min(behind.size(), kMostStretches);
  ++generation_;
  slot_.clear();
  for (std::size_t i = 0; i < kHead; i += 4) slot_.fixed(kMagic);
  slot_.fixed(generation_);
  put_place(slot_, end);
  put_place(slot_, settled.low());
  slot_.fixed(static_cast<std::uint32_t>(count));
  for (std::size_t i = 0; i < count; ++i) {
    put_place(slot_, behind[i].begin);
    put_place(slot_, behind[i].end);
  }
  const std::string_view body = slot_.view().substr(kHead);
  slot_.put(4, static_cast<std::uint32_t>(body.size()));
  slot_.put(8, crc32c(body));
  const off_t at = (generation_ & 1) != 0 ? off_t{kSlotBytes} : 0;
  const ssize_t written = ::pwrite(file_.get(), slot_.view().data(), slot_.size(), at);
  if (written == static_cast<ssize_t>(slot_.size())) return {};
  return Error::system(kName, written < 0 ? errno : ENOSPC);
}

Status Mark::sync() noexcept {
  if (::fdatasync(file_.get()) != 0) return Error::system(kName);
  return {};
}

}  // namespace vital::journal
