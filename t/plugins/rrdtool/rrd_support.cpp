// SPDX-License-Identifier: MIT
#include "rrd_support.h"

#include <cppunit/TestAssert.h>
#include <rrd.h>

#include <cmath>
#include <cstdio>
#include <memory>
#include <vector>

namespace vital::test {
namespace {

std::string text_of(const rrd_info_t& info) {
  Text<64> text;
  switch (info.type) {
    case RD_I_VAL:
      return std::string{text.add(info.value.u_val).view()};
    case RD_I_CNT:
      return std::to_string(info.value.u_cnt);
    case RD_I_INT:
      return std::to_string(info.value.u_int);
    case RD_I_STR:
      return info.value.u_str;
    default:
      return "?";
  }
}

/// Calls visit(key, value) for each line of `rrdtool info`.
template <typename Visit>
void each_line(const std::string& path, Visit&& visit) {
  rrd_clear_error();
  const std::unique_ptr<rrd_info_t, decltype(&rrd_info_free)> all{rrd_info_r(path.c_str()),
                                                                  &rrd_info_free};
  CPPUNIT_ASSERT_MESSAGE(rrd_test_error() ? rrd_get_error() : path, all != nullptr);
  for (const rrd_info_t* info = all.get(); info != nullptr; info = info->next)
    visit(std::string{info->key}, text_of(*info));
}

bool changes_with_values(std::string_view key) {
  for (const std::string_view end : {"filename", "last_update", "last_ds", ".value", "unknown_sec",
                                     "cur_row", "unknown_datapoints"})
    if (key.ends_with(end)) return true;
  return false;
}

std::string shown(double value) {
  Text<32> text;
  return std::string{text.add(value).view()};
}

}  // namespace

std::string rrd_structure(const std::string& path) {
  std::string structure;
  each_line(path, [&](const std::string& key, const std::string& value) {
    if (!changes_with_values(key)) structure.append(key).append(" ").append(value).append("\n");
  });
  return structure;
}

std::string rrd_archives(const std::string& path) {
  std::string archives, kind, rows, steps;
  each_line(path, [&](const std::string& key, const std::string& value) {
    if (key.ends_with("].cf")) kind = value;
    if (key.ends_with("].rows")) rows = value;
    if (key.ends_with("].pdp_per_row")) steps = value;
    if (key.ends_with("].xff"))
      archives.append(kind)
          .append(" ")
          .append(rows)
          .append("x")
          .append(steps)
          .append(" ")
          .append(value)
          .append("\n");
  });
  return archives;
}

std::string rrd_values(const std::string& path, std::int64_t begin, std::int64_t end) {
  std::time_t from = begin, to = end;
  unsigned long step = 1, columns = 0;
  char** names = nullptr;
  rrd_value_t* data = nullptr;
  rrd_clear_error();
  if (rrd_fetch_r(path.c_str(), "AVERAGE", &from, &to, &step, &columns, &names, &data) != 0)
    return rrd_get_error();
  std::string values;
  const rrd_value_t* next = data;
  for (std::time_t at = from + static_cast<std::time_t>(step); at <= end;
       at += static_cast<std::time_t>(step))
    for (unsigned long i = 0; i < columns; ++i)
      values.append(values.empty() ? "" : " ").append(shown(*next++));
  for (unsigned long i = 0; i < columns; ++i) rrd_freemem(names[i]);
  rrd_freemem(static_cast<void*>(names));
  rrd_freemem(data);
  return values;
}

std::int64_t rrd_last_update(const std::string& path) {
  rrd_clear_error();
  return rrd_last_r(path.c_str());
}

void RrdPlugin::put(std::string_view name, double time, std::string_view values,
                    std::string_view options) {
  char line[1024];
  std::snprintf(line, sizeof line, "%.*s %.*s %.3f:%.*s", static_cast<int>(name.size()),
                name.data(), static_cast<int>(options.size()), options.data(),
                static_cast<double>(FakeClock::kBegin) + time, static_cast<int>(values.size()),
                values.data());
  CPPUNIT_ASSERT(plugin.write(line));
}

std::int64_t RrdPlugin::last(std::string_view name) const {
  if (!directory.exists(std::string{name} + ".rrd")) return -1;
  return rrd_last_update(path(name)) - FakeClock::kBegin;
}

std::string RrdPlugin::ledger() const {
  const Ledger::Snapshot now = plugin.ledger().snapshot();
  CPPUNIT_ASSERT_EQUAL(now.submitted, now.delivered + now.queued + now.all_dropped());
  CPPUNIT_ASSERT_EQUAL(now.queued, plugin.ledger().held_now());
  std::string text;
  const auto add = [&](std::string_view name, std::uint64_t count) {
    if (count != 0)
      text.append(text.empty() ? "" : " ").append(name).append(" ").append(std::to_string(count));
  };
  add("delivered", now.delivered);
  add("queued", now.queued);
  for (std::size_t i = 0; i < kLosses; ++i) add(name_of(static_cast<Loss>(i)), now.dropped[i]);
  return text;
}

}  // namespace vital::test
