// SPDX-License-Identifier: MIT
#include "lib/ignore_list.h"

#include <regex.h>

#include <algorithm>

namespace vital {
namespace {

bool is_expression(std::string_view entry) noexcept {
  return entry.size() >= 3 && entry.starts_with('/') && entry.ends_with('/');
}

std::string inner(std::string_view entry) { return std::string{entry.substr(1, entry.size() - 2)}; }

/// What is wrong with an entry, or nothing.
std::string complaint(const std::vector<Argument>& arguments) {
  for (const Argument& argument : arguments) {
    if (!is_expression(argument.text)) continue;
    regex_t compiled{};
    const int failed = ::regcomp(&compiled, inner(argument.text).c_str(), REG_EXTENDED | REG_NOSUB);
    if (failed != 0) {
      char why[128];
      ::regerror(failed, &compiled, why, sizeof why);
      return "has a regular expression that is wrong: " + std::string{why};
    }
    ::regfree(&compiled);
  }
  return {};
}

}  // namespace

Declaration& declare_selection(Declaration& declaration, std::string_view option,
                               std::string_view help) {
  return declaration.option(option, Texts{}, help).check(complaint).called("NAME|/REGEX/");
}

Declaration& declare_ignore_list(Declaration& declaration, std::string_view option,
                                 std::string_view help) {
  return declare_selection(declaration, option, help)
      .option("IgnoreSelected", false,
              "true: leave out what is selected; false: leave out everything else. With nothing "
              "selected nothing is left out.");
}

struct IgnoreList::Expression {
  explicit Expression(const std::string& text) {
    if (::regcomp(&compiled, text.c_str(), REG_EXTENDED) != 0)
      throw std::logic_error{"regular expression was not checked: " + text};
  }
  Expression(const Expression&) = delete;
  Expression& operator=(const Expression&) = delete;
  ~Expression() { ::regfree(&compiled); }

  bool matches(std::string_view name) const noexcept {
    regmatch_t range{.rm_so = 0, .rm_eo = static_cast<regoff_t>(name.size())};
    return ::regexec(&compiled, name.data(), 1, &range, REG_STARTEND) == 0;
  }

  regex_t compiled{};
};

IgnoreList::IgnoreList(const Options& options, std::string_view option)
    : IgnoreList{options.texts(option), options.flag("IgnoreSelected")} {}

IgnoreList::IgnoreList(const std::vector<std::string>& entries, bool ignore_selected)
    : ignore_selected_{ignore_selected} {
  for (const std::string& entry : entries) add(entry);
}

void IgnoreList::add(const std::string& entry) {
  if (is_expression(entry))
    expressions_.push_back(std::make_shared<const Expression>(inner(entry)));
  else
    names_.push_back(entry);
}

bool IgnoreList::selected(std::string_view name) const noexcept {
  return std::find(names_.begin(), names_.end(), name) != names_.end() ||
         std::any_of(expressions_.begin(), expressions_.end(),
                     [&](const auto& expression) { return expression->matches(name); });
}

bool IgnoreList::ignores(std::string_view name) const noexcept {
  return !empty() && selected(name) == ignore_selected_;
}

}  // namespace vital
