// SPDX-License-Identifier: MIT
#include "plugin/loader.h"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <set>

#include "base/fd.h"
#include "base/strings.h"
#include "plugin/plugin.h"

namespace vital {
namespace {

constexpr std::string_view kSymbol = "vital_register_abi_";
constexpr std::string_view kSuffix = ".so";

std::vector<std::string> modules_in(const std::string& directory) {
  const std::unique_ptr<DIR, decltype([](DIR* d) { ::closedir(d); })> entries{
      ::opendir(directory.c_str())};
  std::vector<std::string> names;
  if (!entries) return names;
  while (const dirent* entry = ::readdir(entries.get())) {
    const std::string_view name{entry->d_name};
    if (name.size() > kSuffix.size() && name.ends_with(kSuffix)) names.emplace_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// The bytes of a file, seen and not copied: with all that debuggers want, modules are large.
class Mapping {
 public:
  explicit Mapping(const std::string& path) noexcept {
    const auto fd = open_file(path.c_str(), O_RDONLY);
    struct stat status {};
    if (!fd || ::fstat(fd->get(), &status) != 0 || status.st_size <= 0) return;
    size_ = static_cast<std::size_t>(status.st_size);
    void* const at = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd->get(), 0);
    if (at != MAP_FAILED) bytes_ = static_cast<const char*>(at);
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() {
    if (bytes_ != nullptr) ::munmap(const_cast<char*>(bytes_), size_);
  }
  std::string_view view() const noexcept {
    return bytes_ == nullptr ? std::string_view{} : std::string_view{bytes_, size_};
  }

 private:
  const char* bytes_ = nullptr;
  std::size_t size_ = 0;
};

/// Which interface a module was built for; 0: it is none of ours. Looked up in the file, for to
/// load another program's module would run its code.
int interface_of(const std::string& path) {
  const Mapping module{path};
  const std::string_view bytes = module.view();
  const auto at = bytes.find(kSymbol);
  if (at == std::string_view::npos) return 0;
  int number = 0;
  for (auto digit = at + kSymbol.size(); digit < bytes.size() && is_digit(bytes[digit]); ++digit)
    number = number * 10 + (bytes[digit] - '0');
  return number;
}

}  // namespace

struct Loader::Module {
  std::string path;
  std::vector<std::unique_ptr<Registry::Entry>> entries;
};

Loader::Loader() = default;
Loader::~Loader() = default;

void Loader::add_built_in(Registry& registry) {
  auto module = std::make_unique<Module>();
  module->entries = registry.take();
  modules_.push_back(std::move(module));
}

const Registry::Entry* Loader::known(std::string_view name) const noexcept {
  for (const auto& module : modules_)
    for (const auto& entry : module->entries)
      if (iequals(entry->declaration.name(), name)) return entry.get();
  return nullptr;
}

Catalog::Found Loader::find(std::string_view name, const std::vector<std::string>& directories,
                            bool global_symbols) {
  if (const Registry::Entry* entry = known(name)) return {.plugin = &entry->declaration, .why = {}};
  Found found = find_in(name, name, directories, global_symbols);
  // A plugin's module may have a match and a target beside it: match_lua is in lua.so.
  for (const std::string_view kind : {"match_", "target_"})
    if (!found.exists && found.plugin == nullptr && name.starts_with(kind))
      return find_in(name.substr(kind.size()), name, directories, global_symbols);
  return found;
}

Catalog::Found Loader::find_in(std::string_view module, std::string_view name,
                               const std::vector<std::string>& directories, bool global_symbols) {
  Found found;
  for (const std::string& directory : directories) {
    for (const std::string& file : modules_in(directory)) {
      if (!iequals(std::string_view{file}.substr(0, file.size() - kSuffix.size()), module))
        continue;
      const Found tried = load(directory + "/" + file, name, global_symbols);
      if (module == name || tried.plugin != nullptr) found = tried;
      if (found.plugin != nullptr) return found;
    }
  }
  return found;
}

Catalog::Found Loader::load(const std::string& path, std::string_view name, bool global_symbols) {
  if (const auto before = failed_.find(path); before != failed_.end())
    return {.exists = true, .why = before->second};
  const auto fail = [&](std::string why) {
    failed_[path] = why;
    return Found{.exists = true, .why = std::move(why)};
  };
  const int interface = interface_of(path);
  if (interface == 0) return fail(path + " is not a module of vitald");
  if (interface != VITAL_PLUGIN_ABI)
    return fail(path + " was built for plugin interface " + std::to_string(interface) +
                ", this vitald has " + std::to_string(VITAL_PLUGIN_ABI) + "; build it again");
  auto module = std::make_unique<Module>();
  module->path = path;
  // It stays loaded until the process ends: libraries below it may have started threads, or left
  // memory and handlers behind, and cannot be trusted to take themselves away.
  void* const handle =
      ::dlopen(path.c_str(), RTLD_NOW | (global_symbols ? RTLD_GLOBAL : RTLD_LOCAL));
  if (handle == nullptr) return fail(::dlerror());
  const std::string symbol = std::string{kSymbol} + std::to_string(VITAL_PLUGIN_ABI);
  void* const entry_point = ::dlsym(handle, symbol.c_str());
  if (entry_point == nullptr) return fail(path + " does not define vital_register()");
  Registry registry;
  reinterpret_cast<void (*)(Registry&)>(entry_point)(registry);
  module->entries = registry.take();
  modules_.push_back(std::move(module));
  const Registry::Entry* const entry = known(name);
  if (entry == nullptr) return fail(path + " has no plugin " + std::string{name});
  return {.plugin = &entry->declaration, .why = {}};
}

std::vector<std::string> Loader::names(const std::vector<std::string>& directories) {
  std::set<std::string> names;
  for (const auto& module : modules_)
    for (const auto& entry : module->entries) names.insert(entry->declaration.name());
  for (const std::string& directory : directories)
    for (const std::string& file : modules_in(directory))
      if (interface_of(directory + "/" + file) != 0)
        names.insert(file.substr(0, file.size() - kSuffix.size()));
  return {names.begin(), names.end()};
}

const std::string& Loader::file_of(const PluginDeclaration& plugin) const noexcept {
  static const std::string kNone;
  for (const auto& module : modules_)
    for (const auto& entry : module->entries)
      if (&entry->declaration == &plugin) return module->path;
  return kNone;
}

std::shared_ptr<void> Loader::make(const PluginDeclaration& plugin, Setup& setup) const {
  return known(plugin.name())->make(setup);
}

std::unique_ptr<Match> Loader::make_match(const FilterPlan& plan, const FilterSetup& setup) const {
  const Registry::Entry& entry = *known(plan.plugin->name());
  if (!entry.make_match)
    throw ConfigError{plan.options.position(), plan.plugin->name() + " is no match"};
  return entry.make_match(setup);
}

std::unique_ptr<Target> Loader::make_target(const FilterPlan& plan,
                                            const FilterSetup& setup) const {
  const Registry::Entry& entry = *known(plan.plugin->name());
  if (!entry.make_target)
    throw ConfigError{plan.options.position(), plan.plugin->name() + " is no target"};
  return entry.make_target(setup);
}

}  // namespace vital
