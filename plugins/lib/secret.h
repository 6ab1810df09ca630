// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <string_view>

#include "config/options.h"

namespace vital {

/// Declares a secret such as "Password": the option itself, "PasswordFile" for a file that holds it
/// and nothing else, and "PasswordEnvironment" for a variable of the environment, so that it need
/// not stand in the configuration.
void declare_secret(Declaration& declaration, std::string_view name, std::string_view help);

/// The secret; empty: none was given. Of several the one in the environment counts, then the file.
/// Throws ConfigError: the file cannot be read, there is no such variable.
std::string secret_of(const Options& options, std::string_view name);

/// The lines of a file that only its owner may read, such as headers with a token. Throws
/// ConfigError.
std::vector<std::string> secret_lines(const Options& options, std::string_view name);

}  // namespace vital
