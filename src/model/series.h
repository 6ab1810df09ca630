// SPDX-License-Identifier: MIT
#pragma once
#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "model/data_set.h"
#include "model/identifier.h"

namespace vital {

class Era;
class SeriesTable;

/// What else is known of a series: pairs of name and value that are no part of its identity.
using Labels = std::vector<std::pair<std::string, std::string>>;

/// The name and type of a series. Constant from the moment that anybody but its table sees it.
///
/// Threads  any; it lives as long as a Series handle, a cache entry or an Era that saw it
class SeriesInfo {
 public:
  /// The whole identifier, as the cache, files and clients know it.
  std::string_view name() const noexcept { return {name_.get(), name_size_}; }
  std::string_view host() const noexcept { return {name_.get(), host_size_}; }
  /// "plugin" or "plugin-instance", and "type" or "type-instance": the parts of a path.
  std::string_view plugin_part() const noexcept;
  std::string_view type_part() const noexcept;
  std::string_view plugin() const noexcept { return plugin_part().substr(0, plugin_size_); }
  std::string_view plugin_instance() const noexcept;
  std::string_view type_name() const noexcept { return type_part().substr(0, type_size_); }
  std::string_view type_instance() const noexcept;
  Identifier identifier() const noexcept;

  const DataSet& type() const noexcept { return *type_; }
  const Labels& labels() const noexcept;

  /// A small number that no other living series has; a later one may have it again, with another
  /// generation.
  std::uint32_t index() const noexcept { return index_; }
  std::uint32_t generation() const noexcept { return generation_; }
  /// No longer in the table: whoever still holds it must intern the name anew.
  bool retired() const noexcept { return retired_.load(std::memory_order_acquire); }

 private:
  friend class SeriesTable;
  friend class Series;

  std::unique_ptr<char[]> name_;
  const DataSet* type_ = nullptr;
  std::unique_ptr<const Labels> labels_;
  std::uint32_t index_ = 0;
  std::uint32_t generation_ = 0;
  std::atomic<std::uint32_t> holders_{0};  // Series handles and the cache's entry
  std::uint16_t name_size_ = 0;
  std::uint16_t plugin_part_size_ = 0;
  std::uint8_t host_size_ = 0, plugin_size_ = 0, type_size_ = 0;
  std::atomic<bool> retired_{false};
  bool in_era_ = false;  // on its way out
  bool local_ = false;   // belongs to this host, whatever that is called
};

/// Holds a series: while a handle lives, the series keeps its place in the table.
///
/// Threads  a handle belongs to one thread at a time; many handles may share a series
class Series {
 public:
  Series() noexcept = default;
  explicit Series(SeriesInfo* info) noexcept : info_{info} { hold(); }
  Series(const Series& other) noexcept : info_{other.info_} { hold(); }
  Series(Series&& other) noexcept : info_{std::exchange(other.info_, nullptr)} {}
  Series& operator=(Series other) noexcept {
    std::swap(info_, other.info_);
    return *this;
  }
  ~Series() {
    if (info_ != nullptr) info_->holders_.fetch_sub(1, std::memory_order_release);
  }

  const SeriesInfo* operator->() const noexcept { return info_; }
  const SeriesInfo& operator*() const noexcept { return *info_; }
  SeriesInfo* get() const noexcept { return info_; }
  explicit operator bool() const noexcept { return info_ != nullptr; }

  /// Gives the hold away; adopt() takes it back, so that its end ends the hold.
  [[nodiscard]] SeriesInfo* release() noexcept { return std::exchange(info_, nullptr); }
  static Series adopt(SeriesInfo* info) noexcept {
    Series series;
    series.info_ = info;
    return series;
  }

 private:
  void hold() noexcept {
    if (info_ != nullptr) info_->holders_.fetch_add(1, std::memory_order_relaxed);
  }

  SeriesInfo* info_ = nullptr;
};

/// Keeps every series alive that was in the table when the era was current, or later: what a batch
/// holds instead of a handle for each of its samples.
class Era {
 public:
  explicit Era(SeriesTable& table) noexcept : table_{table} {}
  Era(const Era&) = delete;
  Era& operator=(const Era&) = delete;
  ~Era();

 private:
  friend class SeriesTable;
  SeriesTable& table_;
  std::vector<SeriesInfo*> retired_;  // freed when nobody is left who may have seen them
  std::shared_ptr<Era> next_;         // an older era keeps the younger ones
};

/// All series, each interned once under its name.
///
/// Errors   unknown types are the caller's to refuse; a name too long is too_long
/// Threads  any
class SeriesTable {
 public:
  explicit SeriesTable(std::uint64_t hash_seed = 0);
  SeriesTable(const SeriesTable&) = delete;
  SeriesTable& operator=(const SeriesTable&) = delete;
  ~SeriesTable();

  /// The series of that name, made if need be. Fields are normalised as data-model rules say. An
  /// empty host means this host. `type` must outlive the table. Labels count when it is new.
  Result<Series> intern(const Identifier& identifier, const DataSet& type, Labels labels = {});
  /// The series of exactly that name, or an empty handle.
  Series find(std::string_view name);

  /// What this host is called. Until the first call its series have no host in their name and must
  /// be shown to nobody.
  void set_local_host(std::string_view host);
  std::string local_host() const;
  /// How often this host was renamed, which changes names under the same index and generation.
  std::uint64_t renames() const noexcept { return renames_.load(std::memory_order_relaxed); }

  std::shared_ptr<Era> era();
  /// Takes those of `candidates` that nobody holds out of the table; their memory goes once no era
  /// is left that saw them.
  void retire(const std::vector<SeriesInfo*>& candidates);

  /// The same for all that nobody holds: names that were asked for and never used.
  void retire_unheld();

  std::size_t size() const noexcept;
  /// Indices are below this number.
  std::size_t index_limit() const noexcept;

 private:
  friend class Era;
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t place = 0;  // index + 1; 0: free, kGone: was used
  };
  static constexpr std::uint32_t kGone = ~std::uint32_t{0};

  SeriesInfo* lookup(std::string_view name, std::uint32_t hash) noexcept;
  SeriesInfo& make(const Identifier& identifier, std::string_view name, const DataSet& type);
  void insert(std::uint32_t hash, std::uint32_t index);
  void erase(const SeriesInfo& info) noexcept;
  void grow();
  void rename_local();
  void reclaim(const std::vector<SeriesInfo*>& retired) noexcept;
  std::uint32_t hash_of(std::string_view name) const noexcept;
  static void set_name(SeriesInfo& info, const Identifier& identifier, std::string_view name);

  const std::uint64_t seed_;
  std::atomic<std::uint64_t> renames_{0};
  mutable std::mutex mutex_;  // guards all below
  std::deque<SeriesInfo> infos_;
  std::vector<std::uint32_t> free_;
  std::vector<Slot> slots_;
  std::size_t used_ = 0;   // slots that are not free, gone ones included
  std::size_t alive_ = 0;  // series in the table
  std::string local_host_;
  std::shared_ptr<Era> era_;
};

/// Something that is remembered for each series, by its index. What was remembered of an earlier
/// series with the same index is gone.
///
/// Threads  none of its own: whoever owns it serialises
template <typename T>
class PerSeries {
 public:
  T& operator[](const SeriesInfo& series) {
    if (series.index() >= entries_.size()) entries_.resize(series.index() + 1);
    Entry& entry = entries_[series.index()];
    if (entry.generation != series.generation()) {
      entry.generation = series.generation();
      entry.value = T{};
    }
    return entry.value;
  }
  void clear() noexcept { entries_.clear(); }
  /// Visits all that is remembered.
  template <typename Visit>
  void each(Visit&& visit) {
    for (Entry& entry : entries_)
      if (entry.generation != 0) visit(entry.value);
  }

 private:
  struct Entry {
    std::uint32_t generation = 0;  // 0: never used; series count theirs from 1
    T value{};
  };
  std::deque<Entry> entries_;
};

}  // namespace vital
