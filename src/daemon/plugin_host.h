// SPDX-License-Identifier: MIT
#pragma once

namespace vital {

/// What this program does when the daemon starts it as a plugin's process: makes the plugin that it
/// is told of over the pipe, and does what it is asked to until the pipe ends. Does not return; the
/// exit status tells nobody anything.
[[noreturn]] void run_plugin_process(const char* plugin);

}  // namespace vital
