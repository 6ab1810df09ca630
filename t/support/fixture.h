// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace vital::test {

/// A directory that is gone when the test is over.
class TemporaryDirectory {
 public:
  /// Within `parent`; empty: where the system has temporary files.
  explicit TemporaryDirectory(const std::string& parent = {});
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory();

  const std::string& path() const noexcept { return path_; }
  /// Writes a file, and the directories above it.
  void write(std::string_view relative, std::string_view text) const;
  std::string read(std::string_view relative) const;
  void remove(std::string_view relative) const;
  bool exists(std::string_view relative) const;

 private:
  std::string path_;
};

/// Files copied from a real machine: t/fixtures/NAME/proc/... and so on.
class Fixture {
 public:
  explicit Fixture(std::string_view machine);

  const std::string& path() const noexcept { return path_; }
  std::string text(std::string_view relative) const;
  bool has(std::string_view relative) const;
  /// All machines, for tests that go through every one of them.
  static std::vector<std::string> machines();

 private:
  std::string path_;
};

/// A copy of a fixture that a test may change.
class ChangingFixture : public TemporaryDirectory {
 public:
  explicit ChangingFixture(const Fixture& original);
};

}  // namespace vital::test
