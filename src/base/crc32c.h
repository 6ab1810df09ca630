// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <string_view>

namespace vital {

/// The Castagnoli checksum of bytes, as iSCSI and ext4 have it. `before` is the checksum of what
/// stands in front of them: crc32c(b, crc32c(a)) is that of a and b together.
///
/// Threads  pure
/// Source   RFC 3720, appendix B.4
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0) noexcept;

/// The same without the processor's own instruction, so that a test can compare both.
std::uint32_t crc32c_portable(std::string_view bytes, std::uint32_t before = 0) noexcept;

}  // namespace vital
