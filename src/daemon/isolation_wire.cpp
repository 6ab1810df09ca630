// SPDX-License-Identifier: MIT
#include "daemon/isolation_wire.h"

#include <algorithm>

namespace vital::isolation {
namespace {

constexpr unsigned kDeepest = 64;  // blocks within blocks

void put_flag(ByteWriter& out, bool flag) { out.fixed(static_cast<std::uint8_t>(flag)); }
bool take_flag(ByteReader& in) { return in.fixed<std::uint8_t>() != 0; }

void put_moment(ByteWriter& out, Steady moment) {
  out.fixed(static_cast<std::int64_t>(moment.time_since_epoch().count()));
}
Steady take_moment(ByteReader& in) { return Steady{Steady::duration{in.fixed<std::int64_t>()}}; }

/// Lists are as long as they say, but never longer than the bytes that are left could make them.
template <typename Each>
bool take_each(ByteReader& in, Each&& each) {
  const std::uint64_t count = in.small();
  if (count > in.left()) return false;
  for (std::uint64_t i = 0; i < count; ++i)
    if (!each() || !in.ok()) return false;
  return in.ok();
}

void put_position(ByteWriter& out, const Position& position) {
  out.text(position.source ? position.source->path : std::string{});
  out.small(position.line);
  out.small(position.column);
  out.small(position.length);
}

Position take_position(ByteReader& in) {
  Position position;
  position.source = std::make_shared<const Source>(Source{std::string{in.text()}, {}});
  for (std::uint32_t* number : {&position.line, &position.column, &position.length})
    *number = static_cast<std::uint32_t>(in.small());
  return position;
}

void put_argument(ByteWriter& out, const Argument& argument) {
  out.fixed(static_cast<std::uint8_t>(argument.kind));
  out.text(argument.text);
  out.fixed(argument.number);
  put_flag(out, argument.boolean);
  put_position(out, argument.position);
}

bool take_argument(ByteReader& in, Argument& argument) {
  const auto kind = in.fixed<std::uint8_t>();
  if (kind > static_cast<std::uint8_t>(Argument::Kind::boolean)) return false;
  argument.kind = Argument::Kind{kind};
  argument.text = in.text();
  argument.number = in.fixed<double>();
  argument.boolean = take_flag(in);
  argument.position = take_position(in);
  return in.ok();
}

void put_statements(ByteWriter& out, const std::vector<Statement>& statements) {
  out.small(statements.size());
  for (const Statement& statement : statements) {
    out.text(statement.key);
    put_flag(out, statement.block);
    put_position(out, statement.position);
    out.small(statement.arguments.size());
    for (const Argument& argument : statement.arguments) put_argument(out, argument);
    put_statements(out, statement.children);
  }
}

bool take_statements(ByteReader& in, std::vector<Statement>& statements, unsigned depth = 0) {
  if (depth > kDeepest) return false;
  return take_each(in, [&] {
    Statement& statement = statements.emplace_back();
    statement.key = in.text();
    statement.block = take_flag(in);
    statement.position = take_position(in);
    return take_each(in, [&] { return take_argument(in, statement.arguments.emplace_back()); }) &&
           take_statements(in, statement.children, depth + 1);
  });
}

void put_type(ByteWriter& out, const DataSet& type) {
  out.text(type.type);
  out.small(type.sources.size());
  for (const DataSource& source : type.sources) {
    out.text(source.name);
    out.fixed(static_cast<std::uint8_t>(source.kind));
    out.fixed(source.min);
    out.fixed(source.max);
  }
}

bool take_type(ByteReader& in, DataSet& type) {
  type.type = in.text();
  return take_each(in, [&] {
    DataSource& source = type.sources.emplace_back();
    source.name = in.text();
    const auto kind = in.fixed<std::uint8_t>();
    source.kind = Kind{kind};
    source.min = in.fixed<double>();
    source.max = in.fixed<double>();
    return kind <= static_cast<std::uint8_t>(Kind::absolute);
  });
}

}  // namespace

void put(ByteWriter& out, const Brief& brief) {
  out.text(brief.plugin);
  out.text(brief.directory);
  put_flag(out, brief.global_symbols);
  out.fixed(brief.interval.count());
  out.text(brief.root);
  out.text(brief.host_name);
  out.fixed(brief.capabilities);
  put_statements(out, brief.options);
  out.small(brief.types.size());
  for (const DataSet& type : brief.types) put_type(out, type);
}

bool take(ByteReader& in, Brief& brief) {
  brief.plugin = in.text();
  brief.directory = in.text();
  brief.global_symbols = take_flag(in);
  brief.interval = Span{in.fixed<std::int64_t>()};
  brief.root = in.text();
  brief.host_name = in.text();
  brief.capabilities = in.fixed<std::uint64_t>();
  return take_statements(in, brief.options) &&
         take_each(in, [&] { return take_type(in, brief.types.emplace_back()); }) && in.done();
}

void put(ByteWriter& out, const Offer& offer) {
  out.fixed(static_cast<std::uint8_t>(offer.kind));
  out.text(offer.name);
  out.fixed(offer.reader.interval.count());
  out.fixed(static_cast<std::int64_t>(offer.reader.deadline.count()));
  put_flag(out, offer.leaves_host);
  put_flag(out, offer.counts);
  put_flag(out, offer.log_failures);
  put_flag(out, offer.has_options);
  out.small(offer.options.size());
  for (const std::uint32_t step : offer.options) out.small(step);
  out.text(offer.socket.path);
  out.text(offer.socket.group);
  out.small(offer.socket.permissions);
  put_flag(out, offer.socket.replace);
  out.fixed(offer.socket.interval.count());
}

bool take(ByteReader& in, Offer& offer) {
  const auto kind = in.fixed<std::uint8_t>();
  if (kind > static_cast<std::uint8_t>(Offer::Kind::log)) return false;
  offer.kind = Offer::Kind{kind};
  offer.name = in.text();
  offer.reader.interval = Span{in.fixed<std::int64_t>()};
  offer.reader.deadline = Nanoseconds{in.fixed<std::int64_t>()};
  offer.leaves_host = take_flag(in);
  offer.counts = take_flag(in);
  offer.log_failures = take_flag(in);
  offer.has_options = take_flag(in);
  const auto take_step = [&] {
    offer.options.push_back(static_cast<std::uint32_t>(in.small()));
    return true;
  };
  if (!take_each(in, take_step)) return false;
  offer.socket.path = in.text();
  offer.socket.group = in.text();
  offer.socket.permissions = static_cast<unsigned>(in.small()) & 07777;
  offer.socket.replace = take_flag(in);
  offer.socket.interval = Span{in.fixed<std::int64_t>()};
  if (offer.kind != Offer::Kind::reader) return in.done();
  return in.done() && offer.reader.interval > Span::zero() &&
         offer.reader.deadline > Nanoseconds::zero();
}

void put(ByteWriter& out, const Refusal& refusal) {
  out.text(refusal.what);
  out.text(refusal.hint);
  put_flag(out, refusal.position.has_value());
  if (refusal.position) put_position(out, *refusal.position);
}

bool take(ByteReader& in, Refusal& refusal) {
  refusal.what = in.text();
  refusal.hint = in.text();
  if (take_flag(in)) refusal.position = take_position(in);
  return in.done();
}

void put(ByteWriter& out, const Error& error) {
  out.fixed(static_cast<std::uint8_t>(static_cast<unsigned>(error.code()) + 1));
  out.small_signed(error.number());
  out.text(error.culprit());
}

bool take(ByteReader& in, Status& status) {
  const auto code = in.fixed<std::uint8_t>();
  if (code == 0) return in.ok();
  if (code > static_cast<unsigned>(Errc::stopped) + 1) return false;
  const std::int64_t number = in.small_signed();
  status = Error{static_cast<Errc>(code - 1), in.text(), static_cast<int>(number)};
  return in.ok();
}

void put(ByteWriter& out, const Reply& reply) {
  out.fixed(reply.number);
  if (reply.status)
    out.fixed(std::uint8_t{0});
  else
    put(out, reply.status.error());
  out.small_signed(reply.ledger.delivered);
  out.small_signed(reply.ledger.held);
  for (const std::uint64_t count : reply.ledger.dropped) out.small(count);
  put_moment(out, reply.next_wake);
  out.small(reply.arrived);
}

bool take(ByteReader& in, Reply& reply) {
  reply.number = in.fixed<std::uint32_t>();
  if (!take(in, reply.status)) return false;
  reply.ledger.delivered = in.small_signed();
  reply.ledger.held = in.small_signed();
  for (std::uint64_t& count : reply.ledger.dropped) count = in.small();
  reply.next_wake = take_moment(in);
  reply.arrived = in.small();
  return in.done();
}

void put(ByteWriter& out, const std::vector<WriterTraits>& traits) {
  out.small(traits.size());
  for (const WriterTraits& writer : traits) {
    out.fixed(writer.part);
    put_flag(out, writer.settles_later);
    put_moment(out, writer.next_wake);
  }
}

bool take(ByteReader& in, std::vector<WriterTraits>& traits) {
  const auto take_writer = [&] {
    WriterTraits& writer = traits.emplace_back();
    writer.part = in.fixed<std::uint32_t>();
    writer.settles_later = take_flag(in);
    writer.next_wake = take_moment(in);
    return true;
  };
  return take_each(in, take_writer) && in.done();
}

}  // namespace vital::isolation
