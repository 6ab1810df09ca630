// SPDX-License-Identifier: MIT
#include "exec/errand.h"

#include <sys/mman.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

namespace vital::exec {
namespace {

using namespace std::chrono_literals;

constexpr Nanoseconds kMayTake = 5min;

void add(std::string& text, std::string_view name, std::string_view value) {
  if (!value.empty()) text.append(name).append(": ").append(value).append("\n");
}

/// As collectd prints it: a double with %e.
std::string meta_text(const MetaValue& value) {
  const auto* const real = std::get_if<double>(&value);
  if (real == nullptr) return to_text(value);
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, "%e", *real);
  return buffer;
}

/// The text as a file that the program can read from its beginning to its end.
Result<Fd> input_of(const std::string& text) {
  Fd file{::memfd_create("notification", MFD_CLOEXEC)};
  if (!file) return Error::system("a file in memory");
  if (auto status = write_all(file.get(), text); !status) return status.error();
  ::lseek(file.get(), 0, SEEK_SET);
  return file;
}

}  // namespace

std::string text_of(const Notification& notification) {
  std::string text;
  Text<40> time;
  add(text, "Severity", name_of(notification.level));
  add(text, "Time", time.add_fixed(seconds(notification.time), 3).view());
  add(text, "Host", notification.host);
  add(text, "Plugin", notification.plugin);
  add(text, "PluginInstance", notification.plugin_instance);
  add(text, "Type", notification.type);
  add(text, "TypeInstance", notification.type_instance);
  for (const auto& [name, value] : notification.meta)
    text.append(name).append(": ").append(meta_text(value)).append("\n");
  return text.append("\n").append(notification.message).append("\n");
}

Result<std::unique_ptr<Errand>> Errand::begin(const ProgramPlan& plan, const Surroundings& around,
                                              const std::string& text) {
  const auto input = input_of(text);
  if (!input) return input.error();
  auto child = start(plan, around, input->get(), -1);
  if (!child) return child.error();
  return std::make_unique<Errand>(std::move(*child),
                                  Log{around.host.log_hub(), "exec/" + plan.name},
                                  around.host.clock().now() + kMayTake);
}

bool Errand::look(Steady now) {
  if (errors_open_) errors_open_ = errors_.drain(child_.output_fd(), now);
  if (const auto end = child_.reap()) {
    if (errors_open_) (void)errors_.drain(child_.output_fd(), now);
    errors_.end(now);
    return false;
  }
  if (now < deadline_) return true;
  log_.error("it has not ended after ", seconds(kMayTake), " s, so it is ended");
  child_.kill();
  return false;
}

}  // namespace vital::exec
