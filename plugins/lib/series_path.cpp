// SPDX-License-Identifier: MIT
#include "lib/series_path.h"

#include <sys/stat.h>

#include <cerrno>

namespace vital {

Result<std::string> series_path(const std::string& directory, const SeriesInfo& series,
                                std::string_view suffix) {
  const std::string_view name = series.name();
  if (series.host().empty() || series.host().starts_with('.') ||
      series.plugin_part().starts_with('.'))
    return Error{Errc::refused, name};
  std::string path;
  path.reserve(directory.size() + 1 + name.size() + suffix.size());
  path = directory;
  if (!path.empty() && path.back() != '/') path += '/';
  return path.append(name).append(suffix);
}

Status make_directories_for(const std::string& path) noexcept {
  std::string part;
  for (auto slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    part.assign(path, 0, slash);
    if (::mkdir(part.c_str(), 0777) != 0 && errno != EEXIST) return Error::system(part);
  }
  return {};
}

}  // namespace vital
