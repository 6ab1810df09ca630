// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <string_view>

#include "support/plugin_under_test.h"

namespace vital::test {

/// What librrd knows of a file's structure, as `rrdtool info` prints it, without what changes with
/// its values and without its name.
std::string rrd_structure(const std::string& path);
/// The archives of an RRD file alone: "AVERAGE 1200x1" a line, rows and steps, then its xff.
std::string rrd_archives(const std::string& path);
/// The values of the finest archive of averages from `begin` to `end`: "100 nan 2", by steps.
std::string rrd_values(const std::string& path, std::int64_t begin, std::int64_t end);
/// The time of a file's last update; -1: there is no such file.
std::int64_t rrd_last_update(const std::string& path);

/// The plugin with a directory of its own.
class RrdPlugin {
 public:
  explicit RrdPlugin(std::string_view options = {})
      : plugin{"rrdtool", "/", "DataDir \"" + directory.path() + "\"\n" + std::string{options}} {}

  std::string path(std::string_view name) const {
    return directory.path() + "/" + std::string{name} + ".rrd";
  }
  /// A value of a series, at so many seconds after the fake clock's begin.
  void put(std::string_view name, double time, std::string_view values,
           std::string_view options = {});
  /// Lets the plugin do all that it has to do now.
  void settle() {
    while (plugin.wake()) {
    }
  }
  void pass(double seconds) {
    plugin.fake_clock().advance(Nanoseconds{static_cast<std::int64_t>(seconds * 1e9)});
    settle();
  }
  /// "100 20": how many updates the file got, by the time of the last one; "-": no such file.
  std::int64_t last(std::string_view name) const;
  /// "delivered 3 queued 1 too_old 2", what is 0 left out. Fails when the sum is not exact.
  std::string ledger() const;

  TemporaryDirectory directory;
  PluginUnderTest plugin;
};

}  // namespace vital::test
