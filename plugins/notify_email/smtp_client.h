// SPDX-License-Identifier: MIT
#pragma once
#include <curl/curl.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace vital::notify_email {

/// How mail is protected on its way to the server.
enum class Tls { none, when_offered, required, implicit };

struct SmtpSettings {
  std::string server = "localhost";
  std::string port = "25";
  std::string user, password;  // an empty user: none
  Tls tls = Tls::when_offered;
  bool verify = true;   // the server's certificate and name; not asked of Tls::when_offered
  std::string ca_file;  // empty: the system's
  Nanoseconds timeout = std::chrono::seconds{30};
};

/// Hands mail to a server, one connection a mail.
///
/// Errors   temporary, timed_out: the server is away, or will take it later, or not from us;
///          refused: it will never take this mail
/// Threads  one at a time
class SmtpClient {
 public:
  explicit SmtpClient(const SmtpSettings& settings);  // throws SetupError: libcurl cannot do that

  Status send(const std::string& from, std::span<const std::string> recipients,
              std::string_view mail) noexcept;

 private:
  struct Freed {
    void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
  };

  static std::size_t read(char* buffer, std::size_t size, std::size_t count, void* self) noexcept;
  Status outcome(CURLcode code) const noexcept;

  std::unique_ptr<CURL, Freed> easy_;
  char message_[CURL_ERROR_SIZE] = "";
  std::string_view rest_;  // of the mail
  bool began_ = false;     // the mail's text was asked for
};

}  // namespace vital::notify_email
