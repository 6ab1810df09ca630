// SPDX-License-Identifier: MIT
#pragma once
#include <stdexcept>
#include <string>
#include <vector>

#include "config/configuration.h"
#include "plugin/host.h"

namespace vital {

/// Why a plugin cannot run on this host. Thrown by a plugin's constructor, said once, and the rest
/// runs without it.
class SetupError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
  explicit SetupError(const Error& error) : runtime_error{std::string{error.message().view()}} {}
  ~SetupError() override;
};

/// Names series while a plugin runs: for a disk or interface that appears. A plain value.
///
/// Threads  any
class Namer {
 public:
  Namer(Host& host, std::string plugin) : host_{&host}, plugin_{std::move(plugin)} {}

  /// An empty host means this host, an empty plugin the plugin's own name.
  ///
  /// Errors  unknown: types.db has no such type; too_long
  Result<Series> operator()(Identifier identifier, Labels labels = {}) const noexcept;

 private:
  Host* host_;
  std::string plugin_;
};

/// Everything that a plugin's constructor may ask for, and where it says what it offers. What it
/// adds must live as long as the plugin.
///
/// Threads  the main thread; do not keep it
class Setup {
 public:
  Setup(Host& host, const PluginPlan& plan);

  const std::string& plugin() const noexcept { return plan_.name(); }
  const Options& options() const noexcept { return plan_.options; }
  Span interval() const noexcept { return plan_.interval; }
  const Log& log() const noexcept { return log_; }
  const Clock& clock() const { return host_.clock(); }
  const Types& types() const { return host_.types(); }
  /// Where proc and sys are.
  Root root() const;
  /// For what a plugin does while it runs: submit, notify, the host's name.
  Host& host() const noexcept { return host_; }
  Namer namer() const { return Namer{host_, plugin()}; }

  /// The series of that name, made if need be; throws SetupError when types.db lacks its type.
  Series declare(const Identifier& identifier, Labels labels = {}) const;
  /// Throws SetupError when types.db lacks one of them.
  void need_types(std::initializer_list<std::string_view> types) const;

  /// A part of the options is wrong, as only the set-up can tell, and the plugin does without it.
  /// The daemon says so; a reload is refused.
  void leave_out(const Position& position, std::string what, std::string hint = {}) {
    left_out_.error(position, std::move(what), std::move(hint));
  }
  const Problems& left_out() const noexcept { return left_out_; }

  void add(Reader& reader, ReaderSpec spec = {}) const;
  void add(Writer& writer, WriterSpec spec = {}) const;
  void add(Watcher& watcher) const { host_.add(watcher, plugin()); }
  void add(Notifier& notifier, NotifierSpec spec = {}) const;
  void add(LogSink& sink) const { host_.add(sink); }
  void add(Service& service) const { host_.add(service); }
  void add(const ControlSocketSpec& socket) const { host_.add(socket); }

  /// The kernel files opened through root() so far and from now on.
  const std::shared_ptr<Sources>& sources() const noexcept { return sources_; }

 private:
  Host& host_;
  const PluginPlan& plan_;
  Log log_;
  std::shared_ptr<Sources> sources_;
  Problems left_out_;
};

}  // namespace vital
