// SPDX-License-Identifier: MIT
#include <cerrno>
#include <functional>
#include <memory>
#include <new>

#include "lib/http_client.h"
#include "lib/secret.h"
#include "notify_http/body.h"
#include "plugin/plugin.h"

namespace vital::notify_http {
namespace {

using Format = std::function<std::string(const Notification&)>;

Format format_of(const Options& node) {
  if (node.given("Body"))
    return [body = Template{node.text("Body")}](const Notification& n) { return body.fill(n); };
  const std::string format = node.text("Format");
  if (format == "Alertmanager") return alertmanager_json;
  return format == "Chat" ? chat_json : whole_json;
}

HttpSettings settings_of(const Options& node) {
  HttpSettings settings{.user = node.text("User"),
                        .password = secret_of(node, "Password"),
                        .verify_peer = node.flag("VerifyPeer"),
                        .verify_host = node.flag("VerifyHost"),
                        .ca_file = node.text("CACert"),
                        .ca_path = {},
                        .key_file = node.text("ClientKey"),
                        .key_password = secret_of(node, "ClientKeyPass"),
                        .certificate_file = node.text("ClientCert"),
                        .timeout = nanoseconds(node.duration("Timeout"))};
  settings.headers.push_back("Content-Type: " + node.text("ContentType"));
  for (const std::string& header : node.texts("Header")) settings.headers.push_back(header);
  for (std::string& header : secret_lines(node, "HeaderFile"))
    settings.headers.push_back(std::move(header));
  if (const std::string token = secret_of(node, "Token"); !token.empty())
    settings.headers.push_back("Authorization: Bearer " + token);
  return settings;
}

/// Posts each notification to one address.
///
/// Threads  its outlet's
class Node final : public Notifier {
 public:
  Node(const Options& options, const Clock& clock)
      : url_{options.text("URL")},
        clock_{clock},
        format_{format_of(options)},
        client_{settings_of(options)} {}

  Status notify(const Notification& notification) noexcept override {
    try {
      Notification dated = notification;
      if (dated.time == Time{}) dated.time = clock_.wall();
      const auto answer = client_.post(url_, format_(dated));
      return answer ? verdict_of(*answer, url_) : Status{answer.error()};
    } catch (const std::bad_alloc&) {
      return Error{Errc::temporary, "no memory", ENOMEM};
    }
  }

 private:
  const std::string url_;
  const Clock& clock_;
  const Format format_;
  HttpClient client_;
};

}  // namespace

/// All addresses, each with its own queue and thread.
class HttpNotifiers {
 public:
  explicit HttpNotifiers(Setup& setup) {
    // Before there are threads, and for as long as the process lives: others may use it as well.
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
      throw SetupError{"libcurl does not start"};
    for (const Options& node : setup.options().blocks("Node")) {
      nodes_.push_back(std::make_unique<Node>(node, setup.clock()));
      setup.add(*nodes_.back(), {.name = node.argument(), .options = &node, .leaves_host = true});
    }
  }

 private:
  std::vector<std::unique_ptr<Node>> nodes_;
};

std::string check_header(const std::vector<Argument>& arguments) {
  for (const Argument& argument : arguments) {
    const auto colon = argument.text.find(':');
    if (colon == 0 || colon == std::string::npos ||
        argument.text.find_first_of("\r\n") != std::string::npos)
      return "is a header such as \"Name: value\"";
  }
  return {};
}

void declare_request(Declaration& node) {
  node.option("URL", Unset<std::string>{}, "Where to post to.")
      .required()
      .option("Format", Choice{"JSON", "Alertmanager", "Chat"},
              "What is posted. JSON: an object with all parts of the notification; Alertmanager: "
              "alerts for its API v2 (URL http://HOST:9093/api/v2/alerts), which an OKAY resolves; "
              "Chat: {\"text\":\"...\"}, as Slack, Mattermost and others take it.")
      .option("Body", Unset<std::string>{},
              "What is posted instead: a text in which %{NAME} stands for a part of the "
              "notification, escaped for a JSON string, and %% for a percent sign. There are " +
                  Template::names() + ".")
      .called("TEMPLATE")
      .check([](const std::vector<Argument>& arguments) {
        return Template::complaint(arguments.front().text);
      })
      .option("ContentType", "application/json", "The kind of what is posted.")
      .option("Header", Texts{}, "A further header, \"Name: value\".")
      .check(check_header)
      .called("HEADER")
      .option("HeaderFile", Unset<std::string>{},
              "A file of such headers, a line each: for those that are secret. A reload reads it "
              "again when it has changed.")
      .read_once()
      .called("PATH")
      .option("Timeout", 10.0, "How long a request may take.")
      .range(0.1, 3600)
      .unit("seconds");
}

void declare_security(Declaration& node) {
  node.option("User", Unset<std::string>{}, "The user, if the server asks for one.");
  declare_secret(node, "Password", "The user's password.");
  declare_secret(node, "Token", "Sent as Authorization: Bearer TOKEN.");
  node.option("VerifyPeer", true, "Check the server's certificate.")
      .option("VerifyHost", true, "Check that the certificate bears the server's name.")
      .option("CACert", Unset<std::string>{},
              "A file with the certificates to check against, instead of the system's.")
      .called("PATH")
      .option("ClientCert", Unset<std::string>{}, "A file with a certificate of ours.")
      .called("PATH")
      .option("ClientKey", Unset<std::string>{}, "A file with its key.")
      .called("PATH");
  declare_secret(node, "ClientKeyPass", "The password of ClientKey.");
}

}  // namespace vital::notify_http

extern "C" void vital_register(vital::Registry& registry) {
  using namespace vital::notify_http;
  registry.plugin<HttpNotifiers>("notify_http", "Posts notifications to web servers.")
      .note(
          "A notification is delivered when the server answers with a 2xx. While it does not "
          "answer, or cannot take it now (408, 425, 429, 5xx; 401, 403, 404 and 407 as well, for "
          "these are not the notification's fault), notifications wait and are tried again, in "
          "their order. What it refuses (other 4xx) is counted and left out.")
      .block("Node", "NAME", "An address, with a queue of its own.",
             [](vital::Declaration& node) {
               declare_request(node);
               declare_security(node);
               vital::declare_queue(node);
             })
      .since("vitald 1");
}
