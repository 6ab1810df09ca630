// SPDX-License-Identifier: MIT
#include <cmath>

#include "base/strings.h"
#include "lib/placeholders.h"
#include "plugin/plugin.h"

namespace vital::target_notification {
namespace {

struct Word {
  const char* word;
  Level level;
};
constexpr Word kLevels[] = {{"WARNING", Level::warning},
                            {"WARN", Level::warning},
                            {"FAILURE", Level::failure},
                            {"CRITICAL", Level::failure},
                            {"OKAY", Level::okay}};

Level level_of(std::string_view text) noexcept {
  for (const Word& word : kLevels)
    if (text == word.word) return word.level;
  return Level::failure;
}

}  // namespace

/// Raises a notification about the value.
class NotificationTarget final : public Target {
 public:
  explicit NotificationTarget(const FilterSetup& setup)
      : message_{setup.options.text("Message")}, level_{level_of(setup.options.text("Severity"))} {}

  Result<Next> apply(Passage& value) noexcept override {
    const Identifier identifier = value.series().identifier();
    Notification notification;
    notification.level = level_;
    notification.time = value.now();
    notification.host = identifier.host;
    notification.plugin = identifier.plugin;
    notification.plugin_instance = identifier.plugin_instance;
    notification.type = identifier.type;
    notification.type_instance = identifier.type_instance;
    notification.set_message(
        with_placeholders(message_, [&](std::string_view name, std::string& out) {
          return append_part(name, identifier, out) || append_rate(name, value, out);
        }));
    value.raise(std::move(notification));
    return Next::proceed;
  }

 private:
  static bool append_rate(std::string_view name, const Passage& value, std::string& out) {
    constexpr std::string_view kPrefix = "ds:";
    if (!name.starts_with(kPrefix)) return false;
    name.remove_prefix(kPrefix.size());
    const auto& sources = value.series().type().sources;
    for (std::size_t i = 0; i < sources.size(); ++i) {
      if (sources[i].name != name) continue;
      const bool known = sources[i].kind == Kind::gauge || !value.rates().empty();
      Text<32> number;
      out.append(known ? number.add(value.rate(i)).view() : std::string_view{"unknown"});
      return true;
    }
    return false;
  }

  const std::string message_;
  const Level level_;
};

}  // namespace vital::target_notification

extern "C" void vital_register(vital::Registry& registry) {
  using namespace vital;
  registry
      .target<target_notification::NotificationTarget>(
          "target_notification", "Raises a notification for each value that comes to it.")
      .option("Message", Unset<std::string>{},
              "What it says. %{host}, %{plugin}, %{plugin_instance}, %{type} and %{type_instance} "
              "stand for the value's name, %{ds:NAME} for the rate of a data source.")
      .required()
      .check([](const std::vector<Argument>& arguments) {
        return arguments[0].text.empty() ? std::string{"must not be empty"} : std::string{};
      })
      .option("Severity", Choice{"WARNING", "WARN", "FAILURE", "CRITICAL", "OKAY"},
              "How grave it is.");
}
