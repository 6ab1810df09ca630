// SPDX-License-Identifier: MIT
#include "config/options.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "base/numbers.h"
#include "base/strings.h"
#include "base/text.h"

namespace vital {
namespace {

const std::vector<Options::Entry> kNoEntries;
const std::vector<Options> kNoBlocks;

double to_number(const Argument& argument) noexcept {
  if (argument.kind == Argument::Kind::number) return argument.number;
  std::size_t used = 0;
  return c_strtod(argument.text, used);
}

/// The text of a number as people write limits: 65535, 0.5.
std::string plain(double number) {
  Text<32> text;
  return std::string{text.add(number).view()};
}

std::string range_of(const OptionDeclaration& option) {
  const std::string above = option.min_excluded ? "above " : "at least ";
  if (std::isfinite(option.min) && std::isfinite(option.max))
    return option.min_excluded ? "above " + plain(option.min) + " and at most " + plain(option.max)
                               : "from " + plain(option.min) + " to " + plain(option.max);
  if (std::isfinite(option.min)) return above + plain(option.min);
  return "at most " + plain(option.max);
}

std::string quoted_text(const Argument& argument) {
  return argument.kind == Argument::Kind::string ? "\"" + argument.text + "\"" : argument.text;
}

std::string check_flag(Argument& argument) {
  if (argument.kind == Argument::Kind::boolean) return {};
  bool value = false;
  if (argument.kind != Argument::Kind::string || !parse_bool(argument.text, value))
    return "wants true or false, not " + quoted_text(argument);
  argument.kind = Argument::Kind::boolean;
  argument.boolean = value;
  argument.text = value ? "true" : "false";
  return {};
}

std::string check_number(const OptionDeclaration& option, Argument& argument) {
  if (argument.kind == Argument::Kind::string) {
    const std::string_view text = trim(argument.text);
    std::size_t used = 0;
    argument.number = c_strtod(text, used);
    if (used == text.size() && used != 0) argument.kind = Argument::Kind::number;
  }
  if (argument.kind != Argument::Kind::number) {
    const char* const what = option.type == OptionType::duration  ? "a number of seconds"
                             : option.type == OptionType::integer ? "a whole number"
                                                                  : "a number";
    return std::string{"wants "} + what + ", not " + quoted_text(argument);
  }
  if (option.type == OptionType::integer) argument.number = std::trunc(argument.number);
  const bool low =
      option.min_excluded ? !(argument.number > option.min) : !(argument.number >= option.min);
  if (low || !(argument.number <= option.max)) return "must be " + range_of(option);
  return {};
}

std::string check_choice(const OptionDeclaration& option, Argument& argument) {
  for (const std::string& word : option.choices) {
    if (!iequals(word, argument.text)) continue;
    argument.text = word;
    return {};
  }
  const std::vector<std::string_view> words(option.choices.begin(), option.choices.end());
  const std::string near = did_you_mean(argument.text, words);
  return "wants one of " + join(option.choices, ", ") + ", not " + quoted_text(argument) +
         (near.empty() ? "" : " (" + near + ")");
}

std::string check_octal(Argument& argument) {
  std::string_view digits = trim(argument.text);
  if (const auto point = digits.find('.'); point != std::string_view::npos)
    digits = digits.substr(0, point);
  unsigned bits = 0;
  if (parse_whole(digits, bits, 8) && bits <= 07777) return {};
  return "wants permission bits such as 0770, not " + quoted_text(argument);
}

/// A port is a number from 1 to 65535; anything else is the name of a service, to be looked up
/// when it is used.
std::string check_port(Argument& argument) {
  if (argument.kind == Argument::Kind::boolean) return "wants a port, not " + argument.text;
  double number = argument.number;
  if (argument.kind == Argument::Kind::string) {
    std::size_t used = 0;
    number = c_strtod(argument.text, used);
    if (used == 0 || used != argument.text.size())
      return argument.text.empty() ? "wants a port" : std::string{};
  }
  const double rounded = std::round(number);
  if (!(rounded >= 1 && rounded <= 65535)) return "wants a port from 1 to 65535";
  argument.text = plain(rounded);
  return {};
}

}  // namespace

std::vector<std::string> Options::Entry::texts() const {
  std::vector<std::string> result;
  for (const Argument& argument : arguments) result.push_back(argument.text);
  return result;
}

Options::Options(const Declaration& declaration, Position position)
    : declaration_{&declaration}, position_{std::move(position)} {}

const OptionDeclaration& Options::declared(std::string_view name) const {
  const OptionDeclaration* const option =
      declaration_ == nullptr ? nullptr : declaration_->find(name);
  if (option == nullptr) throw std::logic_error{"option not declared: " + std::string{name}};
  return *option;
}

const Options::Given* Options::find(std::string_view name) const {
  const OptionDeclaration& option = declared(name);
  const auto found = std::find_if(given_.begin(), given_.end(),
                                  [&](const Given& given) { return given.option == &option; });
  return found == given_.end() ? nullptr : &*found;
}

Options::Given& Options::slot(const OptionDeclaration& option) {
  const auto found = std::find_if(given_.begin(), given_.end(),
                                  [&](const Given& given) { return given.option == &option; });
  if (found != given_.end()) return *found;
  given_.push_back({.option = &option, .entries = {}, .blocks = {}});
  return given_.back();
}

std::optional<Argument> Options::value(std::string_view name) const {
  const Given* const given = find(name);
  if (given != nullptr && !given->entries.empty() && !given->entries.back().arguments.empty())
    return given->entries.back().arguments.front();
  const OptionDeclaration& option = declared(name);
  if (option.fallback.empty()) return std::nullopt;
  Argument argument{.text = option.fallback, .position = {}};
  (void)parse_bool(option.fallback, argument.boolean);
  return argument;
}

bool Options::given(std::string_view name) const { return find(name) != nullptr; }

bool Options::flag(std::string_view name) const {
  const auto argument = value(name);
  return argument && argument->boolean;
}

std::int64_t Options::integer(std::string_view name) const {
  const auto argument = value(name);
  return argument ? static_cast<std::int64_t>(to_number(*argument)) : 0;
}

double Options::number(std::string_view name) const {
  const auto argument = value(name);
  return argument ? to_number(*argument) : std::numeric_limits<double>::quiet_NaN();
}

Span Options::duration(std::string_view name) const {
  const auto argument = value(name);
  return argument ? span_of(to_number(*argument)) : Span::zero();
}

std::string Options::text(std::string_view name) const {
  const auto argument = value(name);
  return argument ? argument->text : std::string{};
}

unsigned Options::octal(std::string_view name) const {
  const std::string digits = text(name);
  unsigned bits = 0;
  (void)parse_whole(std::string_view{digits}.substr(0, digits.find('.')), bits, 8);
  return bits;
}

std::vector<std::string> Options::texts(std::string_view name) const {
  std::vector<std::string> result;
  for (const Entry& entry : entries(name))
    for (const Argument& argument : entry.arguments) result.push_back(argument.text);
  return result;
}

std::vector<double> Options::numbers(std::string_view name) const {
  std::vector<double> result;
  for (const Entry& entry : entries(name))
    for (const Argument& argument : entry.arguments) result.push_back(to_number(argument));
  return result;
}

const std::vector<Options::Entry>& Options::entries(std::string_view name) const {
  const Given* const given = find(name);
  return given == nullptr ? kNoEntries : given->entries;
}

const std::vector<Options>& Options::blocks(std::string_view name) const {
  const Given* const given = find(name);
  return given == nullptr ? kNoBlocks : given->blocks;
}

std::string Options::argument(std::size_t at) const {
  return at < arguments_.size() ? arguments_[at].text : std::string{};
}

Position Options::position(std::string_view name) const {
  const Given* const given = find(name);
  if (given == nullptr) return position_;
  return given->entries.empty() ? given->blocks.back().position_ : given->entries.back().position;
}

void Options::visit_written(const VisitWritten& visit) const {
  if (declaration_ == nullptr) return;
  for (const OptionDeclaration& option : declaration_->options())
    if (option.written != OptionDeclaration::Written::no)
      if (const std::string path = text(option.name); !path.empty()) visit(option.written, path);
  for (const Given& given : given_)
    for (const Options& block : given.blocks) block.visit_written(visit);
}

std::optional<Options::Path> Options::path_to(const Options& inner) const {
  if (&inner == this) return Path{};
  for (std::uint32_t option = 0; option < given_.size(); ++option) {
    const auto& blocks = given_[option].blocks;
    for (std::uint32_t block = 0; block < blocks.size(); ++block) {
      auto rest = blocks[block].path_to(inner);
      if (!rest) continue;
      rest->insert(rest->begin(), {option, block});
      return rest;
    }
  }
  return std::nullopt;
}

const Options* Options::at(const Path& path) const noexcept {
  const Options* here = this;
  for (std::size_t step = 0; step + 1 < path.size(); step += 2) {
    if (path[step] >= here->given_.size()) return nullptr;
    const auto& blocks = here->given_[path[step]].blocks;
    if (path[step + 1] >= blocks.size()) return nullptr;
    here = &blocks[path[step + 1]];
  }
  return here;
}

bool Options::operator==(const Options& other) const noexcept {
  const bool order_counts = declaration_ != nullptr && declaration_->order_counts();
  const auto same_entries = [&](const Entry& a, const Entry& b) {
    return a.arguments == b.arguments && a.stamp == b.stamp &&
           (!order_counts || a.place == b.place);
  };
  const auto same_blocks = [&](const Options& a, const Options& b) {
    return a == b && (!order_counts || a.place_ == b.place_);
  };
  const auto same_given = [&](const Given& a, const Given& b) {
    return a.option->name == b.option->name &&
           std::equal(a.blocks.begin(), a.blocks.end(), b.blocks.begin(), b.blocks.end(),
                      same_blocks) &&
           std::equal(a.entries.begin(), a.entries.end(), b.entries.begin(), b.entries.end(),
                      same_entries);
  };
  return arguments_ == other.arguments_ && statements_ == other.statements_ &&
         given_.size() == other.given_.size() &&
         std::is_permutation(given_.begin(), given_.end(), other.given_.begin(), same_given);
}

void Checker::add(Options& options, const Declaration& declaration,
                  const std::vector<Statement>& statements) {
  for (const Statement& statement : statements) one(options, declaration, statement);
}

void Checker::one(Options& options, const Declaration& declaration, const Statement& statement) {
  const std::size_t place = options.count_++;
  const OptionDeclaration* const option = declaration.find(statement.key);
  if (option == nullptr) {
    if (declaration.is_open_ended())
      options.statements_.push_back(statement);
    else
      unknown(declaration, statement);
    return;
  }
  if (!option->retired.empty()) {
    problems_.warning(statement.position, subject_ + ": " + option->name + " has no effect",
                      option->retired);
    return;
  }
  const bool wants_block = option->type == OptionType::block || option->type == OptionType::tree;
  if (wants_block) return block(options, *option, statement, place);
  if (statement.block)
    return reject(statement.position, option->name + " is an option, not a block",
                  "write it on one line: " + option->name + " VALUE");
  if (!count_fits(*option, statement)) return;
  Options::Entry entry{statement.arguments, statement.position, place};
  for (Argument& argument : entry.arguments) {
    const std::string wrong = complaint(*option, argument);
    if (!wrong.empty()) return reject(argument.position, option->name + " " + wrong);
  }
  if (option->check) {
    const std::string wrong = option->check(entry.arguments);
    if (!wrong.empty()) return reject(entry.arguments.front().position, option->name + " " + wrong);
  }
  if (option->read_once) entry.stamp = FileStamp::of(entry.arguments.front().text);
  Options::Given& given = options.slot(*option);
  if (!option->repeatable) given.entries.clear();
  given.entries.push_back(std::move(entry));
}

void Checker::unknown(const Declaration& declaration, const Statement& statement) {
  const std::string what = statement.block ? "block <" + statement.key + ">" : statement.key;
  std::string hint = did_you_mean(statement.key, declaration.names());
  if (hint.empty() && !declaration.options().empty()) hint = "it is ignored";
  problems_.warning(statement.position, subject_ + " knows no option " + what, std::move(hint));
}

void Checker::block(Options& options, const OptionDeclaration& option, const Statement& statement,
                    std::size_t place) {
  const bool before = usable_;
  if (auto inner = checked(options, option, statement)) {
    inner->place_ = place;
    options.slot(option).blocks.push_back(std::move(*inner));
  } else if (option.apart) {
    usable_ = before;
    problems_.warning(statement.position, "this <" + option.name + "> is left out");
  }
}

/// Nothing: it cannot be used, and why was said.
std::optional<Options> Checker::checked(const Options& options, const OptionDeclaration& option,
                                        const Statement& statement) {
  if (!count_fits(option, statement)) return std::nullopt;
  Options inner{option.inner ? *option.inner : *options.declaration_, statement.position};
  inner.arguments_ = statement.arguments;
  if (option.check) {
    const std::string wrong = option.check(inner.arguments_);
    if (!wrong.empty()) {
      reject(statement.position, option.name + " " + wrong);
      return std::nullopt;
    }
  }
  if (option.type == OptionType::tree) {
    inner.statements_ = statement.children;
    return inner;
  }
  Checker checker{problems_, subject_ + ", <" + statement.key + ">"};
  checker.add(inner, *option.inner, statement.children);
  checker.finish(inner, *option.inner);
  usable_ = usable_ && checker.usable();
  if (!checker.usable()) return std::nullopt;
  return inner;
}

bool Checker::count_fits(const OptionDeclaration& option, const Statement& statement) {
  const std::size_t count = statement.arguments.size();
  if (count >= option.fewest && count <= option.most) return true;
  std::string what = option.name + " takes ";
  if (option.fewest == option.most)
    what += option.fewest == 0   ? "no value"
            : option.fewest == 1 ? "exactly one value"
                                 : std::to_string(option.fewest) + " values";
  else if (option.most == Declaration::kAny)
    what +=
        "at least " + std::to_string(option.fewest) + (option.fewest == 1 ? " value" : " values");
  else
    what += std::to_string(option.fewest) + " to " + std::to_string(option.most) + " values";
  what += ", not " + std::to_string(count);
  std::string hint = option.argument.empty() ? "" : option.name + " " + option.argument;
  reject(statement.position, std::move(what), std::move(hint));
  return false;
}

std::string Checker::complaint(const OptionDeclaration& option, Argument& argument) const {
  switch (option.type) {
    case OptionType::flag:
      return check_flag(argument);
    case OptionType::integer:
    case OptionType::number:
    case OptionType::duration:
      return check_number(option, argument);
    case OptionType::choice:
      return check_choice(option, argument);
    case OptionType::octal:
      return check_octal(argument);
    case OptionType::port:
      return check_port(argument);
    case OptionType::text:
    case OptionType::block:
    case OptionType::tree:
      return {};
  }
  return {};
}

void Checker::finish(const Options& options, const Declaration& declaration) {
  for (const OptionDeclaration& option : declaration.options())
    if (option.required && !options.given(option.name))
      reject(options.position(), subject_ + " needs the option " + option.name);
  if (!usable_) return;
  const std::string wrong = declaration.complaint(options);
  if (!wrong.empty()) reject(options.position(), subject_ + ": " + wrong);
}

void Checker::reject(const Position& position, std::string what, std::string hint) {
  usable_ = false;
  problems_.error(position, std::move(what), std::move(hint));
}

}  // namespace vital
