// SPDX-License-Identifier: MIT
#include "lib/rrd_head.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <optional>

#include "base/numbers.h"
#include "base/strings.h"

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
constexpr std::array kConsolidations{Consolidation::average, Consolidation::minimum,
                                     Consolidation::maximum, Consolidation::last};

constexpr std::size_t changing_begins(std::size_t columns, std::size_t archives) noexcept {
  return sizeof(Begin) + columns * sizeof(HeadColumn) + archives * sizeof(HeadArchive);
}

constexpr std::size_t whole_size(std::size_t columns, std::size_t archives) noexcept {
  return changing_begins(columns, archives) + sizeof(HeadTime) + columns * sizeof(HeadStep) +
         archives * (columns * sizeof(HeadRow) + sizeof(std::uint64_t));
}

std::optional<Consolidation> consolidation_of(const HeadArchive& archive) noexcept {
  const std::string_view word = text_of(archive.consolidation);
  for (const Consolidation known : kConsolidations)
    if (word_of(known) == word) return known;
  return {};
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

/// librrd takes no other name, and has its own opinion of longer ones.
bool is_plain_name(std::string_view name) noexcept {
  return !name.empty() && name.size() < sizeof(HeadColumn::name) &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return is_alnum(c) || c == '_' || c == '-'; });
}

constexpr std::size_t kLongestBound = 18;  // librrd reads no further

/// As librrd reads its word.
double bound_of(double bound) noexcept {
  std::size_t used = 0;
  return std::isnan(bound) ? kUnknown
                           : c_strtod(bound_word(bound).view().substr(0, kLongestBound), used);
}

double xff_of(double xff) noexcept {
  std::size_t used = 0;
  return c_strtod(xff_word(xff).view(), used);
}

bool is_plain(const Layout::Column& column) noexcept {
  return is_plain_name(column.name) && column.heartbeat > 0 &&
         bound_word(column.min).view().size() <= kLongestBound &&
         !(bound_of(column.min) >= bound_of(column.max));
}

bool is_plain(const Layout::Archive& archive) noexcept {
  return xff_of(archive.xff) >= 0 && xff_of(archive.xff) < 1 && archive.steps > 0 &&
         archive.steps <= static_cast<std::int64_t>(kMostSteps) && archive.rows > 0 &&
         archive.rows <= static_cast<std::int64_t>(kMostValues);
}

bool is_plain(const Layout& layout, std::int64_t start) noexcept {
  constexpr std::int64_t kEarliest = 10LL * 365 * 24 * 3600;  // librrd's
  const auto& columns = layout.columns;
  const auto is_second = [&](const Layout::Column& column) {
    return std::find_if(columns.begin(), columns.end(), [&](const Layout::Column& other) {
             return other.name == column.name;
           })->name.data() != column.name.data();
  };
  return start > kEarliest && start <= kLatest && layout.step > 0 &&
         layout.step <= static_cast<std::int64_t>(kMostSteps) && !columns.empty() &&
         columns.size() <= kMostColumns && !layout.archives.empty() &&
         layout.archives.size() <= kMostArchives &&
         std::all_of(columns.begin(), columns.end(),
                     [](const auto& column) { return is_plain(column); }) &&
         std::none_of(columns.begin(), columns.end(), is_second) &&
         std::all_of(layout.archives.begin(), layout.archives.end(),
                     [](const auto& archive) { return is_plain(archive); });
}

void set_text(std::span<char> field, std::string_view text) noexcept {
  std::copy(text.begin(), text.end(), field.begin());  // what follows is zero
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

bool RrdHead::lay_out(const Layout& layout, std::int64_t start) {
  if (!is_plain(layout, start)) return false;
  columns_ = layout.columns.size();
  archives_ = layout.archives.size();
  memory_.assign(size() / sizeof(Word), Word{.count = 0});
  auto& begin = items<Begin>(0, 1)[0];
  std::memcpy(begin.mark, kMark, sizeof kMark);
  std::memcpy(begin.version, kVersion, sizeof kVersion);
  begin.check = kCheck;
  begin.columns = columns_;
  begin.archives = archives_;
  begin.step = static_cast<std::uint64_t>(layout.step);
  time().seconds = start;
  const std::int64_t since_step = start % layout.step;
  const auto columns = items<HeadColumn>(sizeof(Begin), columns_);
  for (std::size_t i = 0; i < columns_; ++i) {
    const Layout::Column& column = layout.columns[i];
    set_text(columns[i].name, column.name);
    set_text(columns[i].kind, word_of(column.kind));
    columns[i].heartbeat.count = static_cast<std::uint64_t>(column.heartbeat);
    columns[i].min.number = bound_of(column.min);
    columns[i].max.number = bound_of(column.max);
    set_text(steps()[i].last, "U");
    steps()[i].sum.number = kUnknown;
    steps()[i].unknown_seconds.count = static_cast<std::uint64_t>(since_step);
  }
  const auto archives = items<HeadArchive>(changing_begins(columns_, 0), archives_);
  kinds_.clear();
  for (std::size_t i = 0; i < archives_; ++i) {
    const Layout::Archive& archive = layout.archives[i];
    kinds_.push_back(archive.consolidation);
    set_text(archives[i].consolidation, word_of(archive.consolidation));
    archives[i].rows = static_cast<std::uint64_t>(archive.rows);
    archives[i].steps = static_cast<std::uint64_t>(archive.steps);
    archives[i].xff.number = xff_of(archive.xff);
    const std::int64_t of_row = (start - since_step) % (layout.step * archive.steps) / layout.step;
    for (HeadRow& row : rows(i)) {
      row.value.number = kUnknown;
      row.unknown_steps.count = static_cast<std::uint64_t>(of_row);
    }
  }
  return true;
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

std::span<const std::byte> RrdHead::bytes() const noexcept {
  return std::as_bytes(std::span{memory_}).first(size());
}

std::span<const std::byte> RrdHead::changing() const noexcept {
  return bytes().subspan(changing_at());
}

std::size_t RrdHead::changing_at() const noexcept { return changing_begins(columns_, archives_); }

std::size_t RrdHead::size() const noexcept { return whole_size(columns_, archives_); }

}  // namespace vital::rrdtool
