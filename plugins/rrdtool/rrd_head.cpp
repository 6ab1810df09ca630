// SPDX-License-Identifier: MIT
#include "rrdtool/rrd_head.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

namespace vital::rrdtool {
namespace {

/// The first bytes of a file.
struct Begin {
  char mark[4], version[12];
  double check;  // tells byte order and kind of floating point
  std::uint64_t columns, archives, step;
  Word unused[10];
};

static_assert(sizeof(Begin) == 128 && sizeof(HeadColumn) == 120 && sizeof(HeadArchive) == 120);
static_assert(sizeof(HeadTime) == 16 && sizeof(HeadStep) == 112 && sizeof(HeadRow) == 80);

constexpr char kMark[4] = {'R', 'R', 'D', '\0'};
constexpr char kVersion[5] = {'0', '0', '0', '3', '\0'};
constexpr double kCheck = 8.642135E130;
constexpr std::uint64_t kMostColumns = 1024, kMostArchives = 1024;
constexpr std::uint64_t kMostValues = std::uint64_t{1} << 24;  // 128 MB
constexpr std::int64_t kLatest = std::int64_t{1} << 40;        // seconds
constexpr std::uint64_t kMostSteps = std::uint64_t{1} << 40;

constexpr std::array<std::string_view, 4> kKinds{"COUNTER", "GAUGE", "DERIVE", "ABSOLUTE"};
constexpr std::array<std::string_view, 4> kConsolidations{"AVERAGE", "MIN", "MAX", "LAST"};

constexpr std::size_t changing_begins(std::size_t columns, std::size_t archives) noexcept {
  return sizeof(Begin) + columns * sizeof(HeadColumn) + archives * sizeof(HeadArchive);
}

constexpr std::size_t whole_size(std::size_t columns, std::size_t archives) noexcept {
  return changing_begins(columns, archives) + sizeof(HeadTime) + columns * sizeof(HeadStep) +
         archives * (columns * sizeof(HeadRow) + sizeof(std::uint64_t));
}

std::optional<Consolidation> consolidation_of(const HeadArchive& archive) noexcept {
  const auto* const known =
      std::find(kConsolidations.begin(), kConsolidations.end(), text_of(archive.consolidation));
  if (known == kConsolidations.end()) return {};
  return static_cast<Consolidation>(known - kConsolidations.begin());
}

bool is_known(const HeadColumn& column) noexcept {
  return std::find(kKinds.begin(), kKinds.end(), text_of(column.kind)) != kKinds.end();
}

bool is_sane(const HeadTime& time) noexcept {
  return time.seconds >= 0 && time.seconds <= kLatest && time.microseconds >= 0 &&
         time.microseconds < 1'000'000;
}

bool is_sane(const HeadArchive& archive, std::uint64_t place) noexcept {
  return archive.rows > 0 && archive.rows <= kMostValues && archive.steps > 0 &&
         archive.steps <= kMostSteps && place < archive.rows;
}

}  // namespace

std::string_view text_of(std::span<const char> field) noexcept {
  return {field.data(),
          static_cast<std::size_t>(std::find(field.begin(), field.end(), '\0') - field.begin())};
}

std::span<std::byte> RrdHead::room(std::size_t size) {
  memory_.resize(std::max(size / sizeof(Word), sizeof(Begin) / sizeof(Word)));
  return std::as_writable_bytes(std::span{memory_});
}

std::size_t RrdHead::size_of(std::span<const std::byte> bytes) noexcept {
  Begin begin;
  if (bytes.size() < sizeof begin) return 0;
  std::memcpy(&begin, bytes.data(), sizeof begin);
  const bool known = std::memcmp(begin.mark, kMark, sizeof kMark) == 0 &&
                     std::memcmp(begin.version, kVersion, sizeof kVersion) == 0 &&
                     begin.check == kCheck && begin.columns > 0 && begin.archives > 0 &&
                     begin.columns <= kMostColumns && begin.archives <= kMostArchives &&
                     begin.step > 0 && begin.step <= kMostSteps;
  return known ? whole_size(begin.columns, begin.archives) : 0;
}

bool RrdHead::accept(std::uint64_t file_size) {
  const auto& begin = items<Begin>(0, 1)[0];
  columns_ = begin.columns;
  archives_ = begin.archives;
  kinds_.clear();
  std::uint64_t rows = 0;
  for (std::size_t i = 0; i < archives_; ++i) {
    const auto kind = consolidation_of(archives()[i]);
    if (!kind || !is_sane(archives()[i], places()[i])) return false;
    kinds_.push_back(*kind);
    rows += archives()[i].rows;
  }
  const std::uint64_t values = rows * columns_;
  return is_sane(time()) && values <= kMostValues &&
         file_size == size() + values * sizeof(double) &&
         std::all_of(columns().begin(), columns().end(), is_known);
}

template <typename Item>
std::span<Item> RrdHead::items(std::size_t at, std::size_t count) const noexcept {
  const Word* const begin = memory_.data() + at / sizeof(Word);
  return {reinterpret_cast<Item*>(const_cast<Word*>(begin)), count};
}

std::uint64_t RrdHead::step() const noexcept { return items<const Begin>(0, 1)[0].step; }

std::span<const HeadColumn> RrdHead::columns() const noexcept {
  return items<const HeadColumn>(sizeof(Begin), columns_);
}

std::span<const HeadArchive> RrdHead::archives() const noexcept {
  return items<const HeadArchive>(changing_begins(columns_, 0), archives_);
}

HeadTime& RrdHead::time() noexcept { return items<HeadTime>(changing_at(), 1)[0]; }

std::span<HeadStep> RrdHead::steps() noexcept {
  return items<HeadStep>(changing_at() + sizeof(HeadTime), columns_);
}

std::span<HeadRow> RrdHead::rows(std::size_t archive) noexcept {
  const std::size_t begin = changing_at() + sizeof(HeadTime) + columns_ * sizeof(HeadStep);
  return items<HeadRow>(begin + archive * columns_ * sizeof(HeadRow), columns_);
}

std::span<std::uint64_t> RrdHead::places() noexcept {
  return items<std::uint64_t>(size() - archives_ * sizeof(std::uint64_t), archives_);
}

std::span<const std::byte> RrdHead::changing() const noexcept {
  return std::as_bytes(std::span{memory_}).subspan(changing_at(), size() - changing_at());
}

std::size_t RrdHead::changing_at() const noexcept { return changing_begins(columns_, archives_); }

std::size_t RrdHead::size() const noexcept { return whole_size(columns_, archives_); }

}  // namespace vital::rrdtool
