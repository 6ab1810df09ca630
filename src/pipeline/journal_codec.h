// SPDX-License-Identifier: MIT
#pragma once
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "model/batch.h"
#include "model/notification.h"
#include "model/types.h"

namespace vital {

/// The types of values that waited on disk: those of the types database where they have not changed
/// since, else as they were. Must outlive the SeriesTable, as all types must.
///
/// Threads  any
class PastTypes {
 public:
  explicit PastTypes(const Types& known) noexcept : known_{known} {}
  const DataSet& find_or_make(DataSet set);

 private:
  const Types& known_;
  std::mutex mutex_;
  std::deque<DataSet> made_;  // guarded by mutex_
};

namespace journal {

/// Turns entries into payloads. A series is named once in a segment, with its type and labels, in
/// definitions that stand before the first entry that refers to it; from then on it is a number.
///
/// Threads  none of its own
class Encoder {
 public:
  static constexpr std::uint32_t kMostDefinitions = std::uint32_t{1} << 20;

  /// A new segment begins, where nothing is defined yet.
  void begin() noexcept;
  /// The samples of a batch from `first` to before `last`; what they need defined is appended to
  /// `definitions`.
  void encode(const Batch& batch, std::size_t first, std::size_t last, ByteWriter& payload,
              ByteWriter& definitions);
  static void encode(const Notification& notification, ByteWriter& payload);
  /// The segment should have no more series.
  bool full() const noexcept { return defined_.size() >= kMostDefinitions / 2; }
  /// How many series it has defined since begin().
  std::size_t size() const noexcept { return defined_.size(); }

 private:
  struct Seen {
    std::uint32_t index, generation;
    const char* name;  // this host may be renamed, and with it its series
    bool operator==(const Seen&) const noexcept = default;
  };

  std::uint32_t number_of(const SeriesInfo& series, ByteWriter& definitions);
  std::uint32_t number_of(const DataSet& type, ByteWriter& definitions);
  static void encode(const Sample& sample, std::uint32_t number, Time time, Span interval,
                     ByteWriter& payload);

  PerSeries<std::uint32_t> numbers_;  // its number in this segment or an earlier one; see defined_
  std::vector<Seen> defined_;         // by number
  std::vector<const DataSet*> types_;
  ByteWriter body_;
};

/// Turns payloads of one segment into entries again, in whatever table it is given. Trusts nothing.
///
/// Threads  none of its own
class Decoder {
 public:
  enum class Outcome : std::uint8_t { done, malformed, undefined };

  Decoder(SeriesTable& series, PastTypes& types) noexcept : series_{series}, types_{types} {}

  /// Another segment begins.
  void begin() noexcept;
  /// Takes in definitions; those that are known already stay as they are.
  bool learn(std::string_view payload);
  /// undefined: refers to what was not learned.
  Outcome decode(std::string_view payload, Batch& batch);
  static Outcome decode(std::string_view payload, Notification& notification);

 private:
  struct Definition {
    std::string body;  // empty: not learned
    Series series;     // once it was asked for
  };
  struct TypeDefinition {
    std::string body;
    const DataSet* type = nullptr;
  };

  Outcome find(std::uint64_t number, Series*& series);
  Outcome find_type(std::uint64_t number, const DataSet*& type);
  Outcome decode_sample(ByteReader& in, Batch& batch);

  SeriesTable& series_;
  PastTypes& types_;
  std::vector<Definition> definitions_;
  std::vector<TypeDefinition> type_definitions_;
  std::vector<Value> values_;
};

}  // namespace journal
}  // namespace vital
