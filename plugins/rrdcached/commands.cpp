// SPDX-License-Identifier: MIT
#include "rrdcached/commands.h"

#include "base/text.h"

namespace vital::rrdcached {
namespace {

constexpr int kDecimals = 6;  // of a time

template <typename Number>
void add_number(std::string& text, Number number) {
  text.append(Text<32>{}.add(number).view());
}

void add_value(std::string& text, Value value, Kind kind) {
  text += ':';
  if (kind == Kind::gauge)
    add_number(text, value.gauge);
  else if (kind == Kind::derive)
    add_number(text, value.derive);
  else
    add_number(text, value.counter);
}

}  // namespace

void add_word(std::string& text, std::string_view word) {
  for (const char c : word) {
    if (c == ' ' || c == '\\') text += '\\';
    text += c;
  }
}

void add_update(std::string& text, std::string_view file, const Sample& sample) {
  text += "update ";
  add_word(text, file);
  text += ' ';
  text.append(Text<32>{}.add_fixed(seconds(sample.time), kDecimals).view());
  for (std::size_t i = 0; i < sample.values.size(); ++i)
    add_value(text, sample.values[i], sample.kind(i));
  text += '\n';
}

void add_create(std::string& text, std::string_view file, const rrdtool::Layout& layout,
                std::int64_t start) {
  text += "create ";
  add_word(text, file);
  text += " -O -s ";
  add_number(text, layout.step);
  text += " -b ";
  add_number(text, start);
  for (const std::string& word : layout.words()) text.append(" ").append(word);
  text += '\n';
}

}  // namespace vital::rrdcached
