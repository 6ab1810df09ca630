// SPDX-License-Identifier: MIT
#include "rrdtool/files.h"

#include "lib/series_path.h"

namespace vital::rrdtool {
namespace {

constexpr std::string_view kSuffix = ".rrd";
constexpr std::size_t kMostKept = 1024;  // words of memory that an empty file keeps

}  // namespace

std::size_t File::upto(std::int64_t time) const noexcept {
  std::size_t count = 0;
  while (count < waiting() && time_of(count) <= time) ++count;
  return count;
}

void File::drop_front(std::size_t records) noexcept {
  if (records == 0) return;
  pending.erase(pending.begin(), pending.begin() + static_cast<std::ptrdiff_t>(records * width()));
  if (!pending.empty())
    first = Time{span_of_seconds(time_of(0))};
  else if (pending.capacity() > kMostKept)
    pending = {};
}

File* Files::of(const SeriesInfo& series) {
  Ref& ref = refs_[series];
  if (ref.place < files_.size() && files_[ref.place].stamp == ref.stamp) return &files_[ref.place];
  if (ref.place == kRefused) return nullptr;
  const auto known = by_name_.find(series.name());
  if (known != by_name_.end()) {
    ref.place = known->second;
  } else {
    auto path = series_path(directory_, series, kSuffix);
    ref.place = path ? make(series, std::move(*path)) : kRefused;
    if (!path) return nullptr;
  }
  ref.stamp = files_[ref.place].stamp;
  return &files_[ref.place];
}

std::uint32_t Files::make(const SeriesInfo& series, std::string path) {
  std::uint32_t place = static_cast<std::uint32_t>(files_.size());
  if (free_.empty()) {
    files_.emplace_back(std::move(path));
  } else {
    place = free_.back();
    free_.pop_back();
    const std::uint32_t stamp = files_[place].stamp;
    files_[place] = File{std::move(path)};
    files_[place].stamp = stamp;
  }
  files_[place].type = &series.type();
  by_name_.emplace(name_of(files_[place]), place);
  return place;
}

File* Files::find(std::string_view name) noexcept {
  const auto known = by_name_.find(name);
  return known == by_name_.end() ? nullptr : &files_[known->second];
}

void Files::remove(File& file) noexcept {
  const auto known = by_name_.find(name_of(file));
  const std::uint32_t place = known->second;
  by_name_.erase(known);
  const std::uint32_t stamp = file.stamp + 1;
  file = File{std::string{}};
  file.stamp = stamp;
  free_.push_back(place);
}

std::string_view Files::name_of(const File& file) const noexcept {
  std::string_view path = file.rrd.path();
  path.remove_suffix(kSuffix.size());
  if (!directory_.empty())
    path.remove_prefix(directory_.size() + (directory_.back() == '/' ? 0 : 1));
  return path;
}

}  // namespace vital::rrdtool
