// SPDX-License-Identifier: MIT
#include "notify_email/smtp_client.h"

#include <algorithm>
#include <new>

#include "plugin/setup.h"

namespace vital::notify_email {
namespace {

template <typename Value>
void set(CURL* easy, CURLoption option, Value value) {
  const CURLcode code = curl_easy_setopt(easy, option, value);
  if (code != CURLE_OK) throw SetupError{std::string{"libcurl: "} + curl_easy_strerror(code)};
}

long use_ssl(Tls tls) noexcept {
  switch (tls) {
    case Tls::none:
      return CURLUSESSL_NONE;
    case Tls::when_offered:
      return CURLUSESSL_TRY;
    case Tls::required:
    case Tls::implicit:
      return CURLUSESSL_ALL;
  }
  return CURLUSESSL_ALL;
}

std::string url_of(const SmtpSettings& settings) {
  const bool literal = settings.server.find(':') != std::string::npos;  // an address of IPv6
  const std::string host = literal ? "[" + settings.server + "]" : settings.server;
  return (settings.tls == Tls::implicit ? "smtps://" : "smtp://") + host + ":" + settings.port;
}

}  // namespace

SmtpClient::SmtpClient(const SmtpSettings& settings) : easy_{curl_easy_init()} {
  CURL* const easy = easy_.get();
  if (easy == nullptr) throw std::bad_alloc{};
  set(easy, CURLOPT_URL, url_of(settings).c_str());
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_ERRORBUFFER, message_);
  set(easy, CURLOPT_UPLOAD, 1L);
  set(easy, CURLOPT_FORBID_REUSE, 1L);
  set(easy, CURLOPT_READFUNCTION, &SmtpClient::read);
  set(easy, CURLOPT_READDATA, this);
  set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(settings.timeout / std::chrono::milliseconds{1}));
  set(easy, CURLOPT_USE_SSL, use_ssl(settings.tls));
  const bool verify = settings.verify && settings.tls != Tls::when_offered;
  set(easy, CURLOPT_SSL_VERIFYPEER, verify ? 1L : 0L);
  set(easy, CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
  if (!settings.ca_file.empty()) set(easy, CURLOPT_CAINFO, settings.ca_file.c_str());
  if (settings.user.empty()) return;
  set(easy, CURLOPT_USERNAME, settings.user.c_str());
  set(easy, CURLOPT_PASSWORD, settings.password.c_str());
}

Status SmtpClient::send(const std::string& from, std::span<const std::string> recipients,
                        std::string_view mail) noexcept {
  std::unique_ptr<curl_slist, Freed> list;
  for (const std::string& recipient : recipients) {
    curl_slist* const longer = curl_slist_append(list.get(), recipient.c_str());
    if (longer == nullptr) return Error{Errc::temporary, "no memory"};
    (void)list.release();
    list.reset(longer);
  }
  CURL* const easy = easy_.get();
  (void)curl_easy_setopt(easy, CURLOPT_MAIL_FROM, from.c_str());
  (void)curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, list.get());
  (void)curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(mail.size()));
  message_[0] = '\0';
  rest_ = mail;
  began_ = false;
  const CURLcode code = curl_easy_perform(easy);
  (void)curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, nullptr);
  return outcome(code);
}

std::size_t SmtpClient::read(char* buffer, std::size_t size, std::size_t count,
                             void* self) noexcept {
  auto& client = *static_cast<SmtpClient*>(self);
  client.began_ = true;
  const std::size_t taken = client.rest_.copy(buffer, size * count);
  client.rest_.remove_prefix(taken);
  return taken;
}

/// A 5xx means this mail if it is the answer to its sender, a recipient or its text. To anything
/// else, and where the server wants another password or TLS (53x), it means us.
Status SmtpClient::outcome(CURLcode code) const noexcept {
  if (code == CURLE_OK) return {};
  long reply = 0;
  (void)curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &reply);
  const bool about_mail = code == CURLE_SEND_ERROR || began_;
  const bool never = reply >= 500 && reply < 600 && reply / 10 != 53;
  Text<Error::kLongestCulprit> why;
  if (reply >= 400) why.add("SMTP status ").add(reply).add(": ");
  why.add_cut(message_[0] != '\0' ? message_ : curl_easy_strerror(code));
  if (code == CURLE_OPERATION_TIMEDOUT) return Error{Errc::timed_out, why.view()};
  return Error{about_mail && never ? Errc::refused : Errc::temporary, why.view()};
}

}  // namespace vital::notify_email
