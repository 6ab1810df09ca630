// SPDX-License-Identifier: MIT
#include <algorithm>
#include <optional>

#include "base/strings.h"
#include "config/tree.h"

namespace vital {

bool Statement::is(std::string_view name) const noexcept { return iequals(key, name); }

bool Statement::operator==(const Statement& other) const noexcept {
  return iequals(key, other.key) && arguments == other.arguments && children == other.children &&
         block == other.block;
}

namespace {

using Kind = Token::Kind;

constexpr std::size_t kDeepest = 200;  // blocks in blocks; nobody needs more than a handful

std::string name_of(const Token& token) {
  switch (token.kind) {
    case Kind::end_of_file:
      return "the end of the file";
    case Kind::end_of_line:
      return "the end of the line";
    case Kind::quoted:
      return "\"" + token.text + "\"";
    default:
      return "'" + token.text + "'";
  }
}

/// A recursive descent over the grammar of collectd.conf(5). After a mistake it goes on with the
/// next line.
class Parser {
 public:
  Parser(std::shared_ptr<const Source> source, Problems& problems)
      : lexer_{std::move(source), problems}, problems_{problems} {
    advance();
  }

  std::vector<Statement> file() {
    std::vector<Statement> statements;
    body(statements);
    return statements;
  }

 private:
  /// Why a body ended: at the end of the file, or at the end tag of the named block.
  struct End {
    bool of_file = true;
    std::string key;
    Position position;
  };

  End body(std::vector<Statement>& statements) {
    while (true) {
      switch (token_.kind) {
        case Kind::end_of_file:
          return {};
        case Kind::end_of_line:
          advance();
          break;
        case Kind::unquoted:
          option(statements);
          break;
        case Kind::open:
          if (auto end = tag(statements)) return *end;
          break;
        default:
          unexpected("an option's name or a block was expected");
      }
    }
  }

  void option(std::vector<Statement>& statements) {
    Statement statement{
        .key = token_.text, .arguments = {}, .children = {}, .position = token_.position};
    advance();
    if (!is_argument()) {
      const bool alone = token_.kind == Kind::end_of_line || token_.kind == Kind::end_of_file;
      unexpected(alone ? "option " + statement.key + " has no value" : "a value was expected");
      return;
    }
    arguments(statement);
    if (end_of_statement()) statements.push_back(std::move(statement));
  }

  /// Either a whole block, which is added, or an end tag, which is given back.
  std::optional<End> tag(std::vector<Statement>& statements) {
    const Position begin = token_.position;
    advance();
    if (token_.kind == Kind::slash) return end_tag();
    if (token_.kind != Kind::unquoted) {
      unexpected("a block's name was expected");
      return std::nullopt;
    }
    Statement block{.key = token_.text,
                    .arguments = {},
                    .children = {},
                    .block = true,
                    .position = token_.position};
    advance();
    arguments(block);
    if (token_.kind != Kind::close) {
      unexpected("'>' was expected");
      return open_block(begin, std::move(block), statements);  // its end tag will still come
    }
    advance();
    (void)end_of_statement();
    return open_block(begin, std::move(block), statements);
  }

  std::optional<End> open_block(const Position& begin, Statement block,
                                std::vector<Statement>& statements) {
    if (open_.size() >= kDeepest) {
      problems_.fatal(begin, "blocks are nested more than " + std::to_string(kDeepest) + " deep");
      while (token_.kind != Kind::end_of_file) advance();
      return std::nullopt;
    }
    open_.push_back(block.key);
    const End end = body(block.children);
    open_.pop_back();
    if (end.of_file) {
      problems_.fatal(begin, "block <" + block.key + "> is never closed",
                      "add </" + block.key + "> behind its last line");
      keep(std::move(block), statements);
      return std::nullopt;
    }
    const bool matches = end.key == block.key;
    const bool closes_an_outer_one =
        !matches && std::find(open_.begin(), open_.end(), end.key) != open_.end();
    if (!matches)
      problems_.fatal(end.position,
                      "</" + end.key + "> does not close <" + block.key + "> of line " +
                          std::to_string(begin.line),
                      "write </" + block.key + ">");
    keep(std::move(block), statements);
    if (closes_an_outer_one) return end;
    return std::nullopt;
  }

  /// A statement with neither arguments nor children means nothing, and collectd drops it. Only in
  /// what it does not know is a block enough said: <Journal> is one.
  static void keep(Statement block, std::vector<Statement>& statements) {
    const bool says_nothing = block.arguments.empty() && block.children.empty();
    if (!says_nothing || block.is("Journal")) statements.push_back(std::move(block));
  }

  std::optional<End> end_tag() {
    advance();
    if (token_.kind != Kind::unquoted) {
      unexpected("the name of the block to close was expected");
      return std::nullopt;
    }
    End end{.of_file = false, .key = token_.text, .position = token_.position};
    advance();
    if (token_.kind != Kind::close) {
      unexpected("'>' was expected");
    } else {
      advance();
      (void)end_of_statement();
    }
    if (!open_.empty()) return end;
    problems_.fatal(end.position, "</" + end.key + "> closes a block that is not open");
    return std::nullopt;
  }

  bool is_argument() const noexcept {
    return token_.kind == Kind::boolean || token_.kind == Kind::number ||
           token_.kind == Kind::quoted || token_.kind == Kind::unquoted;
  }

  void arguments(Statement& statement) {
    for (; is_argument(); advance()) {
      Argument argument{.text = token_.text, .position = token_.position};
      if (token_.kind == Kind::number) {
        argument.kind = Argument::Kind::number;
        argument.number = token_.number;
      } else if (token_.kind == Kind::boolean) {
        argument.kind = Argument::Kind::boolean;
        (void)parse_bool(token_.text, argument.boolean);
      }
      statement.arguments.push_back(std::move(argument));
    }
  }

  /// Each statement ends with its line; the last line of a file, too, needs its line feed.
  bool end_of_statement() {
    if (token_.kind == Kind::end_of_line) {
      advance();
      return true;
    }
    if (token_.kind == Kind::end_of_file) {
      problems_.fatal(token_.position, "the last line of the file has no line feed",
                      "end the file with an empty line");
      return true;
    }
    unexpected(token_.kind == Kind::slash ? "a path or text with other signs needs double quotes"
                                          : "the end of the line was expected");
    return false;
  }

  void unexpected(std::string hint) {
    problems_.fatal(token_.position, "syntax error at " + name_of(token_), std::move(hint));
    while (token_.kind != Kind::end_of_line && token_.kind != Kind::end_of_file) advance();
  }

  void advance() { token_ = lexer_.next(); }

  Lexer lexer_;
  Problems& problems_;
  Token token_;
  std::vector<std::string> open_;
};

}  // namespace

std::vector<Statement> parse(std::shared_ptr<const Source> source, Problems& problems) {
  return Parser{std::move(source), problems}.file();
}

}  // namespace vital
