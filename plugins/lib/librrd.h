// SPDX-License-Identifier: MIT
#pragma once
#include <span>
#include <string>

#include "base/result.h"
#include "lib/rrd_layout.h"

namespace vital::rrdtool {

/// What librrd does where a file, or a machine, is laid out in a way that we do not know whole. It
/// brings forty other libraries along, so it is in a module of its own that most daemons never
/// load.
///
/// Errors   what librrd has to complain of, without the path: whoever logs it names that
///          malformed: it is none of its files; refused: it does not want that; too_old: the file
///          has newer values already; else the system's
/// Threads  any, for different files
class Librrd {
 public:
  struct LastUpdate {
    std::int64_t time = 0;  // seconds
    std::size_t columns = 0;
  };

  Librrd() = default;
  Librrd(const Librrd&) = delete;
  Librrd& operator=(const Librrd&) = delete;

  virtual Status create(const std::string& path, const Layout& layout,
                        std::int64_t start) const noexcept = 0;
  virtual Result<LastUpdate> last_update(const std::string& path) const noexcept = 0;
  /// Each line is "TIME:VALUE:..." and ends with a zero.
  virtual Status update(const std::string& path, std::span<const char*> lines) const noexcept = 0;

 protected:
  ~Librrd() = default;
};

/// Loaded when somebody asks for it the first time, from where this code's own module is, and kept.
///
/// Errors   unsupported: it cannot be loaded, and why
/// Threads  any
Result<const Librrd*> librrd() noexcept;

/// What the module has to offer, by the name that it is looked up by.
#define VITAL_LIBRRD_SYMBOL vital_librrd
#define VITAL_LIBRRD_NAME "vital_librrd"
extern "C" const Librrd* VITAL_LIBRRD_SYMBOL();

}  // namespace vital::rrdtool
