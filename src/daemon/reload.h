// SPDX-License-Identifier: MIT
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "daemon/assembly.h"
#include "daemon/process.h"
#include "daemon/section.h"
#include "daemon/self.h"
#include "daemon/startup.h"

namespace vital {

/// How a reload went, or what one would do.
struct ReloadOutcome {
  bool refused = false;
  std::string summary;             // "Reload done", "Reload refused", "Nothing has changed"
  std::vector<std::string> lines;  // what changed, or what speaks against it

  /// As the control socket answers: a counted head line, and the lines.
  std::string reply() const;
};

/// Where a configuration comes from, and what it is checked against.
struct ConfigurationSource {
  const CommandLine& line;
  const Places& places;
  const Declarations& declarations;
  Loader& loader;
  const StartDirectory& directory;

  struct Read {
    Configuration configuration;
    Types types;
  };
  /// As at the start; or from another file, when one is named. What is wrong is in the problems.
  Read read(const std::string& file = {}) const;
};

/// Lets the daemon run on a configuration that has changed. It is read, checked and built beside
/// the running one; only when all of that succeeded something is done.
///
/// Threads  the main thread
class Reloader {
 public:
  struct Running {
    Configuration& configuration;
    Types& types;
    Parts& parts;
    SelfSources& self;
    Assembly& assembly;
    std::vector<Section*> sections;
    std::function<void()> changed;  // called when the configuration is another
  };

  Reloader(ConfigurationSource source, Running running, Log log);

  /// Says in the log how it went.
  ReloadOutcome reload();
  /// What a reload would change, with the running daemon's file or another one.
  ReloadOutcome diff(const std::string& file);

 private:
  Change change_to(const ConfigurationSource::Read& wanted) const;
  ReloadOutcome attempt();
  ReloadOutcome refuse(const Problems& problems) const;
  bool prepare(ConfigurationSource::Read& wanted, const Change& change);
  ReloadOutcome commit(ConfigurationSource::Read& wanted, const Change& change);
  std::vector<std::string> lines_of(const ConfigurationSource::Read& wanted,
                                    const Change& change) const;

  const ConfigurationSource source_;
  Running running_;
  const Log log_;
};

}  // namespace vital
