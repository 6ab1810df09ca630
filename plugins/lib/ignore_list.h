// SPDX-License-Identifier: MIT
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/options.h"

namespace vital {

/// Declares an option that selects devices, repeatable, a name or a "/regular expression/", and the
/// option IgnoreSelected that turns the selection round.
Declaration& declare_ignore_list(Declaration& declaration, std::string_view option,
                                 std::string_view help);

/// Declares a further selecting option, without another IgnoreSelected.
Declaration& declare_selection(Declaration& declaration, std::string_view option,
                               std::string_view help);

/// Which devices to leave out: all but the selected ones, or just those. With nothing selected none
/// is left out.
///
/// Threads  constant; any
class IgnoreList {
 public:
  IgnoreList() = default;
  IgnoreList(const Options& options, std::string_view option);
  IgnoreList(const std::vector<std::string>& entries, bool ignore_selected);

  bool ignores(std::string_view name) const noexcept;
  bool empty() const noexcept { return names_.empty() && expressions_.empty(); }

 private:
  struct Expression;

  void add(const std::string& entry);
  bool selected(std::string_view name) const noexcept;

  std::vector<std::string> names_;
  std::vector<std::shared_ptr<const Expression>> expressions_;
  bool ignore_selected_ = false;
};

}  // namespace vital
