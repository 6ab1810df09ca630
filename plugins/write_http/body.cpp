// SPDX-License-Identifier: MIT
#include "write_http/body.h"

#include "model/put.h"

namespace vital::write_http {
namespace {

KairosdbNaming naming_of(const Options& node) {
  KairosdbNaming naming{.prefix = node.text("Prefix"),
                        .ttl = static_cast<int>(node.integer("TTL"))};
  for (const Options::Entry& entry : node.entries("Attribute"))
    naming.attributes.emplace_back(entry.text(0), entry.text(1));
  return naming;
}

}  // namespace

Format::Format(const Options& node) : rates_{node.flag("StoreRates")} {
  const std::string format = node.text("Format");
  if (format == "JSON") json_.emplace(rates_);
  if (format == "KAIROSDB") kairosdb_.emplace(naming_of(node), rates_);
}

void Format::append(const Sample& sample, std::string& text) {
  if (json_) return json_->append(sample, text);
  if (kairosdb_) return kairosdb_->append(sample, text);
  text.append(putval_line(sample, GaugeForm::general, rates_).view()).append("\r\n");
}

std::string_view Format::content_type() const noexcept {
  return is_json() ? "application/json" : "text/plain";
}

}  // namespace vital::write_http
