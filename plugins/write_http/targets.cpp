// SPDX-License-Identifier: MIT
#include "write_http/targets.h"

#include <array>

#include "base/strings.h"
#include "config/problem.h"
#include "lib/secret.h"

namespace vital::write_http {
namespace {

constexpr Nanoseconds kLongest = std::chrono::seconds{30};  // of a request without a Timeout

struct TlsVersion {
  const char* name;
  long number;
};
constexpr std::array<TlsVersion, 8> kTlsVersions{{{"default", CURL_SSLVERSION_DEFAULT},
                                                  {"SSLv2", CURL_SSLVERSION_SSLv2},
                                                  {"SSLv3", CURL_SSLVERSION_SSLv3},
                                                  {"TLSv1", CURL_SSLVERSION_TLSv1},
                                                  {"TLSv1_0", CURL_SSLVERSION_TLSv1_0},
                                                  {"TLSv1_1", CURL_SSLVERSION_TLSv1_1},
                                                  {"TLSv1_2", CURL_SSLVERSION_TLSv1_2},
                                                  {"TLSv1_3", CURL_SSLVERSION_TLSv1_3}}};

long ssl_version_of(const Options& node) {
  const std::string name = node.text("SSLVersion");
  if (name == "SSLv2" || name == "SSLv3")
    throw ConfigError{node.position("SSLVersion"), "no library speaks " + name + " any more",
                      "use TLSv1_2, or leave it out"};
  for (const TlsVersion& version : kTlsVersions)
    if (name == version.name) return version.number;
  return CURL_SSLVERSION_DEFAULT;
}

HttpSettings settings_of(const Options& node, std::string_view content_type) {
  HttpSettings settings{.user = secret_of(node, "User"),
                        .password = secret_of(node, "Password"),
                        .verify_peer = node.flag("VerifyPeer"),
                        .verify_host = node.flag("VerifyHost"),
                        .ca_file = node.text("CACert"),
                        .ca_path = node.text("CAPath"),
                        .key_file = node.text("ClientKey"),
                        .key_password = secret_of(node, "ClientKeyPass"),
                        .certificate_file = node.text("ClientCert"),
                        .ssl_version = ssl_version_of(node),
                        .low_speed_limit = static_cast<long>(node.integer("LowSpeedLimit")),
                        .timeout = std::chrono::milliseconds{node.integer("Timeout")}};
  if (settings.timeout == Nanoseconds::zero()) settings.timeout = kLongest;
  settings.headers = {"Accept: */*", "Content-Type: " + std::string{content_type}, "Expect:"};
  for (const std::string& header : node.texts("Header")) settings.headers.push_back(header);
  for (std::string& header : secret_lines(node, "HeaderFile"))
    settings.headers.push_back(std::move(header));
  return settings;
}

std::vector<std::string> urls_of(const Options& node) {
  // The block of old bears its address in its opening tag.
  std::vector<std::string> urls{node.given("URL") ? node.text("URL") : node.argument()};
  for (const std::string& url : node.texts("Failover")) urls.push_back(url);
  return urls;
}

std::string check_url(const std::vector<Argument>& arguments) {
  for (const Argument& argument : arguments)
    if (!istarts_with(argument.text, "http://") && !istarts_with(argument.text, "https://"))
      return "wants an address that begins with http:// or https://, not " + argument.text;
  return {};
}

}  // namespace

Targets::Targets(const Options& node, std::string_view content_type, const Clock& clock, Log log)
    : clock_{clock},
      log_{std::move(log)},
      log_answers_{node.flag("LogHttpError")},
      urls_{urls_of(node)},
      failover_{urls_.size(), nanoseconds(node.duration("FailbackInterval"))},
      client_{settings_of(node, content_type)} {}

/// One that does not answer, or not now, is followed by the next.
Status Targets::post(std::string_view body, CurlStatistics& statistics) noexcept {
  Status status;
  asked_pause_ = {};
  for (std::size_t tried = 0; tried < failover_.count(); ++tried) {
    const std::size_t which = failover_.pick(clock_.now());
    status = post_to(which, body, statistics);
    const bool answered = status || status.error().code() == Errc::refused;
    if (answered && failover_.works(which))
      log_.notice("sends to ", std::string_view{urls_[which]}, " now");
    if (answered) break;
    failover_.failed(which, clock_.now());
  }
  return status;
}

Status Targets::post_to(std::size_t which, std::string_view body,
                        CurlStatistics& statistics) noexcept {
  const std::string& url = urls_[which];
  const auto answer = client_.post(url, body);
  if (!answer) {
    if (answer.error().code() != Errc::stopped) return answer.error();
    return Error{Errc::temporary, "the daemon stops"};
  }
  statistics.take(client_.handle());
  asked_pause_ = std::max(asked_pause_, answer->retry_after);
  const Status status = verdict_of(*answer, url);
  if (!status && log_answers_)
    answers_.say(log_, clock_.now(), "HTTP status ", answer->status, " from ",
                 std::string_view{url}, ": ", answer->body);
  return status;
}

void declare_targets(Declaration& node) {
  using namespace std::chrono_literals;
  Choice versions{};
  for (const TlsVersion& version : kTlsVersions) versions.words.emplace_back(version.name);
  node.option("URL", Unset<std::string>{}, "Where to send, with http:// or https://.")
      .check(check_url);
  declare_secret(node, "User", "The user, if the server asks for one.");
  declare_secret(node, "Password", "The user's password.");
  node.option("VerifyPeer", true, "Check the server's certificate.")
      .option("VerifyHost", true, "Check that the certificate is of that server.")
      .option("CACert", Unset<std::string>{},
              "A file of certificates that are trusted, instead of the system's.")
      .called("PATH")
      .option("CAPath", Unset<std::string>{}, "A directory of such files.")
      .called("PATH")
      .option("ClientKey", Unset<std::string>{}, "A file with the key of our own certificate.")
      .called("PATH")
      .option("ClientCert", Unset<std::string>{}, "Our own certificate, for servers that want one.")
      .called("PATH");
  declare_secret(node, "ClientKeyPass", "The password of ClientKey.");
  node.option("SSLVersion", versions, "The version of TLS: no older, and with TLSv1 no other.")
      .option("Header", Texts{}, "A header for each request: \"Name: value\".")
      .called("HEADER")
      .option("HeaderFile", Unset<std::string>{},
              "A file of such headers, a line each: for those that are secret. A reload reads it "
              "again when it has changed.")
      .read_once()
      .called("PATH")
      .since("vitald 1")
      .option("LowSpeedLimit", 0,
              "A request that goes slower than so many bytes per second for 10 s is given up. 0: "
              "none is.")
      .range(0, 2147483647)
      .option("Timeout", 0, "How long a request may take in all. 0: 30 s.")
      .range(0, 86400000)
      .unit("milliseconds")
      .option("LogHttpError", false,
              "Also say in the log, once an hour at most, what servers answer to a request that "
              "they do not take.")
      .option("Failover", Texts{},
              "An address that is used while those before it do not answer. May be given several "
              "times.")
      .called("URL")
      .check(check_url)
      .since("vitald 1")
      .option("FailbackInterval", 60s,
              "How often to try the first address again while another one is used.")
      .range(0.1, 86400)
      .since("vitald 1");
}

}  // namespace vital::write_http
