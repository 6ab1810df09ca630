// SPDX-License-Identifier: MIT
#pragma once
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "config/tree.h"

namespace vital {

class Options;

/// What the value of an option is.
enum class OptionType : std::uint8_t {
  flag,      ///< true or false; the words yes, no, on, off as well, quoted or not
  integer,   ///< a whole number; a fraction is cut off
  number,    ///< any number
  duration,  ///< seconds, fractions allowed
  text,      ///< a string; a number is taken as it is written
  choice,    ///< one of a few words, in any case
  port,      ///< the number of a port or the name of a service
  octal,     ///< permission bits such as 0770
  block,     ///< a block with options of its own
  tree,      ///< a block whose contents only the plugin's script understands
};

std::string_view name_of(OptionType type) noexcept;

/// The words that a choice can be; the first is the default.
struct Choice {
  Choice(std::initializer_list<const char*> all) : words(all.begin(), all.end()) {}
  std::vector<std::string> words;
};
/// The default of an option that has none: it is off, or unlimited, until it is given.
template <typename T>
struct Unset {};
/// An option that may stand several times, each time with one or more texts.
struct Texts {};
struct Port {
  std::string_view fallback;
};
struct Octal {
  unsigned fallback;
};

class Declaration;

/// All that is to be known of one option: its check, its default and its manual.
struct OptionDeclaration {
  struct Alias {
    std::string name;
    std::string since;  // "collectd 4": from which form it comes
  };

  /// What an option's text names, when the daemon makes or changes it.
  enum class Written : std::uint8_t { no, file, directory };

  std::string name;
  std::vector<Alias> aliases;
  OptionType type = OptionType::text;
  std::string fallback;  // as it would be written; empty: none
  std::vector<std::string> choices;
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool min_excluded = false;
  std::string unit;
  std::string help;
  std::string since = "collectd 5";
  std::string argument;              // the name of the (first) argument in the manual
  std::size_t fewest = 1, most = 1;  // arguments; of a block those in its opening tag
  bool repeatable = false;
  bool required = false;
  bool apart = false;                  // of blocks: each stands for itself
  std::string retired;                 // why it has no effect any more; empty: it has
  Written written = Written::no;       // whether the daemon writes to what it names
  bool read_once = false;              // it names a file whose content counts as the option's value
  std::shared_ptr<Declaration> inner;  // of a block
  std::function<std::string(const std::vector<Argument>&)> check;  // empty: fine

  bool is(std::string_view other) const noexcept;
};

/// The options of a plugin, of a block, or the global ones: declared once, and from there come
/// their check, their defaults, `vitald --describe` and the manual.
///
/// Threads  filled by one thread, constant afterwards
class Declaration {
 public:
  // Each adds an option; what follows the call (range, alias, ...) is said of that option.

  Declaration& option(std::string_view name, bool fallback, std::string_view help);
  Declaration& option(std::string_view name, const char* fallback, std::string_view help);
  Declaration& option(std::string_view name, double fallback, std::string_view help);
  template <typename Integer>
  requires std::is_integral_v<Integer> Declaration& option(std::string_view name, Integer fallback,
                                                           std::string_view help) {
    return add(name, OptionType::integer, std::to_string(fallback), help);
  }
  template <typename Rep, typename Period>
  Declaration& option(std::string_view name, std::chrono::duration<Rep, Period> fallback,
                      std::string_view help) {
    return duration(name, std::chrono::duration<double>{fallback}.count(), help);
  }
  Declaration& option(std::string_view name, const Choice& choice, std::string_view help);
  Declaration& option(std::string_view name, Texts, std::string_view help);
  Declaration& option(std::string_view name, Port port, std::string_view help);
  Declaration& option(std::string_view name, Octal octal, std::string_view help);
  template <typename T>
  Declaration& option(std::string_view name, Unset<T>, std::string_view help) {
    return add(name, type_of<T>(), {}, help);
  }
  /// A repeatable block; `fill` declares what may stand in it. `argument` names what stands in its
  /// opening tag, empty when nothing does.
  Declaration& block(std::string_view name, std::string_view argument, std::string_view help,
                     const std::function<void(Declaration&)>& fill);
  Declaration& tree(std::string_view name, std::string_view argument, std::string_view help);
  /// An option of old that has no effect any more, and why.
  Declaration& retired(std::string_view name, std::string_view why);

  // Said of the option added last.

  Declaration& range(double min, double max);
  Declaration& at_least(double min);
  Declaration& above(double min);
  Declaration& unit(std::string_view unit);
  Declaration& alias(std::string_view name, std::string_view since = "collectd 4");
  Declaration& since(std::string_view form);
  Declaration& repeatable();
  Declaration& required();
  /// Of a block: each stands for itself. One that cannot be understood is left out, and costs no
  /// more.
  Declaration& apart();
  /// How many arguments it takes: exactly `fewest`, or up to `most`.
  Declaration& arguments(std::size_t fewest, std::size_t most = 0);
  static constexpr std::size_t kAny = std::numeric_limits<std::size_t>::max();
  /// What the manual calls the arguments: "USER PROGRAM [ARGUMENT ...]".
  Declaration& called(std::string_view arguments);
  /// What it names is made or changed by the daemon, so it must belong to the daemon's User.
  Declaration& written(OptionDeclaration::Written written);
  /// It names a file that is read when the plugin is set up: when the file has changed, the option
  /// has.
  Declaration& read_once();
  /// Looks at the arguments; what it returns is what is wrong with them, empty for nothing.
  Declaration& check(std::function<std::string(const std::vector<Argument>&)> check);

  /// Said of the whole: looks at all options together; what it returns is what is wrong.
  Declaration& check_all(std::function<std::string(const Options&)> check);
  /// Unknown options are kept for the plugin to read from the statements.
  Declaration& open_ended();
  /// What an option means depends on what stands above it: options in another order are not equal.
  Declaration& ordered();

  const std::vector<OptionDeclaration>& options() const noexcept { return options_; }
  const OptionDeclaration* find(std::string_view name) const noexcept;
  std::vector<std::string_view> names() const;
  bool is_open_ended() const noexcept { return open_ended_; }
  bool order_counts() const noexcept { return ordered_; }
  std::string complaint(const Options& options) const;

 private:
  template <typename T>
  static constexpr OptionType type_of() {
    if constexpr (std::is_same_v<T, bool>)
      return OptionType::flag;
    else if constexpr (std::is_integral_v<T>)
      return OptionType::integer;
    else if constexpr (std::is_floating_point_v<T>)
      return OptionType::number;
    else if constexpr (std::is_same_v<T, Span>)
      return OptionType::duration;
    else if constexpr (std::is_same_v<T, Port>)
      return OptionType::port;
    else
      return OptionType::text;
  }

  Declaration& add(std::string_view name, OptionType type, std::string fallback,
                   std::string_view help);
  Declaration& duration(std::string_view name, double seconds, std::string_view help);

  std::vector<OptionDeclaration> options_;
  std::function<std::string(const Options&)> check_;
  bool open_ended_ = false;
  bool ordered_ = false;
};

/// What a plugin says of itself: what it is for, what it reports, and its options.
class PluginDeclaration : public Declaration {
 public:
  /// A line of "what it reports": the identifier without the host, capitals for what varies.
  struct Report {
    std::string identifier;
    std::string meaning;
  };

  PluginDeclaration(std::string_view name, std::string_view about) : name_{name}, about_{about} {}

  PluginDeclaration& reports(std::string_view identifier, std::string_view meaning) {
    reports_.push_back({std::string{identifier}, std::string{meaning}});
    return *this;
  }
  /// More of the manual: paragraphs behind the options.
  PluginDeclaration& note(std::string_view paragraph) {
    notes_.emplace_back(paragraph);
    return *this;
  }

  /// It takes log messages, so it is made before the others, which may have something to say.
  PluginDeclaration& early() {
    early_ = true;
    return never_isolated("it takes the daemon's log messages");
  }

  /// It runs in a process of its own unless the configuration says otherwise, and is taken for
  /// stuck there when a read has taken so many intervals.
  PluginDeclaration& isolated(int patience) {
    isolated_ = true;
    patience_ = patience;
    return *this;
  }
  /// It cannot run in a process of its own, and why: "it ...".
  PluginDeclaration& never_isolated(std::string_view why) {
    never_isolated_ = why;
    return *this;
  }

  /// A privilege of the kernel's that it cannot do without, as <linux/capability.h> numbers them;
  /// started as root, the daemon keeps those alone. `when` looks at the checked options; without it
  /// the privilege is always needed.
  using When = std::function<bool(const Options&)>;
  PluginDeclaration& needs_capability(int capability, When when = {}) {
    capabilities_.emplace_back(capability, std::move(when));
    return *this;
  }
  /// It starts programs that are not ours, of which nobody knows what they call: no system call can
  /// be forbidden to them but what no program of that kind has any business with.
  PluginDeclaration& runs_programs() {
    runs_programs_ = true;
    return *this;
  }
  /// System calls that it, or a library of its, needs beyond those of every daemon.
  PluginDeclaration& needs_system_calls(std::initializer_list<const char*> names) {
    system_calls_.insert(system_calls_.end(), names.begin(), names.end());
    return *this;
  }

  const std::vector<std::pair<int, When>>& capabilities() const noexcept { return capabilities_; }
  bool is_runner() const noexcept { return runs_programs_; }
  const std::vector<std::string>& system_calls() const noexcept { return system_calls_; }
  bool is_isolated() const noexcept { return isolated_; }
  int patience() const noexcept { return patience_; }
  /// Empty: it can.
  const std::string& why_never_isolated() const noexcept { return never_isolated_; }

  /// It is a match or target: its options stand in chains, not in a <Plugin> block.
  PluginDeclaration& filter() {
    filter_ = true;
    return never_isolated("it is part of the filter chains");
  }
  /// It is part of the daemon, so that nobody has to load it.
  PluginDeclaration& built_in() {
    built_in_ = true;
    return *this;
  }

  bool is_filter() const noexcept { return filter_; }
  bool is_built_in() const noexcept { return built_in_; }
  bool is_early() const noexcept { return early_; }
  const std::string& name() const noexcept { return name_; }
  const std::string& about() const noexcept { return about_; }
  const std::vector<Report>& all_reports() const noexcept { return reports_; }
  const std::vector<std::string>& notes() const noexcept { return notes_; }

 private:
  std::string name_, about_;
  std::vector<Report> reports_;
  std::vector<std::string> notes_;
  std::string never_isolated_;
  int patience_ = 1;
  std::vector<std::pair<int, When>> capabilities_;
  std::vector<std::string> system_calls_;
  bool early_ = false, isolated_ = false, runs_programs_ = false;
  bool filter_ = false, built_in_ = false;
};

}  // namespace vital
