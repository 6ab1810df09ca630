// SPDX-License-Identifier: MIT
#include "lib/librrd.h"

#include <dlfcn.h>
#include <link.h>

#include <atomic>
#include <climits>

namespace vital::rrdtool {
namespace {

constexpr char kModule[] = "/librrd.module";

/// The directory of the module that this code is in; empty: the system does not say.
std::string own_directory() {
  Dl_info info{};
  void* module = nullptr;
  char directory[PATH_MAX + 1] = "";
  if (::dladdr1(reinterpret_cast<void*>(&librrd), &info, &module, RTLD_DL_LINKMAP) == 0 ||
      ::dlinfo(module, RTLD_DI_ORIGIN, directory) != 0)
    return {};
  return directory;
}

Result<const Librrd*> load() {
  const std::string path = own_directory() + kModule;
  // It stays until the process ends: nobody knows what the libraries below it leave behind.
  void* const module = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  const auto symbol = module == nullptr ? nullptr : ::dlsym(module, VITAL_LIBRRD_NAME);
  if (symbol == nullptr) {
    const char* const why = ::dlerror();
    Text<512> message;
    message.add("that file is one for librrd, which cannot be loaded: ");
    return Error{Errc::unsupported, message.add(why == nullptr ? path.c_str() : why).view()};
  }
  return reinterpret_cast<decltype(&VITAL_LIBRRD_SYMBOL)>(symbol)();
}

}  // namespace

Result<const Librrd*> librrd() noexcept {
  static std::atomic<const Librrd*> kept{nullptr};
  if (const Librrd* const module = kept) return module;
  const auto loaded = load();  // again, if there were too few descriptors the last time
  if (loaded) kept = *loaded;
  return loaded;
}

}  // namespace vital::rrdtool
