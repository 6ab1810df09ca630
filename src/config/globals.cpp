// SPDX-License-Identifier: MIT
#include "config/globals.h"

#include "config/queue_options.h"

namespace vital {

void declare_globals(Declaration& globals, const Places& places) {
  using namespace std::chrono_literals;
  globals
      .option("BaseDir", places.state_dir.c_str(),
              "The working directory; relative paths of writers begin there. Made if missing, "
              "unless -B is given.")
      .called("PATH")
      .option("PIDFile", places.pid_file.c_str(),
              "Written when the daemon goes to the background, and taken away when it stops. A "
              "second instance with the same file does not start.")
      .called("PATH")
      .option("PluginDir", places.plugin_dir.c_str(),
              "Where the LoadPlugin lines below look first; the built-in directory is searched "
              "behind it.")
      .called("PATH")
      .option("TypesDB", Texts{},
              "The types databases, read in this order; a later definition of a type replaces an "
              "earlier one. Without this option the installed file is read.")
      .arguments(1, Declaration::kAny)
      .called("FILE [FILE ...]")
      .option("Hostname", Unset<std::string>{},
              "The host that locally collected values bear. Empty or not given: what the kernel "
              "calls this host.")
      .option("FQDNLookup", true,
              "Whether the host's name is completed to the full name by the resolver, when "
              "Hostname is not given. The look-up never holds up a read; when it fails the short "
              "name is used.")
      .option("Interval", 10s,
              "Time between two reads of a plugin. It counts for the LoadPlugin "
              "lines below it.")
      .above(0)
      .option("Timeout", 2,
              "After how many intervals without a new value a series is missing, "
              "and is dropped from the cache.")
      .at_least(2)
      .option("ReadThreads", 5,
              "How many threads plugins that may block are spread over at first; one that hangs "
              "is left alone on its thread. Reads of kernel files need none of them.")
      .range(1, 1024)
      .option("WriteThreads", 5,
              "How many batches may be on their way through one writer at a time, where the "
              "writer can do that. Each writer has a thread of its own in any case.")
      .range(1, 1024)
      .option("WriteQueueLimitHigh", Unset<int>{},
              "How many values may wait for a writer; what comes above that drops the oldest.")
      .at_least(0)
      .option("WriteQueueLimitLow", Unset<int>{},
              "From how many waiting values on some are dropped, more of them the longer the "
              "queue. Half of WriteQueueLimitHigh when not given.")
      .at_least(0)
      .option("MaxReadInterval", 86400s,
              "How long at most a failing reader rests before it is tried again.")
      .above(0)
      .option("AutoLoadPlugin", false, "Load the plugins that Plugin blocks name.")
      .option("CollectInternalStats", false,
              "Report the daemon's own numbers as series of the plugins vitald and collectd.")
      .option("PreCacheChain", "PreCache", "The filter chain that values pass before the cache.")
      .option("PostCacheChain", "PostCache", "The filter chain that values pass behind the cache.")
      .option("User", Unset<std::string>{},
              "The user that the daemon becomes when it is started as root. BaseDir, the run "
              "directory and what plugins write to become this user's as far as they are root's; "
              "anything else that is written to must be writable for it. Not given: it stays root, "
              "without root's privileges; see DropCapabilities.")
      .since("vitald 1")
      .called("USER")
      .option("Group", Unset<std::string>{},
              "The group that it becomes a member of instead of the User's own.")
      .since("vitald 1")
      .called("GROUP")
      .option("DropCapabilities", true,
              "Give up all capabilities(7) but those that the plugins which are loaded declare: "
              "vitald --describe PLUGIN names them. A reload that needs another one is refused.")
      .since("vitald 1")
      .option("NoNewPrivileges", Unset<bool>{},
              "Give up for good the possibility to gain privileges by running a program such as "
              "sudo. Not given: true, unless a plugin runs programs of others.")
      .since("vitald 1")
      .option("SystemCallFilter", true,
              "Forbid all system calls but those that the daemon and the plugins which are loaded "
              "need: a forbidden one fails, and is logged once. Where a plugin runs programs of "
              "others, only those are forbidden that change the whole machine, such as reboot(2).")
      .since("vitald 1")
      .option("RootPath", "/",
              "The directory below which proc and sys are looked for: where a container has its "
              "host's, for example.")
      .since("vitald 1")
      .called("PATH")
      .option("ControlSocket", Unset<std::string>{},
              "The daemon's own control socket. false: none. Not given: vitald.sock in the run "
              "directory, or for an ordinary user in $XDG_RUNTIME_DIR or BaseDir.")
      .since("vitald 1")
      .called("PATH")
      .option("ControlSocketGroup", Unset<std::string>{}, "The group that may use it.")
      .since("vitald 1")
      .called("GROUP")
      .option("ControlSocketPerms", Octal{0660}, "The permission bits of the socket.")
      .since("vitald 1");
  globals
      .option(
          "StateFile", "vitald.state",
          "Where the daemon keeps what a restart must not forget, such as the last totals from "
          "which rates are computed: below BaseDir, unless the path is absolute. false: nowhere, "
          "and rates begin anew.")
      .since("vitald 1")
      .called("PATH")
      .option("StateInterval", 60s,
              "How often that is written beside the end: what a crash may cost. A write takes one "
              "small file and a sync.")
      .range(1, 86400)
      .since("vitald 1");
  declare_journal(globals,
                  "What all writers keep on disk that send values to other hosts, where their own "
                  "block says nothing else.");
}

void declare_load_plugin(Declaration& load) {
  using namespace std::chrono_literals;
  load.option("Globals", false, "Make the plugin's symbols visible to what it loads.")
      .option("Interval", Unset<Span>{}, "Time between two reads of this plugin.")
      .above(0)
      .option("FlushInterval", 0s,
              "How often the plugin is told to write out what it holds; 0: "
              "never.")
      .option("FlushTimeout", 0s, "Only what is older than this is written out then.")
      .option(
          "Isolation", Choice{"none", "process"},
          "\"process\" runs the plugin in a process of its own: when it crashes, loops, exceeds "
          "its MemoryLimit or lets a read pass its ReadTimeout, that process is ended and started "
          "anew, after growing pauses; nothing else is harmed. After five faults within a "
          "minute it is parked until \"vitalctl restart PLUGIN\".")
      .since("vitald 1")
      .option(
          "ReadTimeout", Unset<Span>{},
          "How long a read may take in such a process until that is taken for stuck. A read "
          "that takes longer than its interval is logged once, and its next ticks are left out. "
          "By default an interval, for the plugin python five.")
      .since("vitald 1")
      .above(0)
      .option("MemoryLimit", Unset<std::string>{},
              "How much memory such a process may have to itself, as in 64M. Looked at twice a "
              "second; what it asks for beyond by another 64 MiB it does not get at all.")
      .since("vitald 1")
      .called("SIZE")
      .check([](const std::vector<Argument>& arguments) {
        return parse_size(arguments.front().text) != 0
                   ? std::string{}
                   : "wants a size such as 64M, not \"" + arguments.front().text + "\"";
      });
}

}  // namespace vital
