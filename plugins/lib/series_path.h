// SPDX-License-Identifier: MIT
#pragma once
#include <string>

#include "model/series.h"

namespace vital {

/// Where a writer keeps a series' file: DIRECTORY/HOST/PLUGIN[-INSTANCE]/TYPE[-INSTANCE]SUFFIX. An
/// empty directory means the working directory.
///
/// Errors   refused: a name begins with a dot and would be a hidden directory, or climb out
/// Threads  any
Result<std::string> series_path(const std::string& directory, const SeriesInfo& series,
                                std::string_view suffix);

/// Makes the directories above a file, those that are missing, as the umask allows.
Status make_directories_for(const std::string& path) noexcept;

}  // namespace vital
