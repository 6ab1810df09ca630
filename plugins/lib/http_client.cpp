// SPDX-License-Identifier: MIT
#include "lib/http_client.h"

#include <algorithm>
#include <new>

#include "plugin/setup.h"

namespace vital {
namespace {

constexpr long kMostRedirects = 50;

template <typename Value>
void set(CURL* easy, CURLoption option, Value value) {
  const CURLcode code = curl_easy_setopt(easy, option, value);
  if (code != CURLE_OK) throw SetupError{std::string{"libcurl: "} + curl_easy_strerror(code)};
}

void set_text(CURL* easy, CURLoption option, const std::string& text) {
  if (!text.empty()) set(easy, option, text.c_str());
}

std::size_t keep_body(const char* bytes, std::size_t, std::size_t count, void* body) noexcept {
  static_cast<Text<200>*>(body)->add_cut({bytes, count});
  return count;
}

bool is_temporary(long status) noexcept {
  switch (status) {
    case 401:
    case 403:
    case 404:
    case 407:
    case 408:
    case 425:
    case 429:
      return true;
    default:
      return status < 400 || status >= 500;
  }
}

}  // namespace

HttpClient::HttpClient(const HttpSettings& settings)
    : easy_{curl_easy_init()}, multi_{curl_multi_init()} {
  if (!easy_ || !multi_) throw std::bad_alloc{};
  set_up(settings);
}

void HttpClient::set_up(const HttpSettings& settings) {
  CURL* const easy = easy_.get();
  for (const std::string& header : settings.headers) {
    curl_slist* const longer = curl_slist_append(headers_.get(), header.c_str());
    if (longer == nullptr) throw std::bad_alloc{};
    (void)headers_.release();
    headers_.reset(longer);
  }
  set(easy, CURLOPT_HTTPHEADER, headers_.get());
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_USERAGENT, "vitald/" PACKAGE_VERSION);
  set(easy, CURLOPT_ERRORBUFFER, message_);
  set(easy, CURLOPT_WRITEFUNCTION, &keep_body);
  set(easy, CURLOPT_WRITEDATA, &answer_.body);
  set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  set(easy, CURLOPT_FOLLOWLOCATION, 1L);
  set(easy, CURLOPT_MAXREDIRS, kMostRedirects);
  set(easy, CURLOPT_POSTREDIR, static_cast<long>(CURL_REDIR_POST_ALL));
  set(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(settings.timeout / std::chrono::milliseconds{1}));
  if (settings.low_speed_limit > 0) {
    set(easy, CURLOPT_LOW_SPEED_LIMIT, settings.low_speed_limit);
    set(easy, CURLOPT_LOW_SPEED_TIME, 10L);  // seconds
  }
  if (!settings.user.empty()) {
    set_text(easy, CURLOPT_USERNAME, settings.user);
    set(easy, CURLOPT_PASSWORD, settings.password.c_str());
    set(easy, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_ANY));
  }
  set(easy, CURLOPT_SSL_VERIFYPEER, settings.verify_peer ? 1L : 0L);
  set(easy, CURLOPT_SSL_VERIFYHOST, settings.verify_host ? 2L : 0L);
  set(easy, CURLOPT_SSLVERSION, settings.ssl_version);
  set_text(easy, CURLOPT_CAINFO, settings.ca_file);
  set_text(easy, CURLOPT_CAPATH, settings.ca_path);
  set_text(easy, CURLOPT_SSLKEY, settings.key_file);
  set_text(easy, CURLOPT_KEYPASSWD, settings.key_password);
  set_text(easy, CURLOPT_SSLCERT, settings.certificate_file);
}

Result<HttpAnswer> HttpClient::post(const std::string& url, std::string_view body) noexcept {
  CURL* const easy = easy_.get();
  answer_ = {};
  message_[0] = '\0';
  (void)curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.data());
  const CURLcode code = perform();
  if (hurried_) return Error{Errc::stopped, url};
  if (code != CURLE_OK) {
    Text<Error::kLongestCulprit> why;
    why.add_cut(message_[0] != '\0' ? message_ : curl_easy_strerror(code)).add_cut(": ");
    const Errc kind = code == CURLE_OPERATION_TIMEDOUT ? Errc::timed_out : Errc::temporary;
    return Error{kind, why.add_cut(url).view()};
  }
  curl_off_t retry_after = 0;  // seconds
  (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &answer_.status);
  (void)curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_after);
  constexpr curl_off_t kLongest = 86400;
  answer_.retry_after = std::chrono::seconds{std::min(retry_after, kLongest)};
  return answer_;
}

/// As curl_easy_perform() does, but somebody else can end it.
CURLcode HttpClient::perform() noexcept {
  constexpr int kLook = 1000;  // milliseconds
  if (hurried_) return CURLE_ABORTED_BY_CALLBACK;
  if (curl_multi_add_handle(multi_.get(), easy_.get()) != CURLM_OK) return CURLE_FAILED_INIT;
  CURLcode result = CURLE_ABORTED_BY_CALLBACK;
  int running = 1;
  while (!hurried_ && curl_multi_perform(multi_.get(), &running) == CURLM_OK && running != 0)
    if (curl_multi_poll(multi_.get(), nullptr, 0, kLook, nullptr) != CURLM_OK) break;
  int left = 0;
  while (const CURLMsg* const message = curl_multi_info_read(multi_.get(), &left))
    if (message->msg == CURLMSG_DONE) result = message->data.result;
  (void)curl_multi_remove_handle(multi_.get(), easy_.get());
  return result;
}

void HttpClient::hurry() noexcept {
  hurried_ = true;
  (void)curl_multi_wakeup(multi_.get());
}

Status verdict_of(const HttpAnswer& answer, std::string_view url) noexcept {
  if (answer.status >= 200 && answer.status < 300) return {};
  Text<Error::kLongestCulprit> what;
  what.add("HTTP status ").add(answer.status).add(" from ").add_cut(url);
  return Error{is_temporary(answer.status) ? Errc::temporary : Errc::refused, what.view()};
}

}  // namespace vital
