// SPDX-License-Identifier: MIT
#include <dirent.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wordexp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "base/fd.h"
#include "config/tree.h"

namespace vital {
namespace {

constexpr int kDeepest = 8;

/// Replaces Include statements by what they name, and reports what cannot be had.
class Includer {
 public:
  explicit Includer(Problems& problems) : problems_{problems} {}

  std::vector<Statement> expand(std::vector<Statement> statements, int depth) {
    std::vector<Statement> result;
    for (Statement& statement : statements) {
      if (!statement.is("Include")) {
        result.push_back(std::move(statement));
        continue;
      }
      for (Statement& included : include(statement, depth)) result.push_back(std::move(included));
    }
    return result;
  }

  /// One path of the command line or of an Include, with all that it expands to.
  std::vector<Statement> read(const std::string& pattern, const std::string& filter,
                              const Position& from, int depth) {
    std::vector<Statement> result;
    if (depth > kDeepest) {
      problems_.fatal(from, "files include each other more than 8 levels deep");
      return result;
    }
    const auto paths = expand_words(pattern, from);
    if (!paths) return result;
    for (const std::string& path : *paths)
      append(result, read_path(path, filter, from, depth, Named::directly));
    return result;
  }

  std::vector<Statement> read_text(std::string path, std::string text, int depth) {
    auto source = std::make_shared<const Source>(Source{std::move(path), std::move(text)});
    return expand(parse(std::move(source), problems_), depth + 1);
  }

 private:
  enum class Named { directly, by_directory };

  std::vector<Statement> include(const Statement& statement, int depth) {
    std::string filter;
    for (const Statement& option : statement.children) {
      if (option.is("Filter") && option.arguments.size() == 1)
        filter = option.arguments.front().text;
      else
        problems_.warning(option.position, "Include knows no option like this",
                          "it takes: Filter \"PATTERN\"");
    }
    if (statement.arguments.size() != 1 ||
        statement.arguments.front().kind != Argument::Kind::string) {
      problems_.error(statement.position, "Include takes exactly one path, a string");
      return {};
    }
    return read(statement.arguments.front().text, filter, statement.arguments.front().position,
                depth);
  }

  std::optional<std::vector<std::string>> expand_words(const std::string& pattern,
                                                       const Position& from) {
    wordexp_t words{};
    const int failed = ::wordexp(pattern.c_str(), &words, WRDE_NOCMD);
    if (failed != 0) {
      if (failed == WRDE_NOSPACE) ::wordfree(&words);
      problems_.fatal(from, "the path \"" + pattern + "\" cannot be expanded",
                      "braces, commands and redirections have no place in it");
      return std::nullopt;
    }
    std::vector<std::string> paths(words.we_wordv, words.we_wordv + words.we_wordc);
    ::wordfree(&words);
    std::sort(paths.begin(), paths.end());
    return paths;
  }

  /// A pattern that is left as it was, in a directory that is there: "conf.d/*.conf" of nothing
  /// yet.
  static bool matched_nothing(const std::string& path) {
    const auto slash = path.rfind('/');
    if (path.find_first_of("*?[") < slash + 1 || path.find_first_of("*?[") == std::string::npos)
      return false;
    return ::access(slash == std::string::npos ? "." : path.substr(0, slash + 1).c_str(), F_OK) ==
           0;
  }

  std::vector<Statement> read_path(const std::string& path, const std::string& filter,
                                   const Position& from, int depth, Named named) {
    struct stat what {};
    if (::stat(path.c_str(), &what) != 0) {
      if (errno == ENOENT && matched_nothing(path)) return {};
      const Gravity gravity = depth == 0 ? Gravity::fatal : Gravity::warning;
      problems_.add(gravity, from, path + ": " + std::strerror(errno));
      return {};
    }
    if (S_ISDIR(what.st_mode)) return read_directory(path, filter, from, depth);
    if (!S_ISREG(what.st_mode)) {
      problems_.warning(from, path + " is neither a file nor a directory and is skipped");
      return {};
    }
    const std::string base = path.substr(path.rfind('/') + 1);
    if (!filter.empty() && ::fnmatch(filter.c_str(), base.c_str(), 0) != 0) {
      if (named == Named::directly)
        problems_.fatal(from, path + " does not match the Filter \"" + filter + "\"",
                        "filter a directory, or leave the Filter out");
      return {};
    }
    auto text = read_file(path);
    if (!text) {
      problems_.add(named == Named::directly ? Gravity::fatal : Gravity::error, from,
                    std::string{text.error().message().view()});
      return {};
    }
    if (named == Named::directly) return read_text(path, std::move(*text), depth);
    return read_forgiven(path, std::move(*text), depth);
  }

  /// A broken file that only its directory named costs what stands in it, not the start.
  std::vector<Statement> read_forgiven(const std::string& path, std::string text, int depth) {
    Problems found;
    Includer inner{found};
    auto statements = inner.read_text(path, std::move(text), depth);
    const bool broken = found.any_fatal();
    for (const Problem& problem : found)
      problems_.add(std::min(problem.gravity, Gravity::error), problem.position, problem.what,
                    problem.hint);
    if (broken) statements.clear();
    return statements;
  }

  std::vector<Statement> read_directory(const std::string& path, const std::string& filter,
                                        const Position& from, int depth) {
    std::vector<Statement> result;
    if (depth >= kDeepest) {
      problems_.fatal(from, "files include each other more than 8 levels deep");
      return result;
    }
    for (const std::string& name : names_in(path, from))
      append(result, read_path(path + "/" + name, filter, from, depth + 1, Named::by_directory));
    return result;
  }

  std::vector<std::string> names_in(const std::string& path, const Position& from) {
    const std::unique_ptr<DIR, decltype([](DIR* d) { ::closedir(d); })> directory{
        ::opendir(path.c_str())};
    std::vector<std::string> names;
    if (!directory) {
      problems_.error(from, path + ": " + std::strerror(errno));
      return names;
    }
    while (const dirent* entry = ::readdir(directory.get()))
      if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
    std::sort(names.begin(), names.end());
    return names;
  }

  static void append(std::vector<Statement>& all, std::vector<Statement> more) {
    for (Statement& statement : more) all.push_back(std::move(statement));
  }

  Problems& problems_;
};

}  // namespace

std::vector<Statement> load_config(const std::string& path, Problems& problems) {
  const Position whole{std::make_shared<const Source>(Source{path, {}}), 0, 0, 0};
  return Includer{problems}.read(path, {}, whole, 0);
}

std::vector<Statement> load_config_text(std::string path, std::string text, Problems& problems) {
  return Includer{problems}.read_text(std::move(path), std::move(text), 0);
}

}  // namespace vital
