// SPDX-License-Identifier: MIT
#include "config/queue_options.h"

#include <limits>

#include "base/numbers.h"
#include "base/strings.h"

namespace vital {
namespace {

constexpr std::uint64_t kLeastJournal = std::uint64_t{1} << 20;

std::string check_switch(const std::vector<Argument>& arguments) {
  if (arguments.empty()) return {};
  for (const std::string_view word : {"true", "yes", "on", "false", "no", "off"})
    if (iequals(arguments.front().text, word)) return {};
  return "takes true or false, or is a block";
}

bool switched_on(const Options& journal) {
  if (journal.arguments().empty()) return true;
  for (const std::string_view word : {"true", "yes", "on"})
    if (iequals(journal.argument(), word)) return true;
  return false;
}

}  // namespace

std::uint64_t parse_size(std::string_view text) noexcept {
  std::uint64_t factor = 1;
  if (!text.empty()) {
    constexpr std::string_view kUnits = "KMG";
    const auto unit =
        kUnits.find(text.back() >= 'a' ? static_cast<char>(text.back() - 32) : text.back());
    if (unit != std::string_view::npos) {
      factor = std::uint64_t{1} << (10 * (unit + 1));
      text.remove_suffix(1);
    }
  }
  std::uint64_t number = 0;
  if (!parse_whole(text, number) || number > std::numeric_limits<std::uint64_t>::max() / factor)
    return 0;
  return number * factor;
}

void declare_journal(Declaration& declaration, std::string_view help) {
  using namespace std::chrono_literals;
  declaration
      .block("Journal", "true|false", help,
             [](Declaration& journal) {
               journal
                   .option("Directory", Unset<std::string>{},
                           "Where it lies: one directory for each writer. Below BaseDir/journal "
                           "when not given.")
                   .called("PATH")
                   .written(OptionDeclaration::Written::directory)
                   .option("MaxSize", "256M",
                           "How much of the disk it may take: bytes, or with K, M or G behind. The "
                           "oldest values are dropped above.")
                   .called("SIZE")
                   .check([](const std::vector<Argument>& arguments) {
                     return std::string{parse_size(arguments.front().text) < kLeastJournal
                                            ? "is a size such as 256M, and at least 1M"
                                            : ""};
                   })
                   .option("MaxAge", 0s, "What has waited for longer is dropped. 0: never.")
                   .at_least(0)
                   .option("SyncInterval", 1s,
                           "How often it is written to disk and synced: what a crash may cost.")
                   .range(0.01, 3600);
             })
      .arguments(0, 1)
      .check(check_switch)
      .since("vitald 1");
}

void declare_queue(Declaration& writer) {
  using namespace std::chrono_literals;
  writer
      .option("RetryInterval", 500ms,
              "The first pause when values cannot be delivered; each further one may be twice as "
              "long. Pauses are drawn at random up to that length.")
      .range(0.001, 3600)
      .since("vitald 1")
      .option("MaxRetryInterval", 10s, "The longest such pause.")
      .range(0.001, 86400)
      .since("vitald 1")
      .option(
          "QueueLimit", Unset<int>{},
          "How many values, or notifications, may wait in memory. As WriteQueueLimitHigh when not "
          "given.")
      .at_least(1)
      .since("vitald 1")
      .option("QueueBytes", "32M", "The same in memory: bytes, or with K, M or G behind.")
      .called("SIZE")
      .check([](const std::vector<Argument>& arguments) {
        return std::string{parse_size(arguments.front().text) == 0 ? "is a size such as 32M" : ""};
      })
      .since("vitald 1");
  declare_journal(writer,
                  "Keeps what waits on disk as well, so that it outlives a restart and a far end "
                  "that is away for long.");
}

JournalOptions journal_options(const Options& options, JournalOptions defaults) {
  const auto& blocks = options.blocks("Journal");
  if (blocks.empty()) return defaults;
  const Options& journal = blocks.back();
  defaults.on = switched_on(journal);
  if (journal.given("Directory")) defaults.directory = journal.text("Directory");
  if (journal.given("MaxSize")) defaults.most_bytes = parse_size(journal.text("MaxSize"));
  if (journal.given("MaxAge")) defaults.most_age = journal.duration("MaxAge");
  if (journal.given("SyncInterval")) defaults.sync_interval = journal.duration("SyncInterval");
  return defaults;
}

QueueOptions queue_options(const Options& options, QueueOptions defaults) {
  if (options.given("RetryInterval")) defaults.retry_first = options.duration("RetryInterval");
  if (options.given("MaxRetryInterval"))
    defaults.retry_longest = options.duration("MaxRetryInterval");
  if (options.given("QueueLimit")) {
    defaults.high_values = static_cast<std::size_t>(options.integer("QueueLimit"));
    defaults.low_values = 0;
  }
  if (options.given("QueueBytes"))
    defaults.high_bytes = static_cast<std::size_t>(parse_size(options.text("QueueBytes")));
  defaults.journal = journal_options(options, std::move(defaults.journal));
  return defaults;
}

}  // namespace vital
