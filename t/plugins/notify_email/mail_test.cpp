// SPDX-License-Identifier: MIT
#include "notify_email/mail.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>

namespace vital::test {

using namespace notify_email;

class MailTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(MailTest);
  CPPUNIT_TEST(has_the_headers_and_the_body_of_collectd);
  CPPUNIT_TEST(nothing_in_a_notification_adds_a_header);
  CPPUNIT_TEST(a_subject_has_two_names_at_most);
  CPPUNIT_TEST(other_letters_are_encoded_in_words_that_fit);
  CPPUNIT_TEST_SUITE_END();

  static Notification example() {
    Notification notification;
    notification.level = Level::warning;
    notification.time = time_of(1700000000);
    notification.host = "web1";
    notification.plugin = "df";
    notification.plugin_instance = "root";
    notification.type = "df_complex";
    notification.message = "disk full";
    return notification;
  }
  static std::string mail(const Notification& notification, const std::string& subject) {
    const Envelope envelope{
        .from = "me@here", .recipients = {"a@b.c", "d@e.f"}, .subject = subject};
    return mail_of(notification, envelope, time_of(1795830862), "<1@h>");
  }

 public:
  void has_the_headers_and_the_body_of_collectd() {
    std::string text = mail(example(), "X %s of %s: 100 %%");
    const auto body = text.find("\r\n\r\n") + 4;
    const std::size_t kDate = std::string_view{"2023-11-14 22:13:20"}.size();  // in local time
    text.replace(body, kDate, "DATE");
    CPPUNIT_ASSERT_EQUAL(std::string{"MIME-Version: 1.0\r\n"
                                     "Content-Type: text/plain; charset=\"UTF-8\"\r\n"
                                     "Content-Transfer-Encoding: 8bit\r\n"
                                     "Subject: X WARNING of web1: 100 %\r\n"
                                     "Date: Sat, 28 Nov 2026 01:54:22 +0000\r\n"
                                     "From: me@here\r\n"
                                     "Message-Id: <1@h>\r\n"
                                     "To: a@b.c,\r\n\td@e.f\r\n"
                                     "\r\n"
                                     "DATE - WARNING@web1\r\n"
                                     "\r\n"
                                     "Host: web1\r\n"
                                     "Plugin: df\r\n"
                                     "Plugin instance: root\r\n"
                                     "Type: df_complex\r\n"
                                     "\r\n"
                                     "Message: disk full\r\n"},
                         text);
  }

  void nothing_in_a_notification_adds_a_header() {
    Notification evil = example();
    for (std::string* text : {&evil.host, &evil.plugin, &evil.type, &evil.message})
      *text = "x\r\nBcc: y@z\r\n.\r\n";
    const std::string text = mail(evil, "%s %s");
    CPPUNIT_ASSERT(text.find("\nBcc") == std::string::npos);
    CPPUNIT_ASSERT(text.find("\n.") == std::string::npos);
    CPPUNIT_ASSERT(text.find("\r\rn") == std::string::npos);
  }

  void a_subject_has_two_names_at_most() {
    for (const char* const fine : {"", "x", "%s", "%s@%s", "100 %% %s"})
      CPPUNIT_ASSERT_EQUAL(std::string{}, subject_complaint(fine));
    for (const char* const bad : {"%", "%d", "%s %s %s", "%5s", "%%%"})
      CPPUNIT_ASSERT(!subject_complaint(bad).empty());
  }

  void other_letters_are_encoded_in_words_that_fit() {
    CPPUNIT_ASSERT_EQUAL(std::string{"plain ~ text"}, header_text("plain ~ text"));
    CPPUNIT_ASSERT_EQUAL(std::string{"=?UTF-8?Q?=C3=BCber=20x=3D?="}, header_text("\u00fcber x="));
    std::string umlauts;
    for (int i = 0; i < 100; ++i) umlauts += "\u00fc";
    const std::string encoded = header_text(umlauts);
    std::size_t begin = 0;
    while (begin < encoded.size()) {
      const std::size_t end = std::min(encoded.find("\r\n ", begin), encoded.size());
      const std::string word = encoded.substr(begin, end - begin);
      CPPUNIT_ASSERT(word.size() <= 75);
      CPPUNIT_ASSERT(word.starts_with("=?UTF-8?Q?=C3=BC") && word.ends_with("=BC?="));
      begin = end + 3;
    }
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(MailTest);

}  // namespace vital::test
