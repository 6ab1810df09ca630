// SPDX-License-Identifier: MIT
#include "base/saved_state.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "base/fd.h"

namespace vital {
namespace {

constexpr std::string_view kMagic = "vitald state\n";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kLargest = std::size_t{4} << 30;
constexpr std::size_t kChecksum = sizeof(std::uint32_t);

/// So that the new name is there after a loss of power.
void sync_directory_of(const std::string& path) noexcept {
  const auto slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  if (const auto fd = open_file(directory.c_str(), O_RDONLY | O_DIRECTORY))
    (void)::fsync(fd->get());
}

/// Hands the file's bytes on, piece by piece: sections may be large.
template <typename Take>
void give(const SavedState& state, Take&& take) {
  std::uint32_t checksum = 0;
  ByteWriter out;
  const auto give_all = [&](std::string_view bytes) {
    checksum = crc32c(bytes, checksum);
    take(bytes);
  };
  out.raw(kMagic);
  out.fixed(kVersion);
  out.small(state.sections.size());
  for (const SavedState::Section& section : state.sections) {
    out.text(section.name);
    out.small(section.bytes.size());
    give_all(out.view());
    out.clear();
    give_all(section.bytes);
  }
  give_all(out.view());
  out.clear();
  out.fixed(checksum);
  take(out.view());
}

Status write_file(const std::string& path, const SavedState& state) {
  const auto fd = open_file(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0640);
  if (!fd) return fd.error();
  Status status;
  give(state, [&](std::string_view bytes) {
    if (status) status = write_all(fd->get(), bytes);
  });
  if (!status) return Error::system(path, status.error().number());
  return ::fsync(fd->get()) == 0 ? Status{} : Error::system(path);
}

}  // namespace

std::string SavedState::encode() const {
  std::string bytes;
  give(*this, [&](std::string_view piece) { bytes += piece; });
  return bytes;
}

Result<SavedState> SavedState::decode(std::string_view bytes) {
  if (!bytes.starts_with(kMagic)) return Error{Errc::malformed, "not a saved state"};
  ByteReader head{bytes.substr(kMagic.size())};
  const auto version = head.fixed<std::uint32_t>();
  if (head.ok() && version > kVersion)
    return Error{Errc::unknown, "saved by a later version of vitald"};
  if (head.left() < kChecksum) return Error{Errc::malformed, "cut short"};
  const std::string_view covered = bytes.substr(0, bytes.size() - kChecksum);
  if (ByteReader{bytes.substr(covered.size())}.fixed<std::uint32_t>() != crc32c(covered))
    return Error{Errc::malformed, "damaged"};
  ByteReader in{covered.substr(kMagic.size() + sizeof kVersion)};
  SavedState state;
  for (std::uint64_t left = in.small(); left != 0 && in.ok(); --left) {
    Section section{.name = std::string{in.text()}, .bytes = std::string{in.text()}};
    if (in.ok()) state.sections.push_back(std::move(section));
  }
  if (!in.done()) return Error{Errc::malformed, "damaged"};
  return state;
}

Status SavedState::write(const std::string& path) const {
  const std::string beside = path + ".new";
  if (auto status = write_file(beside, *this); !status) {
    (void)::unlink(beside.c_str());
    return status;
  }
  if (::rename(beside.c_str(), path.c_str()) != 0) return Error::system(path);
  sync_directory_of(path);
  return {};
}

Result<SavedState> SavedState::read(const std::string& path) {
  const auto bytes = read_file(path, kLargest);
  if (!bytes) return bytes.error();
  return decode(*bytes);
}

}  // namespace vital
