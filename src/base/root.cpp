// SPDX-License-Identifier: MIT
#include "base/root.h"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace vital {

void Sources::add(const std::shared_ptr<KernelFile::Shared>& file) {
  const std::lock_guard lock{mutex_};
  std::erase_if(files_, [](const auto& known) { return known.expired(); });
  files_.emplace_back(file);
}

bool Sources::any_back() noexcept {
  const std::lock_guard lock{mutex_};
  return std::any_of(files_.begin(), files_.end(), [](const auto& known) {
    const auto file = known.lock();
    return file && file->is_back();
  });
}

/// A shared file together with the root whose tick it looks at.
struct Root::Holder {
  Holder(std::shared_ptr<Files> owner, std::string path)
      : files{std::move(owner)}, file{std::move(path), files->tick} {}
  std::shared_ptr<Files> files;
  KernelFile::Shared file;
};

Root::Root(std::string_view path) : files_{std::make_shared<Files>()} {
  files_->path = path;
  while (files_->path.size() > 1 && files_->path.back() == '/') files_->path.pop_back();
  if (files_->path.empty()) files_->path = "/";
}

std::string Root::path(std::string_view relative) const {
  while (relative.starts_with('/')) relative.remove_prefix(1);
  std::string full = files_->path;
  if (full.back() != '/') full += '/';
  return full.append(relative);
}

KernelFile Root::open(std::string_view relative) const {
  const std::string full = path(relative);
  const std::lock_guard lock{files_->mutex};
  auto& known = files_->open[full];
  auto file = known.lock();
  if (!file) {
    std::erase_if(files_->open, [&](const auto& entry) {
      return &entry.second != &known && entry.second.expired();
    });
    auto holder = std::make_shared<Holder>(files_, full);
    file = {holder, &holder->file};
    known = file;
  }
  if (sources_) sources_->add(file);
  return KernelFile{file};
}

Result<std::string> Root::text(std::string_view relative) const {
  return read_file(path(relative));
}

Result<std::vector<std::string>> Root::list(std::string_view relative) const {
  const std::string full = path(relative);
  const std::unique_ptr<DIR, decltype([](DIR* d) { ::closedir(d); })> directory{
      ::opendir(full.c_str())};
  if (!directory) return Error::system(full);
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string_view name{entry->d_name};
    if (name != "." && name != "..") names.emplace_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool Root::exists(std::string_view relative) const noexcept {
  return ::access(path(relative).c_str(), F_OK) == 0;
}

Root Root::noting(std::shared_ptr<Sources> sources) const {
  Root root{*this};
  root.sources_ = std::move(sources);
  return root;
}

}  // namespace vital
