// SPDX-License-Identifier: MIT
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "base/children.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/root.h"
#include "model/types.h"
#include "pipeline/figures.h"
#include "pipeline/watcher.h"
#include "pipeline/writer.h"

namespace vital {

class Ledger;
class Options;

/// Reads something: the kernel's numbers, a device, a server.
///
/// Threads  one at a time, not always the same; a read that hangs is not started a second time
class Reader {
 public:
  virtual ~Reader() = default;
  /// Adds what it finds to the batch. A failure is reported once, counted, and rests the reader
  /// for longer each time; what the batch holds by then still counts.
  virtual Status read(Batch& batch) noexcept = 0;
};

/// Runs beside the readers and writers: a server that receives values, for example.
///
/// Threads  start() and stop() belong to the daemon's main thread
class Service : public Counting {
 public:
  /// Called before a reload changes anything, while what this is to take the place of still runs:
  /// what speaks against start(), if that can be known.
  virtual Status rehearse() { return {}; }
  /// Called when everything is wired, before the first tick. Threads begin here, not earlier.
  virtual Status start() = 0;
  /// Called before the writers are flushed: nothing may be submitted when it returns.
  virtual void stop() noexcept = 0;
};

struct ReaderSpec {
  std::string name{};      // beside the plugin's name when it has several readers
  Span interval{};         // zero: the plugin's
  Nanoseconds deadline{};  // zero: the interval
  bool blocking = false;   // may wait for a network, a process, a device: not for the kernel's tick
  /// Asked while it rests after a failure: what it reads from may be well again, so read. Empty: it
  /// is read again when it has rested.
  std::function<bool()> is_back{};
};

struct WriterSpec {
  std::string name{};                // what FLUSH and chains call it; empty: the plugin's name
  std::shared_ptr<Ledger> ledger{};  // for a writer that counts its own losses; else leave it out
  const Options* options = nullptr;  // where declare_queue()'s options stand: its own, or a node's
  bool leaves_host = false;          // the global <Journal> counts for it
  bool log_failures = true;          // false: that it fails is seen in the status alone
};

struct NotifierSpec {
  std::string name{};                // empty: the plugin's name
  const Options* options = nullptr;  // where declare_queue()'s options stand
  bool leaves_host = false;          // the global <Journal> counts for it
  bool immediate = false;            // called by whoever raises a notification, without an outlet
};

struct ControlSocketSpec {
  std::string path{};
  std::string group{};  // empty: the daemon's
  unsigned permissions = 0660;
  bool replace = false;  // take away a file that stands there
  Span interval{};       // of values that name none
  bool manages = false;  // the daemon's own: clients may reload it
};

/// What the daemon does for plugins. A plugin reaches it through its Setup.
///
/// Threads  submit(), publish(), notify(), flush(), write() and the questions: any; add_*() only
/// during set-up
class Host {
 public:
  virtual ~Host() = default;

  virtual const Clock& clock() const = 0;
  virtual const Types& types() const = 0;
  virtual LogHub& log_hub() = 0;
  virtual Root root() const = 0;
  virtual SeriesTable& series() = 0;
  /// What this host is called, as well as it is known by now.
  virtual std::string host_name() const = 0;

  virtual void submit(std::shared_ptr<Batch> batch) = 0;
  virtual void publish() = 0;
  virtual void notify(Notification notification) = 0;

  virtual void add(Reader& reader, const ReaderSpec& spec) = 0;
  virtual void add(Writer& writer, const WriterSpec& spec) = 0;
  virtual void add(Watcher& watcher, std::string name) = 0;
  virtual void add(Notifier& notifier, const NotifierSpec& spec) = 0;
  virtual void add(LogSink& sink) = 0;
  virtual void add(Service& service) = 0;
  virtual void add(const ControlSocketSpec& socket) = 0;

  /// Where those who run child processes say so, for the daemon's status.
  virtual Children& children() = 0;

  /// Asks writers to write out what they hold: the one of that name, or all. Does not wait for it.
  virtual void flush(std::string_view writer, const FlushRequest& request) = 0;
  /// Hands values to the one writer of that name, in any case, past chains and cache. When there is
  /// none, or none yet, they are lost and that is said.
  virtual void write(std::string_view writer, std::shared_ptr<Batch> batch) = 0;
};

}  // namespace vital
