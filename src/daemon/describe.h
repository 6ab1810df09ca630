// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <vector>

#include "config/declaration.h"

namespace vital {

/// What a plugin reports and its options, for a terminal.
std::string describe(const PluginDeclaration& plugin);
/// Options alone, for a terminal.
std::string describe(const Declaration& options);

/// vitald.conf(5): the language, the global options, and every plugin, in man(7)'s language.
std::string manual(const Declaration& globals, const Declaration& load_plugin,
                   const std::vector<const PluginDeclaration*>& plugins);

}  // namespace vital
