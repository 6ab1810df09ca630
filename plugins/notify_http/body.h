// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "model/notification.h"

namespace vital::notify_http {

/// Appends what stands between the quotes of a JSON string. Bytes that are not UTF-8 become
/// question marks.
void append_escaped(std::string_view raw, std::string& text);

/// A text with names in it that stand for parts of a notification: %{severity}, %{message},
/// %{meta:NAME} and so on; names() has them all. "%%" is a percent sign. What is put in is escaped
/// for a JSON string, and the text has the quotes.
///
/// Threads  constant; any
class Template {
 public:
  /// The text must have no complaint.
  explicit Template(std::string_view text);

  /// What is wrong with a text; empty: nothing.
  static std::string complaint(std::string_view text);
  static std::string names();

  std::string fill(const Notification& notification) const;

 private:
  struct Piece {
    std::string text;  // as it is, or the name of what is put in
    bool is_name = false;
  };
  static bool cut(std::string_view text, std::vector<Piece>& pieces);

  std::vector<Piece> pieces_;
};

/// An object with everything: {"severity":"WARNING","time":1700000000.000,"host":...,"message":...,
/// "meta":{...}}
std::string whole_json(const Notification& notification);

/// {"text":"..."}: one line, for chats.
std::string chat_json(const Notification& notification);

/// For Prometheus's Alertmanager: an array of two alerts, one for each severity, with the same
/// labels. The one that the notification says is firing begins at its time, the others end then; so
/// an OKAY resolves what fired, and a WARNING what failed.
///
/// Source   Alertmanager's API v2, POST /api/v2/alerts
std::string alertmanager_json(const Notification& notification);

}  // namespace vital::notify_http
