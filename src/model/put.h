// SPDX-License-Identifier: MIT
#pragma once
#include <span>
#include <string_view>
#include <vector>

#include "model/batch.h"
#include "model/notification.h"
#include "model/types.h"

namespace vital {

/// What a client is told when its command is wrong: the whole line behind "-1 ".
using Refusal = Text<1200>;

/// Cuts the fields out of a command of the text protocol. Quotes may hold blanks, and a backslash
/// in them makes the next character literal; the closing quote ends the field. Fields are unquoted
/// in place, so the line is changed.
///
/// Threads  a plain value over bytes that must outlive it
class CommandFields {
 public:
  explicit CommandFields(std::span<char> line) noexcept
      : at_{line.data()}, end_{at_ + line.size()} {}

  /// False: no further field, or a mistake; see refusal().
  bool next(std::string_view& field) noexcept;
  /// Empty: there was no mistake.
  std::string_view refusal() const noexcept { return refusal_; }

 private:
  char* at_;
  char* end_;
  std::string_view refusal_;
};

/// Takes the next string out of `rest`, as PUTNOTIF and GETTHRESHOLD have them: leading blanks are
/// skipped; a string in quotes ends at the next '"' that no backslash stands before, and a blank or
/// the end must follow; any other ends at a blank.
bool next_string(std::string_view& rest, std::string& value);

/// The "name=" at the beginning of a field: letters, digits, '_' and ':' before the sign. Empty:
/// the field is no option.
std::string_view option_name(std::string_view field) noexcept;

/// Parses PUTVAL commands: "PUTVAL identifier [option ...] time:value[:value ...] ...". Keeps its
/// memory from one command to the next.
///
/// Errors   refused whole: nothing of a wrong command is used
/// Threads  none of its own
/// Source   collectd-unixsock(5)
class PutvalParser {
 public:
  explicit PutvalParser(const Types& types) noexcept : types_{types} {}

  /// `arguments`: what stands behind the command word; it is changed. `now` is what N means. True:
  /// understood, and the views of identifier() point into `arguments`.
  bool parse(std::span<char> arguments, Time now, Refusal& refusal);

  /// How many value lists the command had.
  std::size_t size() const noexcept { return lists_.size(); }
  const Identifier& identifier() const noexcept { return identifier_; }
  /// Adds them to a batch; lists without an interval of their own get `interval`.
  Status add_to(Batch& batch, SeriesTable& series, Span interval) const;

 private:
  struct List {
    Time time;
    Span interval{};
    std::size_t first = 0;  // of values_
  };

  bool parse_identifier_field(std::string_view field, Refusal& refusal);
  bool parse_option(std::string_view name, std::string_view value, Refusal& refusal);
  bool parse_list(std::string_view text, Time now);
  static bool parse_value(std::string_view text, Kind kind, Value& value) noexcept;

  const Types& types_;
  Identifier identifier_;
  const DataSet* type_ = nullptr;
  Span interval_{};
  std::shared_ptr<Meta> meta_;
  std::vector<List> lists_;
  std::vector<Value> values_;
};

/// Parses a PUTNOTIF command: "PUTNOTIF option ...".
///
/// Errors  the refusal says which option is wrong
bool parse_putnotif(std::span<char> arguments, Notification& notification, Refusal& refusal);

/// Writes a sample as "PUTVAL identifier interval=S.SSS T.TTT:value[:value ...]" with the numbers
/// of the csv plugin's standard output (fixed, six decimals) or shortest ("%.15g").
enum class GaugeForm : std::uint8_t { fixed, general };
Text<2048> putval_line(const Sample& sample, GaugeForm form, bool rates) noexcept;

}  // namespace vital
