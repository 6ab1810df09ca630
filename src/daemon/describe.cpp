// SPDX-License-Identifier: MIT
#include "daemon/describe.h"

#include <algorithm>
#include <cmath>

#include "base/strings.h"
#include "base/text.h"
#include "daemon/capabilities.h"

namespace vital {
namespace {

std::string plain(double number) {
  Text<32> text;
  return std::string{text.add(number).view()};
}

/// What stands behind the option's name: its values, or what they are called.
std::string values_of(const OptionDeclaration& option) {
  if (!option.argument.empty()) return option.argument;
  switch (option.type) {
    case OptionType::flag:
      return "true|false";
    case OptionType::choice:
      return join(option.choices, "|");
    case OptionType::integer:
    case OptionType::number:
      return "NUMBER";
    case OptionType::duration:
      return "SECONDS";
    case OptionType::port:
      return "PORT";
    case OptionType::octal:
      return "PERMISSIONS";
    case OptionType::text:
    case OptionType::block:
    case OptionType::tree:
      return "TEXT";
  }
  return "VALUE";
}

std::string range_of(const OptionDeclaration& option) {
  const std::string low = option.min_excluded ? "above " : "at least ";
  if (std::isfinite(option.min) && std::isfinite(option.max))
    return plain(option.min) + " to " + plain(option.max);
  if (std::isfinite(option.min)) return low + plain(option.min);
  if (std::isfinite(option.max)) return "at most " + plain(option.max);
  return {};
}

/// "seconds, at least 0; default 10; repeatable; collectd 4: Carbon".
std::string facts(const OptionDeclaration& option) {
  std::vector<std::string> all;
  std::string kind{name_of(option.type)};
  if (!option.unit.empty()) kind += ", " + option.unit;
  const std::string range = range_of(option);
  if (!range.empty() && !(option.type == OptionType::duration && option.min == 0))
    kind += ", " + range;
  all.push_back(kind);
  if (!option.fallback.empty()) all.push_back("default " + option.fallback);
  if (option.required) all.emplace_back("required");
  if (option.repeatable) all.emplace_back("may be repeated");
  for (const auto& alias : option.aliases) all.push_back(alias.since + " calls it " + alias.name);
  if (option.since != "collectd 5") all.push_back("since " + option.since);
  return join(all, "; ");
}

bool is_block(const OptionDeclaration& option) {
  return option.type == OptionType::block || option.type == OptionType::tree;
}

std::string heading(const OptionDeclaration& option) {
  if (!is_block(option)) return option.name + " " + values_of(option);
  return "<" + option.name + (option.argument.empty() ? "" : " " + option.argument) + ">";
}

std::string wrapped(std::string_view text, std::size_t indent) {
  constexpr std::size_t kWidth = 79;
  std::string result, line(indent, ' ');
  for (const std::string_view word : split(text, " \n")) {
    if (line.size() > indent && line.size() + 1 + word.size() > kWidth) {
      result += line + "\n";
      line.assign(indent, ' ');
    }
    if (line.size() > indent) line += ' ';
    line += word;
  }
  return result + line + "\n";
}

void describe_options(std::string& text, const Declaration& options, std::size_t indent) {
  for (const OptionDeclaration& option : options.options()) {
    if (!option.retired.empty()) continue;
    text += std::string(indent, ' ') + heading(option) + "\n";
    text += wrapped(option.help, indent + 4);
    if (!is_block(option)) text += wrapped("(" + facts(option) + ")", indent + 4);
    if (option.inner) describe_options(text, *option.inner, indent + 4);
  }
}

// The same in man(7)'s language.

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '\\')
      result += "\\e";
    else if (c == '-')
      result += "\\-";
    else
      result += c;
  }
  if (result.starts_with('.') || result.starts_with('\'')) result.insert(0, "\\&");
  return result;
}

void manual_options(std::string& text, const Declaration& options) {
  for (const OptionDeclaration& option : options.options()) {
    if (!option.retired.empty()) continue;
    text += ".TP\n\\fB" + escaped(heading(option)) + "\\fR\n" + escaped(option.help) + "\n";
    if (!is_block(option)) text += ".br\n(" + escaped(facts(option)) + ")\n";
    if (!option.inner) continue;
    text += ".RS\n";
    manual_options(text, *option.inner);
    text += ".RE\n";
  }
}

/// What it needs of the kernel's privileges; empty: nothing that an ordinary user lacks.
std::string needs_of(const PluginDeclaration& plugin) {
  Capabilities always = 0, sometimes = 0;
  for (const auto& [number, when] : plugin.capabilities())
    (when ? sometimes : always) |= capability(number);
  std::string text;
  if (always != 0) text += "Needs " + names_of_capabilities(always) + ". ";
  if (sometimes != 0)
    text += "With some of its options it needs " + names_of_capabilities(sometimes) + ". ";
  if (plugin.is_runner()) text += "Runs programs of others. ";
  if (plugin.is_isolated()) text += "Runs in a process of its own unless Isolation is \"none\". ";
  if (!text.empty()) text.pop_back();
  return text;
}

void manual_plugin(std::string& text, const PluginDeclaration& plugin) {
  text += ".SS \"Plugin " + escaped(plugin.name()) + "\"\n" + escaped(plugin.about()) + "\n";
  if (!plugin.all_reports().empty()) text += ".PP\nReports:\n";
  for (const auto& report : plugin.all_reports())
    text += ".TP\n\\fI" + escaped(report.identifier) + "\\fR\n" + escaped(report.meaning) + "\n";
  if (!plugin.options().empty()) text += ".PP\nOptions:\n";
  manual_options(text, plugin);
  for (const std::string& note : plugin.notes()) text += ".PP\n" + escaped(note) + "\n";
  if (const std::string needs = needs_of(plugin); !needs.empty())
    text += ".PP\n" + escaped(needs) + "\n";
}

constexpr std::string_view kLanguage = R"(.SH NAME
vitald.conf \- configuration of vitald, the resident metrics agent
.SH DESCRIPTION
The language is that of collectd.conf(5): each line is an option, its name followed by one or more
values, or begins or ends a block. A
.B #
begins a comment. Names of options are compared without regard to case. A value is a number, one of
.BR true ", " false ", " yes ", " no ", " on ", " off ,
a word of letters, digits and underscores, an IP address, or a text in double quotes, in which a
backslash makes the next character literal. Each line, the last one included, ends with a line feed.
.PP
.nf
LoadPlugin cpu
<Plugin cpu>
  ReportByCpu false
</Plugin>
.fi
.PP
.B vitald \-t
finds all mistakes of a file at once. An unknown option or plugin is a warning and the rest runs; a
value that cannot be understood stops its plugin only; a syntax error stops the start.
.SH "INCLUDE"
.B Include \(dqPATH\(dq
stands for the contents of a file, of all files of a directory, or of all that a pattern matches. In
the form of a block it can have a
.B Filter \(dqPATTERN\(dq
that the names of files must match.
.SH "LOADPLUGIN"
.B LoadPlugin NAME
loads a plugin; in the form of a block it takes these options:
)";

}  // namespace

std::string describe(const Declaration& options) {
  std::string text;
  describe_options(text, options, 2);
  return text;
}

std::string describe(const PluginDeclaration& plugin) {
  std::string text = plugin.name() + ": " + plugin.about() + "\n";
  if (!plugin.all_reports().empty()) text += "\nReports\n";
  for (const auto& report : plugin.all_reports())
    text += "  " + report.identifier + "\n" + wrapped(report.meaning, 6);
  text += plugin.options().empty()
              ? "\nNo options.\n"
              : "\nOptions\n" + describe(static_cast<const Declaration&>(plugin));
  for (const std::string& note : plugin.notes()) text += "\n" + wrapped(note, 0);
  if (const std::string needs = needs_of(plugin); !needs.empty()) text += "\n" + wrapped(needs, 0);
  return text;
}

std::string manual(const Declaration& globals, const Declaration& load_plugin,
                   const std::vector<const PluginDeclaration*>& plugins) {
  std::string text = ".TH VITALD.CONF 5 \"\" \"vitald\" \"File formats\"\n";
  text += kLanguage;
  manual_options(text, load_plugin);
  text += ".SH \"GLOBAL OPTIONS\"\n";
  manual_options(text, globals);
  text += ".SH PLUGINS\n";
  for (const PluginDeclaration* plugin : plugins) manual_plugin(text, *plugin);
  text += ".SH \"SEE ALSO\"\nvitald(8), vitalctl(1)\n";
  return text;
}

}  // namespace vital
