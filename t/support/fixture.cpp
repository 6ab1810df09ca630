// SPDX-License-Identifier: MIT
#include "support/fixture.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace vital::test {
namespace fs = std::filesystem;
namespace {

std::string contents(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) throw std::runtime_error{"no such file: " + path.string()};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

TemporaryDirectory::TemporaryDirectory(const std::string& parent) {
  const fs::path where = parent.empty() ? fs::temp_directory_path() : fs::path{parent};
  std::string pattern = (where / "vital-test-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error{"no temporary directory"};
  path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void TemporaryDirectory::write(std::string_view relative, std::string_view text) const {
  const fs::path path = fs::path{path_} / relative;
  fs::create_directories(path.parent_path());
  std::ofstream{path, std::ios::binary} << text;
}

std::string TemporaryDirectory::read(std::string_view relative) const {
  return contents(fs::path{path_} / relative);
}

void TemporaryDirectory::remove(std::string_view relative) const {
  fs::remove_all(fs::path{path_} / relative);
}

bool TemporaryDirectory::exists(std::string_view relative) const {
  return fs::exists(fs::path{path_} / relative);
}

Fixture::Fixture(std::string_view machine) : path_{std::string{FIXTURES} + "/"} {
  path_ += machine;
}

std::string Fixture::text(std::string_view relative) const {
  return contents(fs::path{path_} / relative);
}

bool Fixture::has(std::string_view relative) const {
  return fs::exists(fs::path{path_} / relative);
}

std::vector<std::string> Fixture::machines() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator{FIXTURES})
    if (entry.is_directory()) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

ChangingFixture::ChangingFixture(const Fixture& original) {
  fs::copy(original.path(), path(), fs::copy_options::recursive | fs::copy_options::copy_symlinks);
}

}  // namespace vital::test
