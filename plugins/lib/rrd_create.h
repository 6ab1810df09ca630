// SPDX-License-Identifier: MIT
#pragma once
#include <string>

#include "base/result.h"
#include "lib/rrd_layout.h"

namespace vital::rrdtool {

/// Makes a file that begins at `start` (seconds), and the directories above it, as librrd makes it.
/// It is complete or not there at all. A file that somebody else has made meanwhile is kept.
///
/// Errors   refused: librrd does not want that layout; else the system's
/// Threads  any, for different files
Status create_rrd(const std::string& path, const Layout& layout, std::int64_t start) noexcept;

/// The trouble may be over in a moment: another program has locked the file, or there are too many
/// descriptors or too little memory just now.
bool is_passing(const Error& error) noexcept;

}  // namespace vital::rrdtool
