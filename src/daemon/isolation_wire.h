// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "pipeline/ledger.h"
#include "plugin/host.h"
#include "plugin/setup.h"

/// What the daemon and a plugin's process tell each other. Both are the same program, so no version
/// is needed; but the process may be out of its mind, so what it says is not trusted.
namespace vital::isolation {

enum class Message : std::uint8_t {
  // From the daemon. `brief` comes first; behind the others, as far as they are requests, stand the
  // number that
  // the reply will bear, and the part that is asked.
  brief,
  start,
  stop,
  read,
  write,
  flush,
  settle,
  idle,
  wake,
  notify,
  host_name,
  message,  // for its log sinks
  ping,
  learn,   // definitions of series, see journal::Encoder
  forget,  // what was learned: it is defined anew
  quit,
  // From the process.
  offer,    // what the plugin adds, in its order: that gives the parts their numbers
  ready,    // the plugin is made
  refused,  // it could not be
  samples,  // of the read whose number stands before them
  reply,
  log,
  submit,
  publish,
  notification,
  flush_writers,
  write_one,  // samples for one writer, whose name stands before them
  pong,
  last = pong
};

/// What the process is told first: all that it needs in order to make the plugin.
struct Brief {
  std::string plugin;
  std::string directory;  // where its module is
  bool global_symbols = false;
  Span interval{};
  std::string root;
  std::string host_name;
  std::uint64_t capabilities = 0;  // that it may have
  std::vector<Statement> options;
  std::vector<DataSet> types;
};
void put(ByteWriter& out, const Brief& brief);
bool take(ByteReader& in, Brief& brief);

/// Something that a plugin adds.
struct Offer {
  enum class Kind : std::uint8_t { reader, writer, notifier, service, socket, log };

  Kind kind = Kind::reader;
  std::string name;
  ReaderSpec reader{};       // without its name
  bool leaves_host = false;  // of a writer
  bool counts = false;       // it has a ledger
  Options::Path options{};   // where its queue's options stand
  bool has_options = false;
  bool log_failures = true;
  ControlSocketSpec socket{};

  /// Whether it is of that kind and name: what a process that was started anew must offer again.
  bool like(const Offer& other) const noexcept { return kind == other.kind && name == other.name; }
};
void put(ByteWriter& out, const Offer& offer);
bool take(ByteReader& in, Offer& offer);

/// How a plugin's constructor failed.
struct Refusal {
  std::string what, hint;
  std::optional<Position> position;  // of a ConfigError
};
void put(ByteWriter& out, const Refusal& refusal);
bool take(ByteReader& in, Refusal& refusal);

/// What a writer's own ledger has counted since the last time.
struct LedgerChange {
  std::int64_t delivered = 0, held = 0;
  std::array<std::uint64_t, kLosses> dropped{};
};

/// What came of a request.
struct Reply {
  std::uint32_t number = 0;
  Status status;
  LedgerChange ledger;
  Steady next_wake = Steady::max();
  std::uint64_t arrived = 0;
};
void put(ByteWriter& out, const Reply& reply);
bool take(ByteReader& in, Reply& reply);

/// Of a writer, once the plugin is made.
struct WriterTraits {
  std::uint32_t part = 0;
  bool settles_later = false;
  Steady next_wake = Steady::max();
};
void put(ByteWriter& out, const std::vector<WriterTraits>& traits);
bool take(ByteReader& in, std::vector<WriterTraits>& traits);

void put(ByteWriter& out, const Error& error);
bool take(ByteReader& in, Status& status);

}  // namespace vital::isolation
