// SPDX-License-Identifier: MIT
#include "lib/curl_statistics.h"

namespace vital {

struct CurlStatistics::Item {
  const char* option;
  const char* help;
  const char* type;
  const char* type_instance;
  CURLINFO info;
  double factor = 1;
};

const std::array<CurlStatistics::Item, 17> CurlStatistics::kItems{{
    {"TotalTime", "How long the request took in all.", "duration", "total_time",
     CURLINFO_TOTAL_TIME},
    {"NamelookupTime", "Until the server's name was looked up.", "duration", "namelookup_time",
     CURLINFO_NAMELOOKUP_TIME},
    {"ConnectTime", "Until the connection stood.", "duration", "connect_time",
     CURLINFO_CONNECT_TIME},
    {"AppconnectTime", "Until TLS was agreed upon.", "duration", "appconnect_time",
     CURLINFO_APPCONNECT_TIME},
    {"PretransferTime", "Until the transfer could begin.", "duration", "pretransfer_time",
     CURLINFO_PRETRANSFER_TIME},
    {"StarttransferTime", "Until the first byte came back.", "duration", "starttransfer_time",
     CURLINFO_STARTTRANSFER_TIME},
    {"RedirectTime", "What redirections took.", "duration", "redirect_time",
     CURLINFO_REDIRECT_TIME},
    {"RedirectCount", "How many redirections there were.", "count", "redirect_count",
     CURLINFO_REDIRECT_COUNT},
    {"SizeUpload", "Bytes that were sent.", "bytes", "size_upload", CURLINFO_SIZE_UPLOAD_T},
    {"SizeDownload", "Bytes that came back.", "bytes", "size_download", CURLINFO_SIZE_DOWNLOAD_T},
    {"SpeedDownload", "Bits per second that came back.", "bitrate", "speed_download",
     CURLINFO_SPEED_DOWNLOAD_T, 8},
    {"SpeedUpload", "Bits per second that were sent.", "bitrate", "speed_upload",
     CURLINFO_SPEED_UPLOAD_T, 8},
    {"HeaderSize", "Bytes of the answer's headers.", "bytes", "header_size", CURLINFO_HEADER_SIZE},
    {"RequestSize", "Bytes of the request's headers and body.", "bytes", "request_size",
     CURLINFO_REQUEST_SIZE},
    {"ContentLengthDownload", "The length that the answer was said to have.", "bytes",
     "content_length_download", CURLINFO_CONTENT_LENGTH_DOWNLOAD_T},
    {"ContentLengthUpload", "The length that the request was said to have.", "bytes",
     "content_length_upload", CURLINFO_CONTENT_LENGTH_UPLOAD_T},
    {"NumConnects", "How many connections had to be made.", "count", "num_connects",
     CURLINFO_NUM_CONNECTS},
}};

namespace {

/// libcurl has numbers of three types; -1 means that it does not know.
std::optional<double> ask(CURL* handle, CURLINFO info) noexcept {
  double number = 0;
  CURLcode code = CURLE_OK;
  if ((info & CURLINFO_TYPEMASK) == CURLINFO_DOUBLE) {
    code = curl_easy_getinfo(handle, info, &number);
  } else if ((info & CURLINFO_TYPEMASK) == CURLINFO_LONG) {
    long whole = 0;
    code = curl_easy_getinfo(handle, info, &whole);
    number = static_cast<double>(whole);
  } else {
    curl_off_t whole = 0;
    code = curl_easy_getinfo(handle, info, &whole);
    number = static_cast<double>(whole);
  }
  if (code != CURLE_OK || number < 0) return std::nullopt;
  return number;
}

}  // namespace

void declare_statistics(Declaration& declaration) {
  declaration
      .block("Statistics", "NAME", "What to report of the requests; all are off by default.",
             [](Declaration& block) {
               for (const auto& item : CurlStatistics::kItems)
                 block.option(item.option, false, item.help);
             })
      .arguments(0, 1);
}

CurlStatistics::CurlStatistics(const std::vector<Options>& blocks) {
  for (const Item& item : kItems)
    for (const Options& block : blocks)
      if (block.flag(item.option)) {
        chosen_.push_back(&item);
        break;
      }
  taken_.resize(chosen_.size());
}

void CurlStatistics::take(CURL* handle) noexcept {
  const std::lock_guard lock{mutex_};
  for (std::size_t at = 0; at < chosen_.size(); ++at) {
    taken_[at] = ask(handle, chosen_[at]->info);
    if (taken_[at]) *taken_[at] *= chosen_[at]->factor;
  }
}

Status CurlStatistics::add(Batch& batch, const Namer& namer, std::string_view plugin_instance) {
  for (std::size_t at = series_.size(); at < chosen_.size(); ++at) {
    auto series = namer({.plugin_instance = plugin_instance,
                         .type = chosen_[at]->type,
                         .type_instance = chosen_[at]->type_instance});
    if (!series) return series.error();
    series_.push_back(std::move(*series));
  }
  const std::lock_guard lock{mutex_};
  for (std::size_t at = 0; at < chosen_.size(); ++at)
    if (const auto value = std::exchange(taken_[at], std::nullopt))
      if (auto status = batch.add(series_[at], *value); !status) return status;
  return {};
}

}  // namespace vital
