// SPDX-License-Identifier: MIT
#include "config/declaration.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "base/strings.h"
#include "base/text.h"
#include "config/options.h"

namespace vital {
namespace {

std::string plain(double number) {
  Text<32> text;
  return std::string{text.add(number).view()};
}

}  // namespace

std::string_view name_of(OptionType type) noexcept {
  constexpr std::array<std::string_view, 10> kNames{
      "true or false", "whole number", "number", "seconds", "text",
      "word",          "port",         "octal",  "block",   "block"};
  return kNames[static_cast<std::size_t>(type)];
}

bool OptionDeclaration::is(std::string_view other) const noexcept {
  return iequals(name, other) ||
         std::any_of(aliases.begin(), aliases.end(),
                     [&](const Alias& alias) { return iequals(alias.name, other); });
}

Declaration& Declaration::add(std::string_view name, OptionType type, std::string fallback,
                              std::string_view help) {
  assert(find(name) == nullptr);
  OptionDeclaration& option = options_.emplace_back();
  option.name = name;
  option.type = type;
  option.fallback = std::move(fallback);
  option.help = help;
  return *this;
}

Declaration& Declaration::option(std::string_view name, bool fallback, std::string_view help) {
  return add(name, OptionType::flag, fallback ? "true" : "false", help);
}

Declaration& Declaration::option(std::string_view name, const char* fallback,
                                 std::string_view help) {
  return add(name, OptionType::text, fallback, help);
}

Declaration& Declaration::option(std::string_view name, double fallback, std::string_view help) {
  return add(name, OptionType::number, plain(fallback), help);
}

Declaration& Declaration::duration(std::string_view name, double seconds, std::string_view help) {
  add(name, OptionType::duration, plain(seconds), help);
  return at_least(0);
}

Declaration& Declaration::option(std::string_view name, const Choice& choice,
                                 std::string_view help) {
  add(name, OptionType::choice, choice.words.front(), help);
  options_.back().choices = choice.words;
  return *this;
}

Declaration& Declaration::option(std::string_view name, Texts, std::string_view help) {
  add(name, OptionType::text, {}, help);
  return repeatable();
}

Declaration& Declaration::option(std::string_view name, Port port, std::string_view help) {
  return add(name, OptionType::port, std::string{port.fallback}, help);
}

Declaration& Declaration::option(std::string_view name, Octal octal, std::string_view help) {
  std::string digits;
  for (unsigned bits = octal.fallback; bits != 0; bits >>= 3)
    digits.insert(digits.begin(), static_cast<char>('0' + (bits & 7)));
  return add(name, OptionType::octal, "0" + digits, help);
}

Declaration& Declaration::block(std::string_view name, std::string_view argument,
                                std::string_view help,
                                const std::function<void(Declaration&)>& fill) {
  add(name, OptionType::block, {}, help).repeatable();
  OptionDeclaration& option = options_.back();
  option.argument = argument;
  option.fewest = option.most = argument.empty() ? 0 : 1;
  option.inner = std::make_shared<Declaration>();
  fill(*option.inner);
  return *this;
}

Declaration& Declaration::tree(std::string_view name, std::string_view argument,
                               std::string_view help) {
  add(name, OptionType::tree, {}, help).repeatable();
  options_.back().argument = argument;
  options_.back().fewest = argument.empty() ? 0 : 1;
  options_.back().most = kAny;
  return *this;
}

Declaration& Declaration::retired(std::string_view name, std::string_view why) {
  add(name, OptionType::text, {}, why).arguments(0, kAny).repeatable();
  options_.back().retired = why;
  return *this;
}

Declaration& Declaration::range(double min, double max) {
  options_.back().min = min;
  options_.back().max = max;
  return *this;
}

Declaration& Declaration::at_least(double min) {
  options_.back().min = min;
  return *this;
}

Declaration& Declaration::above(double min) {
  options_.back().min_excluded = true;
  return at_least(min);
}

Declaration& Declaration::unit(std::string_view unit) {
  options_.back().unit = unit;
  return *this;
}

Declaration& Declaration::alias(std::string_view name, std::string_view since) {
  options_.back().aliases.push_back({std::string{name}, std::string{since}});
  return *this;
}

Declaration& Declaration::since(std::string_view form) {
  options_.back().since = form;
  return *this;
}

Declaration& Declaration::repeatable() {
  options_.back().repeatable = true;
  return *this;
}

Declaration& Declaration::apart() {
  options_.back().apart = true;
  return *this;
}

Declaration& Declaration::required() {
  options_.back().required = true;
  return *this;
}

Declaration& Declaration::arguments(std::size_t fewest, std::size_t most) {
  options_.back().fewest = fewest;
  options_.back().most = std::max(fewest, most);
  return *this;
}

Declaration& Declaration::called(std::string_view arguments) {
  options_.back().argument = arguments;
  return *this;
}

Declaration& Declaration::written(OptionDeclaration::Written written) {
  options_.back().written = written;
  return *this;
}

Declaration& Declaration::read_once() {
  options_.back().read_once = true;
  return *this;
}

Declaration& Declaration::check(std::function<std::string(const std::vector<Argument>&)> check) {
  options_.back().check = std::move(check);
  return *this;
}

Declaration& Declaration::check_all(std::function<std::string(const Options&)> check) {
  check_ = std::move(check);
  return *this;
}

Declaration& Declaration::open_ended() {
  open_ended_ = true;
  return *this;
}

Declaration& Declaration::ordered() {
  ordered_ = true;
  return *this;
}

const OptionDeclaration* Declaration::find(std::string_view name) const noexcept {
  const auto found = std::find_if(options_.begin(), options_.end(),
                                  [&](const OptionDeclaration& option) { return option.is(name); });
  return found == options_.end() ? nullptr : &*found;
}

std::vector<std::string_view> Declaration::names() const {
  std::vector<std::string_view> names;
  for (const OptionDeclaration& option : options_)
    if (option.retired.empty()) names.emplace_back(option.name);
  return names;
}

std::string Declaration::complaint(const Options& options) const {
  return check_ ? check_(options) : std::string{};
}

}  // namespace vital
