// SPDX-License-Identifier: MIT
#include "rrdtool/rrd_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "lib/librrd.h"

namespace vital::rrdtool {
namespace {

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

Result<Librrd::LastUpdate> RrdFile::last_update(UpdateMemory& memory) const {
  const auto file = open_file(path_.c_str(), O_RDWR | O_NONBLOCK);
  if (!file) return Error::system("opening it", file.error().number());
  struct stat status {};
  if (::fstat(file->get(), &status) != 0 || !S_ISREG(status.st_mode))
    return Error{Errc::malformed, "it is no regular file"};
  const auto ours = memory.direct.last_update(*file);
  if (!ours) return ours.error();
  if (*ours) return **ours;
  const auto library = librrd();
  if (!library) return library.error();
  return (*library)->last_update(path_);
}

Result<std::int64_t> RrdFile::examine(const DataSet& type, UpdateMemory& memory) const noexcept {
  const auto last = last_update(memory);
  if (!last) return last.error();
  if (last->columns != type.size()) {
    Text<256> why;
    why.add("it has ").add(last->columns);
    why.add(last->columns == 1 ? " data source" : " data sources");
    return Error{Errc::refused, why.add(" and not ").add(type.size()).view()};
  }
  return last->time;
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
  const auto library = librrd();
  if (!library) return library.error();
  return (*library)->update(path_, memory.lines);
}

}  // namespace vital::rrdtool
