// SPDX-License-Identifier: MIT
#include "lib/librrd.h"

#include <rrd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace vital::rrdtool {
namespace {

/// The system's numbers that librrd hides in its messages.
constexpr std::array kNumbers{ENOENT, EACCES, EPERM,  EROFS,  ENOSPC, EDQUOT, EFBIG, EIO,
                              EMFILE, ENFILE, ENOMEM, EISDIR, ENODEV, ESTALE, EINTR};

int number_in(std::string_view message) noexcept {
  char buffer[128];
  for (const int number : kNumbers)
    if (message.ends_with(std::string_view{strerror_r(number, buffer, sizeof buffer)}))
      return number;
  return 0;
}

bool has(std::string_view text, std::string_view part) noexcept {
  return text.find(part) != std::string_view::npos;
}

/// What librrd has to complain of; it keeps that apart for each thread.
Error taken_error(Errc code, const std::string& path) {
  std::string message = rrd_test_error() ? rrd_get_error() : "";
  rrd_clear_error();
  if (message.empty()) return Error{Errc::temporary, "librrd does not say why"};
  if (const int number = number_in(message); number != 0) return Error::system("librrd", number);
  if (message.starts_with(path + ": ")) message.erase(0, path.size() + 2);
  const std::string quoted = "'" + path + "'";
  if (const auto at = message.find(quoted); at != std::string::npos)
    message.replace(at, quoted.size(), "it");
  if (has(message, "could not lock")) return Error::system("locked by another program", EAGAIN);
  if (has(message, "illegal attempt to update")) code = Errc::too_old;
  return Error{code, message};
}

/// What librrd says of a file, and has to be given back.
struct Answer {
  std::time_t time = 0;
  unsigned long columns = 0;
  char** names = nullptr;
  char** values = nullptr;

  Answer() = default;
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;
  ~Answer() {
    for (unsigned long i = 0; i < columns; ++i) {
      if (names != nullptr) rrd_freemem(names[i]);
      if (values != nullptr) rrd_freemem(values[i]);
    }
    rrd_freemem(static_cast<void*>(names));
    rrd_freemem(static_cast<void*>(values));
  }
};

class Module final : public Librrd {
 public:
  Status create(const std::string& path, const Layout& layout,
                std::int64_t start) const noexcept override {
    const std::vector<std::string> words = layout.words();
    std::vector<const char*> arguments;
    arguments.reserve(words.size());
    for (const std::string& word : words) arguments.push_back(word.c_str());
    rrd_clear_error();
    const int failed = rrd_create_r(path.c_str(), static_cast<unsigned long>(layout.step), start,
                                    static_cast<int>(arguments.size()), arguments.data());
    if (failed == 0 && !rrd_test_error()) return {};
    return taken_error(Errc::refused, path);
  }

  Result<LastUpdate> last_update(const std::string& path) const noexcept override {
    Answer last;
    rrd_clear_error();
    if (rrd_lastupdate_r(path.c_str(), &last.time, &last.columns, &last.names, &last.values) != 0)
      return taken_error(Errc::malformed, path);
    return LastUpdate{.time = last.time, .columns = last.columns};
  }

  Status update(const std::string& path, std::span<const char*> lines) const noexcept override {
    rrd_clear_error();
    if (rrd_update_r(path.c_str(), nullptr, static_cast<int>(lines.size()), lines.data()) == 0)
      return {};
    return taken_error(Errc::refused, path);
  }
};

}  // namespace

extern "C" __attribute__((visibility("default"))) const Librrd* VITAL_LIBRRD_SYMBOL() {
  static const Module module;
  return &module;
}

}  // namespace vital::rrdtool
