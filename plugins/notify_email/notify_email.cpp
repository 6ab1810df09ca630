// SPDX-License-Identifier: MIT
#include <unistd.h>

#include <cerrno>
#include <new>

#include "lib/secret.h"
#include "notify_email/mail.h"
#include "notify_email/smtp_client.h"
#include "plugin/plugin.h"

namespace vital::notify_email {
namespace {

SmtpSettings settings_of(const Options& options) {
  const std::string tls = options.text("TLS");
  return {.server = options.text("SMTPServer"),
          .port = options.text("SMTPPort"),
          .user = options.text("SMTPUser"),
          .password = secret_of(options, "SMTPPassword"),
          .tls = tls == "none"       ? Tls::none
                 : tls == "required" ? Tls::required
                 : tls == "implicit" ? Tls::implicit
                                     : Tls::when_offered,
          .verify = options.flag("VerifyPeer"),
          .ca_file = options.text("CACert"),
          .timeout = nanoseconds(options.duration("Timeout"))};
}

/// libcurl is made ready before there are threads, and stays so for as long as the process lives:
/// other plugins may use it as well.
SmtpSettings ready(const Options& options) {
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) throw SetupError{"libcurl does not start"};
  return settings_of(options);
}

std::string check_address(const std::vector<Argument>& arguments) {
  for (const Argument& argument : arguments)
    if (argument.text.empty() || argument.text.find_first_of("\r\n<> ") != std::string::npos)
      return "is an address such as admin@example.org";
  return {};
}

}  // namespace

/// Sends each notification as a mail.
///
/// Threads  its outlet's
class EmailNotifier final : public Notifier {
 public:
  explicit EmailNotifier(Setup& setup)
      : log_{setup.log()},
        clock_{setup.clock()},
        envelope_{.from = setup.options().text("From"),
                  .recipients = setup.options().texts("Recipient"),
                  .subject = setup.options().text("Subject")},
        client_{ready(setup.options())} {
    char host[256] = "localhost";
    ::gethostname(host, sizeof host - 1);
    host_ = host;
    setup.add(*this, {.options = &setup.options(), .leaves_host = true});
  }

  Status notify(const Notification& notification) noexcept override {
    try {
      const Time now = clock_.wall();
      Notification dated = notification;
      if (dated.time == Time{}) dated.time = now;
      if (waiting_.empty() || log_line(notification) != trying_) waiting_ = envelope_.recipients;
      trying_ = log_line(notification);
      return send(mail_of(dated, envelope_, now, next_id(now)));
    } catch (const std::bad_alloc&) {
      return Error{Errc::temporary, "no memory", ENOMEM};
    }
  }

 private:
  std::string next_id(Time now) {
    return "<" + std::to_string(rounded_seconds(now)) + "." + std::to_string(::getpid()) + "." +
           std::to_string(++count_) + "@" + host_ + ">";
  }

  /// One recipient that the server will not have must not keep the mail from the others.
  Status send(const std::string& mail) noexcept {
    const Status status = client_.send(envelope_.from, waiting_, mail);
    if (status) waiting_.clear();
    if (status || status.error().code() != Errc::refused || waiting_.size() == 1) return status;
    Status outcome = status.error();
    bool any = false;
    for (std::size_t at = 0; at < waiting_.size();) {
      const Status one = client_.send(envelope_.from, {&waiting_[at], 1}, mail);
      if (!one) refusal_.say(log_, clock_.now(), "no mail for ", waiting_[at], ": ", one.error());
      if (!one && one.error().code() != Errc::refused) {
        outcome = one.error();
        ++at;
        continue;
      }
      any = any || one;
      waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(at));
    }
    return waiting_.empty() && any ? Status{} : outcome;
  }

  const Log log_;
  const Clock& clock_;
  const Envelope envelope_;
  SmtpClient client_;
  std::string trying_;                // what was tried last
  std::vector<std::string> waiting_;  // who has not got it yet
  std::string host_;
  std::uint64_t count_ = 0;
  Complaint refusal_;
};

}  // namespace vital::notify_email

extern "C" void vital_register(vital::Registry& registry) {
  using namespace vital::notify_email;
  auto& email = registry.plugin<EmailNotifier>("notify_email", "Sends notifications by mail.");
  email.note(
      "While the server is away, or answers that it will take a mail later, notifications wait and "
      "are tried again, in their order.");
  email.option("From", "root@localhost", "The sender's address.")
      .check(check_address)
      .called("ADDRESS")
      .option("Recipient", vital::Texts{}, "Whom to send to. Repeat it for several.")
      .check(check_address)
      .called("ADDRESS")
      .required()
      .option("SMTPServer", "localhost", "The server that takes the mail.")
      .called("HOST")
      .option("SMTPPort", vital::Port{"25"}, "Its port.")
      .option("SMTPUser", vital::Unset<std::string>{}, "The user, if the server asks for one.");
  vital::declare_secret(email, "SMTPPassword", "The user's password.");
  email
      .option("Subject", "Collectd notify: %s@%s",
              "The first %s is the severity, the second the host; %% is a percent sign.")
      .check([](const std::vector<vital::Argument>& arguments) {
        return subject_complaint(arguments.front().text);
      })
      .option("TLS", vital::Choice{"opportunistic", "required", "implicit", "none"},
              "opportunistic: encrypt where the server offers it (STARTTLS), whoever it is; "
              "required: send nothing else; implicit: begin with TLS, usually on port 465; none: "
              "never encrypt.")
      .since("vitald 1")
      .option("VerifyPeer", true,
              "Check the server's certificate and name. Not done with TLS opportunistic.")
      .since("vitald 1")
      .option("CACert", vital::Unset<std::string>{},
              "A file with the certificates to check against, instead of the system's.")
      .called("PATH")
      .since("vitald 1")
      .option("Timeout", 30.0, "How long a mail may take.")
      .range(0.1, 3600)
      .unit("seconds")
      .since("vitald 1");
  vital::declare_queue(email);
}
