// SPDX-License-Identifier: MIT
#pragma once
#include <string>

#include "lib/rrd_layout.h"
#include "model/batch.h"

namespace vital::rrdcached {

/// A word of a command: blanks and backslashes in it are marked by a backslash.
void add_word(std::string& text, std::string_view word);

/// "update FILE TIME:VALUE[:VALUE ...]", with its line end. The time is not rounded, and as in RRD
/// files totals are as they stand.
void add_update(std::string& text, std::string_view file, const Sample& sample);

/// "create FILE ..." for a daemon that makes its files itself: one that is there stays. `start` in
/// seconds.
void add_create(std::string& text, std::string_view file, const rrdtool::Layout& layout,
                std::int64_t start);

}  // namespace vital::rrdcached
