// SPDX-License-Identifier: MIT
#pragma once
#include <deque>
#include <memory>

#include "daemon/plugin_process.h"
#include "plugin/loader.h"

namespace vital {

/// A plugin in a process of its own: makes that process, and adds to the host what stands here for
/// the parts that the plugin offers there.
///
/// Errors   its constructor throws SetupError and ConfigError, as the plugin's own would
/// Threads  as for the parts of a plugin; constructor and destructor belong to the main thread
class IsolatedPlugin {
 public:
  /// The plan must outlive it.
  IsolatedPlugin(Host& host, PastTypes& past_types, const PluginPlan& plan, const Loader& loader);
  IsolatedPlugin(const IsolatedPlugin&) = delete;
  IsolatedPlugin& operator=(const IsolatedPlugin&) = delete;
  ~IsolatedPlugin();

 private:
  class ReaderThere;
  class WriterThere;
  class NotifierThere;
  class ServiceThere;
  class SinkThere;

  void add(std::uint32_t part, const isolation::Offer& offer);
  /// How long a read may take until it is taken for stuck.
  Nanoseconds read_limit(const isolation::Offer& offer) const noexcept;

  Host& host_;
  const PluginPlan& plan_;
  PluginProcess process_;
  std::deque<ReaderThere> readers_;
  std::deque<WriterThere> writers_;
  std::deque<NotifierThere> notifiers_;
  std::deque<ServiceThere> services_;
  std::deque<SinkThere> sinks_;
};

}  // namespace vital
