// SPDX-License-Identifier: MIT
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_stamp.h"
#include "config/declaration.h"

namespace vital {

/// The checked options of a plugin or a block. What was not given has its declared default. Asking
/// for a name that is not declared is a bug of the asker.
///
/// Threads  constant; any
class Options {
 public:
  /// One occurrence of an option that takes several arguments or may be repeated.
  struct Entry {
    std::vector<Argument> arguments;
    Position position;
    std::size_t place = 0;  // among all statements of the plugin or block
    FileStamp stamp{};      // of the file that it names, where that is read once

    const std::string& text(std::size_t at = 0) const { return arguments.at(at).text; }
    std::vector<std::string> texts() const;
  };

  Options() = default;
  explicit Options(const Declaration& declaration, Position position = {});

  bool given(std::string_view name) const;
  bool flag(std::string_view name) const;
  std::int64_t integer(std::string_view name) const;
  double number(std::string_view name) const;
  Span duration(std::string_view name) const;
  /// Also the word of a choice, as declared, and a port or service. Empty: not given, no default.
  std::string text(std::string_view name) const;
  unsigned octal(std::string_view name) const;
  /// All arguments of all occurrences, in their order.
  std::vector<std::string> texts(std::string_view name) const;
  std::vector<double> numbers(std::string_view name) const;
  const std::vector<Entry>& entries(std::string_view name) const;
  /// The blocks of that name, in their order.
  const std::vector<Options>& blocks(std::string_view name) const;
  /// The statements of a tree, or what an open-ended declaration did not know.
  const std::vector<Statement>& statements() const noexcept { return statements_; }

  /// Of a block: what stood in its opening tag.
  const std::vector<Argument>& arguments() const noexcept { return arguments_; }
  std::string argument(std::size_t at = 0) const;
  /// Where the option was given, or where the block begins.
  Position position(std::string_view name) const;
  const Position& position() const noexcept { return position_; }
  /// Of a block: its place among all statements of what it stands in, as Entry::place.
  std::size_t place() const noexcept { return place_; }

  /// What they were checked against.
  const Declaration* declaration() const noexcept { return declaration_; }
  /// Where a block stands below these options, for at() of other options that were made from the
  /// same statements. Nothing: it is none of theirs.
  using Path = std::vector<std::uint32_t>;
  std::optional<Path> path_to(const Options& inner) const;
  /// The block at that place, or nullptr.
  const Options* at(const Path& path) const noexcept;

  /// Visits the paths that the daemon writes to, of these options and the blocks in them.
  using VisitWritten = std::function<void(OptionDeclaration::Written, const std::string& path)>;
  void visit_written(const VisitWritten& visit) const;

  /// The same values, wherever they were written; in the same order where order counts.
  bool operator==(const Options& other) const noexcept;

 private:
  friend class Checker;
  struct Given {
    const OptionDeclaration* option = nullptr;
    std::vector<Entry> entries;
    std::vector<Options> blocks;
  };

  const OptionDeclaration& declared(std::string_view name) const;
  const Given* find(std::string_view name) const;
  Given& slot(const OptionDeclaration& option);
  /// The last occurrence's first argument, or the default; nothing when there is neither.
  std::optional<Argument> value(std::string_view name) const;

  const Declaration* declaration_ = nullptr;
  Position position_;
  std::vector<Argument> arguments_;
  std::vector<Given> given_;
  std::vector<Statement> statements_;
  std::size_t place_ = 0;
  std::size_t count_ = 0;  // of the statements given so far
};

/// Checks statements against a declaration. Every mistake is a problem with its place; what cannot
/// be understood makes the whole `usable` false, or is left out where it is declared to stand
/// apart.
class Checker {
 public:
  Checker(Problems& problems, std::string subject)
      : problems_{problems}, subject_{std::move(subject)} {}

  /// Adds the statements' options to `options`, later scalars replacing earlier ones.
  void add(Options& options, const Declaration& declaration,
           const std::vector<Statement>& statements);
  /// Once all statements were added: required options, and options that do not go together.
  void finish(const Options& options, const Declaration& declaration);

  bool usable() const noexcept { return usable_; }

 private:
  void one(Options& options, const Declaration& declaration, const Statement& statement);
  void unknown(const Declaration& declaration, const Statement& statement);
  void block(Options& options, const OptionDeclaration& option, const Statement& statement,
             std::size_t place);
  std::optional<Options> checked(const Options& options, const OptionDeclaration& option,
                                 const Statement& statement);
  bool count_fits(const OptionDeclaration& option, const Statement& statement);
  /// What is wrong with the argument, or nothing. May put it into its normal form.
  std::string complaint(const OptionDeclaration& option, Argument& argument) const;
  void reject(const Position& position, std::string what, std::string hint = {});

  Problems& problems_;
  std::string subject_;  // "plugin disk", "the global options"
  bool usable_ = true;
};

}  // namespace vital
