// SPDX-License-Identifier: MIT
#pragma once
#include <curl/curl.h>

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace vital {

/// How requests are made.
struct HttpSettings {
  std::string user, password;  // an empty user: none
  bool verify_peer = true, verify_host = true;
  std::string ca_file, ca_path;  // empty: the system's
  std::string key_file, key_password, certificate_file;
  long ssl_version = CURL_SSLVERSION_DEFAULT;
  std::vector<std::string> headers{};  // "Name: value"
  long low_speed_limit = 0;            // bytes per second; 0: none
  Nanoseconds timeout{};               // of a whole request
};

/// What a server answered.
struct HttpAnswer {
  long status = 0;
  Nanoseconds retry_after{};  // zero: it did not say
  Text<200> body;             // its first bytes
};

/// Makes requests over HTTP and HTTPS, on connections that are kept. The server's name and
/// certificate are checked unless the settings say otherwise.
///
/// Errors   temporary, timed_out: there was no answer; stopped: hurry() was called
/// Threads  one at a time; hurry() any
class HttpClient {
 public:
  explicit HttpClient(const HttpSettings& settings);  // throws SetupError: libcurl cannot do that

  Result<HttpAnswer> post(const std::string& url, std::string_view body) noexcept;
  /// Ends the request that is being made, and all that follow.
  void hurry() noexcept;
  /// For the statistics of the last request.
  CURL* handle() const noexcept { return easy_.get(); }

 private:
  template <auto Free>
  struct Freed {
    template <typename T>
    void operator()(T* it) const noexcept {
      (void)Free(it);
    }
  };

  void set_up(const HttpSettings& settings);
  CURLcode perform() noexcept;

  std::unique_ptr<CURL, Freed<curl_easy_cleanup>> easy_;
  std::unique_ptr<CURLM, Freed<curl_multi_cleanup>> multi_;
  std::unique_ptr<curl_slist, Freed<curl_slist_free_all>> headers_;
  char message_[CURL_ERROR_SIZE] = "";
  HttpAnswer answer_;
  std::atomic<bool> hurried_{false};
};

/// What an answer means to what was sent: success for a 2xx, temporary for what may be otherwise
/// later (a time-out, too many requests, an error of the server; and what speaks of us and not of
/// what was sent: a wrong password, a wrong address), refused for all else.
Status verdict_of(const HttpAnswer& answer, std::string_view url) noexcept;

}  // namespace vital
