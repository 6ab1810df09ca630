// SPDX-License-Identifier: MIT
#include "base/result.h"

#include <cerrno>
#include <cstring>

namespace vital {
namespace {

Errc kind_of(int number) noexcept {
  switch (number) {
    case ENOENT:
    case ENODEV:
    case ENXIO:
    case ENOTDIR:
      return Errc::absent;
    case EACCES:
    case EPERM:
    case EROFS:
      return Errc::denied;
    case ENOSYS:
    case EOPNOTSUPP:
    case EAFNOSUPPORT:
      return Errc::unsupported;
    case ENAMETOOLONG:
    case EMSGSIZE:
      return Errc::too_long;
    case ETIMEDOUT:
      return Errc::timed_out;
    default:
      return Errc::temporary;
  }
}

}  // namespace

std::string_view describe(Errc code) noexcept {
  switch (code) {
    case Errc::malformed:
      return "malformed";
    case Errc::absent:
      return "not there";
    case Errc::too_long:
      return "too long";
    case Errc::denied:
      return "not allowed";
    case Errc::unsupported:
      return "not supported here";
    case Errc::unknown:
      return "unknown";
    case Errc::refused:
      return "refused";
    case Errc::temporary:
      return "failed";
    case Errc::timed_out:
      return "timed out";
    case Errc::too_old:
      return "too old";
    case Errc::limit:
      return "limit reached";
    case Errc::stopped:
      return "stopped";
  }
  return "failed";
}

Error::Error(Errc code, std::string_view culprit, int number) noexcept
    : code_{code}, number_{number} {
  for (const char c : culprit.substr(0, kLongestCulprit)) {
    if (c == '\n') break;  // a message is one line
    culprit_[size_++] = static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
}

Error Error::system(std::string_view culprit) noexcept { return system(culprit, errno); }

Error Error::system(std::string_view culprit, int number) noexcept {
  return Error{kind_of(number), culprit, number};
}

Error::Message Error::message() const noexcept {
  Message text;
  if (number_ != 0) {
    char buffer[128];
    text.add(culprit()).add(": ").add(std::string_view{strerror_r(number_, buffer, sizeof buffer)});
  } else if (code_ == Errc::temporary && size_ != 0) {
    text.add(culprit());  // says why
  } else {
    text.add(describe(code_));
    if (size_ != 0) text.add(": ").add(culprit());
  }
  return text;
}

}  // namespace vital
