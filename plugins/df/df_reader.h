// SPDX-License-Identifier: MIT
#pragma once
#include <array>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "df/chosen.h"
#include "df/health.h"
#include "df/patient_stat.h"
#include "df/shares.h"
#include "lib/mount_table.h"
#include "plugin/setup.h"

namespace vital::df {

/// Declares the plugin's options and what it reports.
void declare_options(PluginDeclaration& plugin);

/// Reports how full file systems are. Those of this host are asked at once; those that somebody
/// else serves are asked by threads that may wait, and their last answers are reported.
class DfReader final : public Reader {
 public:
  static constexpr Nanoseconds kPatience = std::chrono::seconds{5};

  /// A call hangs when it lasts longer than `patience` and than the interval.
  explicit DfReader(Setup& setup, AskFileSystem ask = ask_kernel, Nanoseconds patience = kPatience);

  Status read(Batch& batch) noexcept override;

 private:
  enum Metric { df_complex, percent_bytes, df_inodes, percent_inodes, kMetrics };
  static constexpr std::size_t kParts = 3;  // free, reserved, used
  using Values = std::array<double, kParts>;

  struct FileSystem {
    Chosen chosen;
    std::string path;                                   // from our own root
    std::shared_ptr<PatientStat::Question> question{};  // none: it is asked at once
    Health health{};
    std::uint64_t number{};                                     // of a mount that hangs; 0: unknown
    std::array<std::array<Series, kParts>, kMetrics> series{};  // made when first needed
  };

  void take_table();
  FileSystem file_system(Chosen chosen, std::vector<FileSystem>& before);
  bool was_replaced(const FileSystem& fs) const;
  std::uint64_t mount_number(const FileSystem& fs) const;
  void complain(const std::vector<Chosen>& clashes);

  Status report(FileSystem& fs, Steady now, Batch& batch) noexcept;
  Status report(FileSystem& fs, const Result<struct statvfs>& answer, Steady now,
                Batch& batch) noexcept;
  Status add(FileSystem& fs, const Shares& shares, std::uint64_t unit, Metric amounts,
             Metric percentages, Batch& batch) const noexcept;
  Status add(FileSystem& fs, Metric metric, const Values& values, Batch& batch) const noexcept;

  const Root root_;
  const Clock& clock_;
  const Log log_;
  const Namer namer_;
  const Selection selection_;
  const bool absolute_, percentage_, inodes_, log_once_;
  const AskFileSystem ask_;
  MountTable table_;
  PatientStat patient_;
  Trouble asking_;
  std::vector<FileSystem> file_systems_;
  std::unordered_set<std::string> clashes_;  // names that were complained of
};

}  // namespace vital::df
