// SPDX-License-Identifier: MIT
#include "config/difference.h"

#include <algorithm>

#include "base/strings.h"

namespace vital {
namespace {

constexpr std::size_t kLongest = 200;  // of a value that is shown

bool is_secret(std::string_view option) {
  const std::string name = lower(option);
  for (const std::string_view word : {"pass", "secret", "token", "credential", "privatekey"})
    if (name.find(word) != std::string::npos) return true;
  return false;
}

std::string written(const std::vector<Argument>& arguments) {
  std::string text;
  for (const Argument& argument : arguments) {
    if (!text.empty()) text += ' ';
    text += argument.kind == Argument::Kind::string ? "\"" + argument.text + "\"" : argument.text;
  }
  return text;
}

std::string written(const std::vector<Statement>& statements) {
  std::string text;
  for (const Statement& statement : statements) {
    text += text.empty() ? "" : "; ";
    text += statement.key + (statement.arguments.empty() ? "" : " ") +
            (is_secret(statement.key) ? "(not shown)" : written(statement.arguments));
    if (statement.block) text += " { " + written(statement.children) + " }";
  }
  return text;
}

std::string cut(std::string text) {
  if (text.size() > kLongest) text.replace(kLongest, std::string::npos, "...");
  return text;
}

/// All occurrences of an option, or its default.
std::string value_of(const Options& options, const OptionDeclaration& option) {
  const auto& entries = options.entries(option.name);
  if (entries.empty()) return option.fallback.empty() ? "" : option.fallback + " (default)";
  if (is_secret(option.name)) return "(not shown)";
  std::string text;
  for (const Options::Entry& entry : entries)
    text += (text.empty() ? "" : ", ") + written(entry.arguments);
  return cut(std::move(text));
}

std::string block_name(const OptionDeclaration& option, const Options& block) {
  const std::string arguments = written(block.arguments());
  return option.name + (arguments.empty() ? "" : " ") + arguments;
}

class Comparison {
 public:
  void options(const Options& before, const Options& after, const std::string& inside) {
    if (before == after) return;
    const std::size_t found = result_.size();
    for (const OptionDeclaration& option : after.declaration()->options()) {
      entries(before, after, option, inside);
      blocks(before, after, option, inside);
    }
    if (before.statements() != after.statements())
      add(inside + "(contents)", cut(written(before.statements())),
          cut(written(after.statements())), after.position());
    if (result_.size() == found) add(inside + "(order)", "", "changed", after.position());
  }

  std::vector<Difference> take() { return std::move(result_); }

 private:
  void add(std::string name, std::string before, std::string after, Position position) {
    result_.push_back({std::move(name), std::move(before), std::move(after), std::move(position)});
  }

  void entries(const Options& before, const Options& after, const OptionDeclaration& option,
               const std::string& inside) {
    const auto& old_ones = before.entries(option.name);
    const auto& new_ones = after.entries(option.name);
    const bool same =
        std::equal(old_ones.begin(), old_ones.end(), new_ones.begin(), new_ones.end(),
                   [](const auto& a, const auto& b) { return a.arguments == b.arguments; });
    if (same && !std::equal(old_ones.begin(), old_ones.end(), new_ones.begin(), new_ones.end(),
                            [](const auto& a, const auto& b) { return a.stamp == b.stamp; }))
      add(inside + option.name, "", "the file has changed", after.position(option.name));
    if (same) return;
    add(inside + option.name, value_of(before, option), value_of(after, option),
        after.position(option.name));
  }

  /// Blocks belong together by what their tags say, and by their order where that is the same.
  void blocks(const Options& before, const Options& after, const OptionDeclaration& option,
              const std::string& inside) {
    std::vector<const Options*> left;
    for (const Options& block : before.blocks(option.name)) left.push_back(&block);
    for (const Options& block : after.blocks(option.name)) {
      const std::string name = inside + block_name(option, block);
      const auto found = std::find_if(left.begin(), left.end(), [&](const Options* old) {
        return old->arguments() == block.arguments();
      });
      if (found == left.end()) {
        add("<" + name + ">", "", "added", block.position());
        continue;
      }
      options(**found, block, name + " ");
      left.erase(found);
    }
    for (const Options* block : left)
      add("<" + inside + block_name(option, *block) + ">", "", "removed", after.position());
  }

  std::vector<Difference> result_;
};

}  // namespace

std::string Difference::text() const {
  if (before.empty() && after.empty()) return name + ": given another way";
  if (before.empty()) return name + ": " + after;
  return name + ": " + before + " -> " + (after.empty() ? "(not given)" : after);
}

std::vector<Difference> differences(const Options& before, const Options& after) {
  Comparison comparison;
  comparison.options(before, after, "");
  return comparison.take();
}

}  // namespace vital
