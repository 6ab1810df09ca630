// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ctime>

#include "base/strings.h"
#include "lib/series_path.h"
#include "model/put.h"
#include "pipeline/ledger.h"
#include "plugin/plugin.h"

namespace vital::csv {
namespace {

using Line = Text<2048>;

/// How often an open file is looked for: somebody may have removed it.
constexpr Nanoseconds kLookEach = std::chrono::seconds{5};

/// The local date, worked out once a day.
class Today {
 public:
  /// "2026-11-22"
  std::string_view at(Time now) noexcept {
    const std::time_t seconds = static_cast<std::time_t>(now.time_since_epoch().count() >> 30);
    if (seconds < from_ || seconds >= until_) work_out(seconds);
    return text_.view();
  }

 private:
  void work_out(std::time_t seconds) noexcept {
    std::tm date{};
    ::localtime_r(&seconds, &date);
    char buffer[16];
    text_.clear();
    text_.add(std::string_view{buffer, std::strftime(buffer, sizeof buffer, "%F", &date)});
    from_ = seconds;
    date.tm_hour = date.tm_min = date.tm_sec = 0;
    ++date.tm_mday;
    date.tm_isdst = -1;
    until_ = ::mktime(&date);
  }

  Text<16> text_;
  std::time_t from_ = 0, until_ = 0;
};

void add_values(Line& line, const Sample& sample, bool rates, char separator) noexcept {
  for (std::size_t i = 0; i < sample.values.size(); ++i) {
    line.add(separator);
    const Kind kind = sample.kind(i);
    if (kind == Kind::gauge)
      line.add_fixed(sample.values[i].gauge, 6);
    else if (rates)
      line.add_fixed(sample.rates[i], 6);
    else if (kind == Kind::derive)
      line.add(sample.values[i].derive);
    else
      line.add(sample.values[i].counter);
  }
}

/// Half of the descriptors that the process may have: the other half is for everybody else.
std::size_t descriptor_budget() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 256;
  return limit.rlim_cur == RLIM_INFINITY ? 65536 : static_cast<std::size_t>(limit.rlim_cur / 2);
}

}  // namespace

/// Appends each value to a file of its series and day, or prints it as a PUTVAL line.
class CsvWriter final : public Writer {
 public:
  explicit CsvWriter(Setup& setup)
      : directory_{setup.options().text("DataDir")},
        rates_{setup.options().flag("StoreRates")},
        clock_{setup.clock()},
        log_{setup.log()},
        ledger_{std::make_shared<Ledger>()},
        budget_{descriptor_budget()} {
    while (directory_.size() > 1 && directory_.ends_with('/')) directory_.pop_back();
    if (iequals(directory_, "stdout")) stream_ = STDOUT_FILENO;
    if (iequals(directory_, "stderr")) stream_ = STDERR_FILENO;
    setup.add(*this, {.ledger = ledger_});
  }

  Status write(const Batch& batch) noexcept override {
    if (stream_ >= 0) return print(batch);
    const std::string_view today = today_.at(clock_.wall());
    const Steady now = clock_.now();
    for (const Sample& sample : batch) {
      const Status status = append(sample, today, now);
      if (status) continue;
      ledger_->dropped(Loss::failed);
      trouble_.begins(log_, "writing", status.error());
      failed_ = true;
    }
    if (!std::exchange(failed_, false)) trouble_.ends(log_, "writing");
    return {};
  }

 private:
  /// A series' file of one day.
  struct File {
    Fd fd;
    Text<16> date;
    Steady looked{};
    std::string path;
  };

  Status print(const Batch& batch) const noexcept {
    for (const Sample& sample : batch) {
      auto line = putval_line(sample, GaugeForm::fixed, rates_);
      if (auto status = write_all(stream_, line.add('\n').view()); !status) return status;
    }
    return {};
  }

  Status append(const Sample& sample, std::string_view today, Steady now) noexcept {
    Line line;
    line.add_fixed(seconds(sample.time), 3);
    add_values(line, sample, rates_, ',');
    if (line.add('\n').overflowed()) return Error{Errc::too_long, sample.series.name()};
    File& file = files_[sample.series];
    if (auto status = open(file, sample, today, now); !status) return status;
    Status status = write_all(file.fd.get(), line.view());
    if (!status) status = Error::system(file.path, status.error().number());
    if (!status || open_ > budget_) close(file);
    return status;
  }

  /// Opens the day's file unless it is open and still there.
  Status open(File& file, const Sample& sample, std::string_view today, Steady now) noexcept {
    if (file.fd) {
      if (file.date.view() == today && is_there(file, now)) return {};
      close(file);
    }
    file.looked = now;
    if (file.date.view() != today) {
      auto path = series_path(directory_, sample.series, "-");
      if (!path) return path.error();
      file.path = path->append(today);
      file.date.clear();
      file.date.add(today);
    }
    auto fd = open_file(file.path.c_str(), O_WRONLY | O_APPEND | O_CREAT, 0666);
    if (!fd && fd.error().code() == Errc::absent) {
      if (auto made = make_directories_for(file.path); !made) return made;
      fd = open_file(file.path.c_str(), O_WRONLY | O_APPEND | O_CREAT, 0666);
    }
    if (!fd) return fd.error();
    file.fd = std::move(*fd);
    ++open_;
    struct stat status {};
    if (::fstat(file.fd.get(), &status) != 0 || status.st_size != 0) return {};
    Line head;
    head.add("epoch");
    for (const DataSource& source : sample.series.type().sources) head.add(',').add(source.name);
    return write_all(file.fd.get(), head.add('\n').view());
  }

  static bool is_there(File& file, Steady now) noexcept {
    if (now - file.looked < kLookEach) return true;
    file.looked = now;
    struct stat status {};
    return ::fstat(file.fd.get(), &status) == 0 && status.st_nlink != 0;
  }

  void close(File& file) noexcept {
    file.fd.reset();
    --open_;
  }

  std::string directory_;
  const bool rates_;
  int stream_ = -1;  // standard output or error instead of files
  const Clock& clock_;
  const Log log_;
  const std::shared_ptr<Ledger> ledger_;
  const std::size_t budget_;
  std::size_t open_ = 0;
  PerSeries<File> files_;
  Today today_;
  Trouble trouble_;
  bool failed_ = false;
};

}  // namespace vital::csv

extern "C" void vital_register(vital::Registry& registry) {
  registry
      .plugin<vital::csv::CsvWriter>("csv", "Appends values to text files, one a series and day.")
      .note("A file that somebody removes is made anew 5 s later at the latest.")
      .option("DataDir", vital::Unset<std::string>{},
              "Where the files are made, by default in BaseDir; stdout or stderr prints PUTVAL "
              "lines instead.")
      .called("DIRECTORY")
      .written(vital::OptionDeclaration::Written::directory)
      .option("StoreRates", false, "Write rates per second instead of totals that grow.");
}
