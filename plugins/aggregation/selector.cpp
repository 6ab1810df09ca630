// SPDX-License-Identifier: MIT
#include "aggregation/selector.h"

#include <algorithm>

#include "base/strings.h"
#include "lib/placeholders.h"

namespace vital::aggregation {
namespace {

struct FieldOption {
  const char* name;
  const char* set;
  std::string_view Identifier::*part;
};
constexpr std::array<FieldOption, kFields> kOptions{
    {{"Host", "SetHost", &Identifier::host},
     {"Plugin", "SetPlugin", &Identifier::plugin},
     {"PluginInstance", "SetPluginInstance", &Identifier::plugin_instance},
     {"TypeInstance", "SetTypeInstance", &Identifier::type_instance}}};

struct FunctionOption {
  const char* option;
  const char* name;
  const char* help;
};
constexpr std::array<FunctionOption, kFunctions> kFunctionOptions{
    {{"CalculateNum", "num", "How many series there are."},
     {"CalculateSum", "sum", "Their sum."},
     {"CalculateAverage", "average", "Their mean."},
     {"CalculateMinimum", "min", "The least of them."},
     {"CalculateMaximum", "max", "The greatest of them."},
     {"CalculateStddev", "stddev", "Their standard deviation, as of a whole population."}}};

bool is_expression(std::string_view text) noexcept {
  return text.size() >= 3 && text.front() == '/' && text.back() == '/';
}

std::string inside(const std::string& text) { return text.substr(1, text.size() - 2); }

std::string check_part(const std::vector<Argument>& arguments) {
  const std::string& text = arguments[0].text;
  return is_expression(text) ? Expression::complaint(inside(text)) : std::string{};
}

std::string check_type(const std::vector<Argument>& arguments) {
  return arguments[0].text.find('/') == std::string::npos
             ? std::string{}
             : std::string{"must be a type's name, without a slash"};
}

/// The field that GroupBy calls so; kFields: none.
std::size_t field_of(std::string_view name) noexcept {
  for (std::size_t field = 0; field < kFields; ++field)
    if (iequals(kOptions[field].name, name)) return field;
  return kFields;
}

std::string check_group_by(const std::vector<Argument>& arguments) {
  for (const Argument& argument : arguments)
    if (field_of(argument.text) == kFields)
      return "wants Host, Plugin, PluginInstance or TypeInstance, not \"" + argument.text + "\"";
  return {};
}

std::string complaint(const Options& block) {
  std::array<bool, kFields> wild{}, grouped{};
  for (std::size_t field = 0; field < kFields; ++field)
    wild[field] =
        !block.given(kOptions[field].name) || is_expression(block.text(kOptions[field].name));
  for (const std::string& name : block.texts("GroupBy")) {
    const std::size_t field = field_of(name);
    if (!wild[field]) return "GroupBy " + name + " needs an expression as " + name + ", or none";
    grouped[field] = true;
  }
  bool some_together = false;
  for (std::size_t field = 0; field < kFields; ++field)
    some_together = some_together || (wild[field] && !grouped[field]);
  if (!some_together) return "with this GroupBy each series would be a group of its own";
  const bool any = std::any_of(kFunctionOptions.begin(), kFunctionOptions.end(),
                               [&](const auto& function) { return block.flag(function.option); });
  return any ? std::string{} : std::string{"at least one Calculate option must be true"};
}

}  // namespace

std::string_view part_of(const Identifier& identifier, Field field) noexcept {
  return identifier.*kOptions[field].part;
}

std::string_view name_of(Function function) noexcept { return kFunctionOptions[function].name; }

void Selector::declare(Declaration& block) {
  const auto part = [&](Field field, const char* help) {
    block.option(kOptions[field].name, "/.*/", help).check(check_part).called("TEXT|/REGEX/");
  };
  part(kHost, "Of which hosts.");
  part(kPlugin, "Of which plugins.");
  part(kPluginInstance, "Of which plugin instances; an empty text means those without.");
  block.option("Type", Unset<std::string>{}, "Of which type; it must have one data source.")
      .required()
      .check(check_type);
  part(kTypeInstance, "Of which type instances; an empty text means those without.");
  block
      .option("GroupBy", Texts{},
              "What differs in these is not put together. Words are Host, Plugin, PluginInstance, "
              "TypeInstance.")
      .arguments(1, kFields)
      .check(check_group_by)
      .called("FIELD [FIELD ...]");
  block.option("SetHost", Unset<std::string>{},
               "The host of the results. Else the group's; \"global\" when there are several.");
  block.option("SetPlugin", "aggregation", "The plugin of the results.");
  block.option("SetPluginInstance", Unset<std::string>{},
               "The plugin instance of the results; %{aggregation} stands for the function. Else "
               "plugin, plugin instance and function with dashes between.");
  block.option("SetTypeInstance", Unset<std::string>{},
               "The type instance of the results. Else the group's, if there is one.");
  for (const FunctionOption& function : kFunctionOptions)
    block.option(function.option, false, function.help);
  block.check_all(complaint);
}

Selector::Selector(const Options& block) : type_{block.text("Type")} {
  for (std::size_t field = 0; field < kFields; ++field) {
    Part& part = parts_[field];
    part.text = block.text(kOptions[field].name);
    part.any = part.text == "/.*/";
    if (!part.any && is_expression(part.text))
      part.expression = *Expression::make(inside(part.text));
    if (field == kPlugin || block.given(kOptions[field].set))
      part.set = block.text(kOptions[field].set);
  }
  for (const std::string& name : block.texts("GroupBy")) parts_[field_of(name)].grouped = true;
  for (std::size_t i = 0; i < kFunctions; ++i)
    functions_[i] = block.flag(kFunctionOptions[i].option);
}

bool Selector::selects(const Identifier& identifier) const noexcept {
  if (identifier.type != type_) return false;
  for (std::size_t field = 0; field < kFields; ++field) {
    const Part& part = parts_[field];
    const std::string_view text = part_of(identifier, static_cast<Field>(field));
    if (part.any) continue;
    if (part.expression ? !part.expression->matches(text) : part.text != text) return false;
  }
  return true;
}

std::string Selector::key(const Identifier& identifier) const {
  std::string key;
  for (std::size_t field = 0; field < kFields; ++field) {
    if (parts_[field].grouped) key += part_of(identifier, static_cast<Field>(field));
    key += '\0';
  }
  return key;
}

std::string_view Selector::result_part(const Identifier& member, Field field,
                                       std::string_view any) const noexcept {
  const Part& part = parts_[field];
  if (part.set) return *part.set;
  if (part.grouped) return part_of(member, field);
  return part.any ? any : std::string_view{part.text};
}

std::string Selector::piece_of_instance(const Identifier& member, Field field) const {
  const Part& part = parts_[field];
  const std::string_view text = part.grouped ? part_of(member, field)
                                : part.any   ? std::string_view{}
                                             : std::string_view{part.text};
  return text.empty() ? std::string{} : std::string{text} + "-";
}

Identifier Selector::name(const Identifier& member, Function function, std::string& text) const {
  const auto& set = parts_[kPluginInstance].set;
  if (set)
    text = with_placeholders(*set, [&](std::string_view name, std::string& out) {
      if (name != "aggregation") return false;
      out += name_of(function);
      return true;
    });
  else
    text = piece_of_instance(member, kPlugin) + piece_of_instance(member, kPluginInstance) +
           std::string{name_of(function)};
  return {.host = result_part(member, kHost, "global"),
          .plugin = *parts_[kPlugin].set,
          .plugin_instance = text,
          .type = type_,
          .type_instance = result_part(member, kTypeInstance, {})};
}

}  // namespace vital::aggregation
