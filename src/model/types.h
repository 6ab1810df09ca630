// SPDX-License-Identifier: MIT
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "base/strings.h"
#include "model/data_set.h"

namespace vital {

/// Reads one line of a types database, "TYPE NAME:KIND:MIN:MAX[, ...]", without its line end.
///
/// Errors  malformed: with the word that is wrong. Blank lines and comments are malformed too: do
///         not pass them
Result<DataSet> parse_data_set(std::string_view line);

/// The types database: what each type's columns are. Filled while the configuration is read, and
/// constant from then on, so that a DataSet's address is good as long as its Types.
///
/// Threads  find() any, once it is filled
/// Source   types.db(5)
class Types {
 public:
  /// Told of each line that does not define a type, and of each type that is defined anew.
  using Complaint = std::function<void(std::size_t line, std::string_view text)>;

  /// Adds the types of one file's text; a later definition replaces an earlier one.
  void add(std::string_view text, const Complaint& complain);
  void add(DataSet set);

  const DataSet* find(std::string_view type) const noexcept;
  std::size_t size() const noexcept { return sets_.size(); }
  std::vector<std::string_view> names() const;

 private:
  std::unordered_map<std::string, std::unique_ptr<const DataSet>, StringHash, std::equal_to<>>
      sets_;
};

}  // namespace vital
