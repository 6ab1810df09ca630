// SPDX-License-Identifier: MIT
#pragma once
#include <functional>
#include <memory>
#include <vector>

#include "config/queue_options.h"
#include "pipeline/filter.h"
#include "plugin/setup.h"

namespace vital {

/// Where a loaded module says which plugins it has.
///
/// Threads  one, while the module is loaded
class Registry {
 public:
  using Make = std::function<std::shared_ptr<void>(Setup&)>;
  struct Entry {
    PluginDeclaration declaration;
    Make make;  // throws SetupError, ConfigError
    // Of a plugin that chains are made of, one of the two.
    std::function<std::unique_ptr<Match>(const FilterSetup&)> make_match{};
    std::function<std::unique_ptr<Target>(const FilterSetup&)> make_target{};
  };

  /// A plugin that is one reader, writer, or notifier.
  template <typename T>
  PluginDeclaration& reader(std::string_view name, std::string_view about) {
    return add(name, about, [](Setup& setup) { return made<T>(setup, ReaderSpec{}); });
  }
  /// A reader that may wait for a network, a process or a device.
  template <typename T>
  PluginDeclaration& blocking_reader(std::string_view name, std::string_view about) {
    return add(name, about,
               [](Setup& setup) { return made<T>(setup, ReaderSpec{.blocking = true}); });
  }
  template <typename T>
  PluginDeclaration& writer(std::string_view name, std::string_view about) {
    PluginDeclaration& writer = add(name, about, [](Setup& setup) {
      return made<T>(setup, WriterSpec{.options = &setup.options()});
    });
    declare_queue(writer);
    return writer;
  }
  template <typename T>
  PluginDeclaration& notifier(std::string_view name, std::string_view about) {
    PluginDeclaration& notifier = add(name, about, [](Setup& setup) {
      return made<T>(setup, NotifierSpec{.options = &setup.options()});
    });
    declare_queue(notifier);
    return notifier;
  }
  /// A plugin whose constructor adds what it offers by itself.
  template <typename T>
  PluginDeclaration& plugin(std::string_view name, std::string_view about) {
    return add(name, about, [](Setup& setup) { return std::make_shared<T>(setup); });
  }

  /// A match or target of filter chains, under its plugin's name: "match_regex", "target_set".
  template <typename T>
  PluginDeclaration& match(std::string_view name, std::string_view about) {
    PluginDeclaration& declaration = add(name, about, nothing).filter();
    entries_.back()->make_match = [](const FilterSetup& setup) {
      return std::make_unique<T>(setup);
    };
    return declaration;
  }
  template <typename T>
  PluginDeclaration& target(std::string_view name, std::string_view about) {
    PluginDeclaration& declaration = add(name, about, nothing).filter();
    entries_.back()->make_target = [](const FilterSetup& setup) {
      return std::make_unique<T>(setup);
    };
    return declaration;
  }

  /// A plugin that is made in some other way: one of the daemon's own.
  PluginDeclaration& custom(std::string_view name, std::string_view about, Make make) {
    return add(name, about, std::move(make));
  }

  std::vector<std::unique_ptr<Entry>> take() { return std::move(entries_); }

 private:
  static std::shared_ptr<void> nothing(Setup&) { return {}; }
  template <typename T, typename Spec>
  static std::shared_ptr<void> made(Setup& setup, Spec spec) {
    auto object = std::make_shared<T>(setup);
    setup.add(*object, std::move(spec));
    return object;
  }
  PluginDeclaration& add(std::string_view name, std::string_view about, Make make) {
    entries_.push_back(
        std::make_unique<Entry>(Entry{PluginDeclaration{name, about}, std::move(make)}));
    return entries_.back()->declaration;
  }

  std::vector<std::unique_ptr<Entry>> entries_;
};

}  // namespace vital
