// SPDX-License-Identifier: MIT
#include "lib/format_graphite.h"

#include <algorithm>
#include <cstring>

#include "base/strings.h"

namespace vital {
namespace {

constexpr std::size_t kLongestValue = 330;  // %f of the largest double
constexpr std::size_t kLongestTime = 24;

/// What no name may have, whatever the options say: Carbon splits lines at blanks and makes paths
/// of files from the rest.
bool is_forbidden(char c) noexcept {
  constexpr std::string_view kForbidden = " \t\"\\:!,/()\n\r";
  return kForbidden.find(c) != std::string_view::npos;
}

bool is_control(char c) noexcept { return (c >= '\0' && c < ' ') || c == '\x7f'; }

std::string escaped_field(std::string_view field, char escape, bool keep_dots) {
  std::string result{field};
  std::replace_if(
      result.begin(), result.end(),
      [&](char c) { return is_control(c) || c == ' ' || (c == '.' && !keep_dots); }, escape);
  return result;
}

/// web.example.com becomes com.example.web.
std::string reversed_labels(std::string_view host) {
  std::string result;
  while (true) {
    const auto dot = host.rfind('.');
    if (dot == std::string_view::npos) return result.append(host);
    result.append(host.substr(dot + 1)).append(".");
    host = host.substr(0, dot);
  }
}

/// The fields of an identifier as they may stand in a name.
struct Fields {
  std::string host, plugin, plugin_instance, type, type_instance;

  Fields(const Identifier& id, const GraphiteNaming& naming) {
    const bool keep_dots = naming.preserve_separator || naming.use_tags;
    const auto escaped = [&](std::string_view field) {
      return escaped_field(field, naming.escape, keep_dots);
    };
    host = escaped(naming.reverse_host ? reversed_labels(id.host) : std::string{id.host});
    plugin = escaped(id.plugin);
    plugin_instance = escaped(id.plugin_instance);
    type = escaped(id.type);
    type_instance = escaped(id.type_instance);
  }
};

std::string path_name(const Fields& fields, std::string_view source, const GraphiteNaming& naming) {
  const bool drop = naming.drop_duplicate_fields;
  const char* const dash = naming.separate_instances ? "." : "-";
  std::string plugin = fields.plugin, type = fields.type;
  if (!fields.plugin_instance.empty()) plugin.append(dash).append(fields.plugin_instance);
  if (!fields.type_instance.empty()) {
    if (drop && fields.plugin == fields.type)
      type = fields.type_instance;
    else
      type.append(dash).append(fields.type_instance);
  }
  std::string name = naming.prefix + fields.host + naming.postfix + "." + plugin;
  if (!drop || source.empty() || plugin != type) name.append(".").append(type);
  if (!source.empty()) name.append(".").append(source);
  return name;
}

std::string tagged_name(const Fields& fields, std::string_view source,
                        const GraphiteNaming& naming) {
  const bool drop = naming.drop_duplicate_fields;
  const bool drop_type = drop && fields.plugin == fields.type;
  const bool drop_instance = drop && fields.plugin_instance == fields.type_instance;
  std::string name = naming.prefix + fields.plugin;
  if (!drop_type) name.append(".").append(fields.type);
  if (!source.empty()) name.append(".").append(source);
  name += naming.postfix;
  const auto tag = [&](std::string_view key, std::string_view value) {
    name.append(";").append(key).append("=").append(value);
  };
  tag("host", fields.host);
  tag("plugin", fields.plugin);
  if (!fields.plugin_instance.empty()) tag("plugin_instance", fields.plugin_instance);
  if (!drop_type) tag("type", fields.type);
  if (!fields.type_instance.empty() && !drop_instance) tag("type_instance", fields.type_instance);
  if (!source.empty()) tag("ds_name", source);
  return name;
}

char* put_value(char* first, char* last, const Sample& sample, std::size_t at,
                bool rates) noexcept {
  switch (sample.kind(at)) {
    case Kind::gauge:
      return format_general(first, last, sample.values[at].gauge);
    case Kind::derive:
      if (!rates) return std::to_chars(first, last, sample.values[at].derive).ptr;
      break;
    case Kind::counter:
    case Kind::absolute:
      if (!rates) return std::to_chars(first, last, sample.values[at].counter).ptr;
      break;
  }
  constexpr int kDecimals = 6;
  return format_fixed(first, last, sample.rates[at], kDecimals);
}

}  // namespace

std::string graphite_name(const Identifier& identifier, std::string_view source,
                          const GraphiteNaming& naming) {
  const Fields fields{identifier, naming};
  std::string name =
      naming.use_tags ? tagged_name(fields, source, naming) : path_name(fields, source, naming);
  std::replace_if(name.begin(), name.end(), is_forbidden, naming.escape);
  return name;
}

std::string GraphiteFormat::prepare(const SeriesInfo& series) const {
  const auto& sources = series.type().sources;
  const bool named = sources.size() > 1 || naming_.always_append_source;
  std::string names;
  for (const DataSource& source : sources) {
    std::string name = graphite_name(
        series.identifier(), named ? std::string_view{source.name} : std::string_view{}, naming_);
    name += ' ';
    const auto size = static_cast<std::uint32_t>(name.size());
    names.append(reinterpret_cast<const char*>(&size), sizeof size).append(name);
  }
  return names;
}

void GraphiteFormat::append(const Sample& sample, std::string& text) {
  std::string& names = names_[sample.series];
  if (names.empty()) names = prepare(sample.series);
  Text<kLongestTime> end;
  end.add(' ').add(rounded_seconds(sample.time)).add("\r\n");
  const std::size_t before = text.size();
  text.resize(before + names.size() + sample.values.size() * (kLongestValue + end.size()));
  char* out = text.data() + before;
  const char* name = names.data();
  for (std::size_t at = 0; at < sample.values.size(); ++at) {
    std::uint32_t size = 0;
    std::memcpy(&size, name, sizeof size);
    std::memcpy(out, name + sizeof size, size);
    name += sizeof size + size;
    out = put_value(out + size, out + size + kLongestValue, sample, at, rates_);
    std::memcpy(out, end.view().data(), end.size());
    out += end.size();
  }
  text.resize(static_cast<std::size_t>(out - text.data()));
}

}  // namespace vital
