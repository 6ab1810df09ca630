// SPDX-License-Identifier: MIT
#include "base/strings.h"
#include "fuzz/fuzz.h"
#include "rrdcached/place.h"
#include "rrdcached/reply.h"

using namespace vital;

/// Any line of an answer, and any address, is understood or refused; what an address comes to can
/// be written so that it comes to the same.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  std::vector<rrdcached::Complaint> complaints;
  for (const std::string_view line : split(text, "\n")) {
    rrdcached::add_complaint(line, complaints);
    (void)rrdcached::parse_head(line);
    if (const auto figure = rrdcached::parse_figure(line)) fuzz::promise(line.size() > 1);
  }
  for (const auto& complaint : complaints) fuzz::promise(complaint.command != 0);
  const auto place = rrdcached::parse_place(text);
  if (!place) return 0;
  fuzz::promise(place->is_local() == place->host.empty());
  const std::string again =
      place->is_local() ? "unix:" + place->path : "[" + place->host + "]:" + place->port;
  if (place->host.find(']') != std::string::npos) return 0;
  const auto same = rrdcached::parse_place(again);
  fuzz::promise(same && same->path == place->path && same->host == place->host &&
                same->port == place->port);
  return 0;
}
