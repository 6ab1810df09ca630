// SPDX-License-Identifier: MIT
#pragma once
#include <functional>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/strings.h"
#include "model/data_set.h"

namespace vital {

/// Reads one line of a types database, "TYPE NAME:KIND:MIN:MAX[, ...]", without its line end.
///
/// Errors  malformed: with the word that is wrong. Blank lines and comments are malformed too: do
///         not pass them
Result<DataSet> parse_data_set(std::string_view line);

/// The types database: what each type's columns are. Filled while the configuration is read; from
/// then on it changes only as a whole, in replace(). A DataSet's address is good as long as its
/// Types, also when the type has another definition by then.
///
/// Threads  find(), names(), copy() any, once it is filled; the others one
/// Source   types.db(5)
class Types {
 public:
  Types() = default;
  Types(Types&& other) noexcept;

  /// Told of each line that does not define a type, and of each type that is defined anew.
  using Complaint = std::function<void(std::size_t line, std::string_view text)>;

  /// Adds the types of one file's text; a later definition replaces an earlier one.
  void add(std::string_view text, const Complaint& complain);
  void add(DataSet set);

  /// Takes over all definitions of `fresh`, and no longer knows others. Types that are as they were
  /// keep their DataSet, or get back the one that they once had.
  void replace(Types fresh);
  /// Another one that knows the same.
  Types copy() const;

  const DataSet* find(std::string_view type) const noexcept;
  std::size_t size() const noexcept;
  std::vector<std::string> names() const;

 private:
  using Set = std::unique_ptr<const DataSet>;

  Set from_the_past(const DataSet& set);

  mutable std::shared_mutex mutex_;  // guards all below
  std::unordered_map<std::string, Set, StringHash, std::equal_to<>> sets_;
  std::vector<Set> past_;  // definitions that count no more
};

/// What a types database has that another has not: the names of types, sorted.
struct TypesDifference {
  std::vector<std::string> added, removed, changed;
  bool empty() const noexcept { return added.empty() && removed.empty() && changed.empty(); }
};
TypesDifference difference(const Types& before, const Types& after);

}  // namespace vital
