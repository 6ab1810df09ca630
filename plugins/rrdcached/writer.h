// SPDX-License-Identifier: MIT
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/trouble.h"
#include "lib/rrd_maker.h"
#include "pipeline/ledger.h"
#include "pipeline/writer.h"
#include "rrdcached/client.h"

namespace vital::rrdcached {

struct WriterOptions {
  Place place;
  std::string directory;
  rrdtool::LayoutOptions layout;
  bool create = true;         // files that are missing
  bool create_apart = false;  // in a thread of its own
};

/// Gives values to rrdcached, which keeps them and writes them to RRD files. Files that it misses
/// are made: here when it is on this host, by itself when it is reached over TCP.
///
/// Errors   temporary, timed_out: the daemon cannot be reached or does not answer. What it refuses
///          is counted and costs nothing else.
/// Threads  the outlet's; new files may be made by a thread of its own
class RrdcachedWriter final : public Writer {
 public:
  RrdcachedWriter(WriterOptions options, const Clock& clock, const Log& log,
                  std::shared_ptr<Ledger> ledger);
  ~RrdcachedWriter() override;

  Status write(const Batch& batch) noexcept override;
  Status flush(const FlushRequest& request) noexcept override;
  Steady next_wake() const noexcept override;
  void wake() noexcept override;

 private:
  /// What is known of a series' file.
  struct File {
    std::string path;  // empty: its directory would be hidden, or climb out
    bool in_making = false;
    Steady rests_until{};    // it could not be made; not tried again before
    std::string waiting;     // commands for a file in the making
    std::size_t values = 0;  // in them
  };
  using FilePtr = std::shared_ptr<File>;
  /// What a command is about.
  struct Sent {
    FilePtr file;  // nullptr: no value is in it
    std::size_t sample = 0;
  };
  struct Losses {
    std::size_t too_old = 0, refused = 0;
  };

  const FilePtr& file_of(const SeriesInfo& series);
  Status attempt(const Batch& batch, Losses& losses);
  void collect(const Batch& batch, Losses& losses);
  void add(const FilePtr& file, const Batch& batch, std::size_t sample);
  Status send(Losses& losses, std::vector<Sent>* missing);
  void judge(const Complaint& complaint, Losses& losses, std::vector<Sent>* missing);
  Status make_missing(const Batch& batch, const std::vector<Sent>& missing, Losses& losses);
  bool make(const FilePtr& file, const Sample& first);
  Result<rrdtool::Layout> layout_of(const Sample& first) const;
  bool cannot_make(File& file, const Error& error);
  void let_wait(File& file, const Sample& sample);
  void take_made(bool wait);
  Status send_waiting(File& file);
  void send_all_waiting();
  void count(const Losses& losses) noexcept;

  const WriterOptions options_;
  const Clock& clock_;
  const Log log_;
  const std::shared_ptr<Ledger> ledger_;
  Client client_;
  PerSeries<FilePtr> files_;
  std::string commands_;
  std::vector<Sent> sent_;  // one for each command
  std::vector<Sent> late_;  // values of the batch whose files are in the making
  std::vector<Complaint> complaints_;
  bool again_ = false;  // what is sent may have arrived before
  vital::Complaint refused_, not_made_;
  std::vector<FilePtr> making_, made_;  // the latter's values can be sent
  Steady next_look_{};
  rrdtool::Maker<File> maker_;  // last: its thread ends first
};

}  // namespace vital::rrdcached
