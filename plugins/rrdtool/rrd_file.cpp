// SPDX-License-Identifier: MIT
#include "rrdtool/rrd_file.h"

#include <fcntl.h>
#include <rrd.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "lib/rrd_create.h"

namespace vital::rrdtool {
namespace {

/// What librrd says of a file, and has to be given back.
struct LastUpdate {
  std::time_t time = 0;
  unsigned long columns = 0;
  char** names = nullptr;
  char** values = nullptr;

  LastUpdate() = default;
  LastUpdate(const LastUpdate&) = delete;
  LastUpdate& operator=(const LastUpdate&) = delete;
  ~LastUpdate() {
    for (unsigned long i = 0; i < columns; ++i) {
      if (names != nullptr) rrd_freemem(names[i]);
      if (values != nullptr) rrd_freemem(values[i]);
    }
    rrd_freemem(static_cast<void*>(names));
    rrd_freemem(static_cast<void*>(values));
  }
};

template <typename Number>
void append(std::string& text, Number number) {
  Text<32> digits;
  text.append(digits.add(number).view());
}

void append(std::string& text, const Value& value, Kind kind) {
  text += ':';
  if (kind == Kind::gauge)
    append(text, value.gauge);
  else if (kind == Kind::derive)
    append(text, value.derive);
  else
    append(text, value.counter);
}

}  // namespace

Result<std::int64_t> RrdFile::examine(const DataSet& type) const noexcept {
  {
    const auto fd = open_file(path_.c_str(), O_RDWR | O_NONBLOCK);
    if (!fd) return Error::system("opening it", fd.error().number());
    struct stat status {};
    if (::fstat(fd->get(), &status) != 0 || !S_ISREG(status.st_mode))
      return Error{Errc::malformed, "it is no regular file"};
  }
  LastUpdate last;
  rrd_clear_error();
  if (rrd_lastupdate_r(path_.c_str(), &last.time, &last.columns, &last.names, &last.values) != 0)
    return taken_error(Errc::malformed, path_);
  if (last.columns != type.size()) {
    Text<256> why;
    why.add("it has ").add(last.columns).add(last.columns == 1 ? " data source" : " data sources");
    return Error{Errc::refused, why.add(" and not ").add(type.size()).view()};
  }
  return std::int64_t{last.time};
}

Status RrdFile::update(const DataSet& type, std::span<const Value> records,
                       UpdateMemory& memory) noexcept {
  const auto done = memory.direct.update(path_, type, records);
  if (!done) return done.error();
  return *done ? Status{} : update_by_librrd(type, records, memory);
}

Status RrdFile::turn_back(std::int64_t time, UpdateMemory& memory) noexcept {
  const auto done = memory.direct.turn_back(path_, time);
  if (!done) return done.error();
  return *done ? Status{}
               : Error{Errc::unsupported, "it is laid out in a way that we do not write"};
}

Status RrdFile::update_by_librrd(const DataSet& type, std::span<const Value> records,
                                 UpdateMemory& memory) const noexcept {
  memory.text.clear();
  memory.begins.clear();
  memory.lines.clear();
  const std::size_t width = 1 + type.size();
  for (; records.size() >= width; records = records.subspan(width)) {
    memory.begins.push_back(memory.text.size());
    append(memory.text, records[0].derive);
    for (std::size_t i = 0; i < type.size(); ++i)
      append(memory.text, records[1 + i], type.sources[i].kind);
    memory.text += '\0';
  }
  for (const std::size_t begin : memory.begins) memory.lines.push_back(memory.text.data() + begin);
  rrd_clear_error();
  if (rrd_update_r(path_.c_str(), nullptr, static_cast<int>(memory.lines.size()),
                   memory.lines.data()) != 0)
    return taken_error(Errc::refused, path_);
  return {};
}

}  // namespace vital::rrdtool
