// SPDX-License-Identifier: MIT
#include <optional>

#include "lib/format_graphite.h"
#include "lib/format_json.h"
#include "plugin/plugin.h"

namespace vital::write_log {

/// Prints each value as a message of the log, for whoever wants to see what passes.
class LogWriter final : public Writer {
 public:
  explicit LogWriter(Setup& setup) : log_{setup.host().log_hub()} {
    if (setup.options().text("Format") == "JSON")
      json_.emplace(false);
    else
      graphite_.emplace(GraphiteNaming{}, false);
  }

  Status write(const Batch& batch) noexcept override {
    for (const Sample& sample : batch) {
      text_ = "write_log values:\n";
      if (json_) {
        json_->append(sample, text_.append("["));
        text_ += ']';
      } else {
        graphite_->append(sample, text_);
      }
      log_.write(Severity::info, text_);
    }
    return {};
  }

 private:
  LogHub& log_;  // not a Log, which puts a name before the message and cuts what is long
  std::optional<GraphiteFormat> graphite_;
  std::optional<JsonFormat> json_;
  std::string text_;
};

}  // namespace vital::write_log

extern "C" void vital_register(vital::Registry& registry) {
  registry.writer<vital::write_log::LogWriter>("write_log", "Writes values to the log.")
      .note(
          "Each value is a message of severity info. Its first line is \"write_log values:\"; then "
          "come the lines that Graphite would get, each with its CRLF, or one line of JSON. Totals "
          "are written as totals.")
      .option("Format", vital::Choice{"Graphite", "JSON"}, "The form of the values.");
}
