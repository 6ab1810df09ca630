// SPDX-License-Identifier: MIT
#include "lib/rrd_options.h"

namespace vital::rrdtool {
namespace {

using Arguments = std::vector<Argument>;

constexpr double kMostRows = 1e7;
constexpr double kMostSeconds = 1e9;

std::string check_timespan(const Arguments& arguments) {
  std::vector<std::int64_t> timespans;
  for (const Argument& argument : arguments)
    if (!parse_timespans(argument.text, timespans))
      return "wants numbers of seconds, not \"" + argument.text + "\"";
  return {};
}

/// What is below 0 counts as not given.
std::string check_seconds(const Arguments& arguments) {
  return arguments.front().number <= kMostSeconds ? std::string{} : "is too long for a file";
}

std::string check_xff(const Arguments& arguments) {
  const double part = arguments.front().number;
  return part >= 0 && part < 1 ? std::string{} : "must be at least 0 and below 1";
}

}  // namespace

void declare_layout(Declaration& options, std::string_view heartbeat) {
  options
      .option("StepSize", 0,
              "The step of new files. 0 takes the interval of the first value, rounded.")
      .unit("seconds")
      .check(check_seconds)
      .option("HeartBeat", 0, heartbeat)
      .unit("seconds")
      .check(check_seconds)
      .option("RRARows", 1200, "How many rows the archives of new files have at least.")
      .range(1, kMostRows)
      .option("RRATimespan", Texts{},
              "How far back new files reach, several times for several resolutions; each gets an "
              "archive of averages, of minima and of maxima. One text may hold several numbers. "
              "By default 3600, 86400, 604800, 2678400 and 31622400: an hour, a day, a week, a "
              "month and a year.")
      .unit("seconds")
      .arguments(1, Declaration::kAny)
      .called("SECONDS ...")
      .check(check_timespan)
      .option("XFF", 0.1, "The part of an archive's row that may be unknown.")
      .check(check_xff);
}

LayoutOptions layout_options(const Options& options) {
  LayoutOptions layout;
  layout.step = options.integer("StepSize");
  layout.heartbeat = options.integer("HeartBeat");
  layout.rows = options.integer("RRARows");
  layout.xff = options.number("XFF");
  std::vector<std::int64_t> timespans;
  for (const std::string& text : options.texts("RRATimespan"))
    (void)parse_timespans(text, timespans);
  if (!timespans.empty()) layout.timespans = std::move(timespans);
  return layout;
}

std::string check_data_directory(const std::vector<Argument>& arguments) {
  const std::string& text = arguments.front().text;
  const bool root = !text.empty() && text.find_first_not_of('/') == std::string::npos;
  return root ? "must not be the root directory" : std::string{};
}

std::string data_directory(const Options& options) {
  std::string directory = options.text("DataDir");
  while (directory.size() > 1 && directory.ends_with('/')) directory.pop_back();
  return directory;
}

}  // namespace vital::rrdtool
