// SPDX-License-Identifier: MIT
#pragma once
#include <memory>

#include "base/clock.h"
#include "base/trouble.h"
#include "lib/rrd_create.h"
#include "pipeline/ledger.h"
#include "rrdtool/faults.h"
#include "rrdtool/files.h"

namespace vital::rrdtool {

/// Brings the waiting values of files to disk, and settles what became of each in the ledger. What
/// is wrong with one value costs that value, what is wrong with a file that file's values.
///
/// Threads  none of its own: whoever owns it serialises
class Store {
 public:
  Store(LayoutOptions layout, const Clock& clock, const Log& log, std::shared_ptr<Ledger> ledger)
      : layout_{std::move(layout)},
        clock_{clock},
        log_{log},
        ledger_{std::move(ledger)},
        faults_{log} {}

  /// What became of values that were to be written.
  enum class Outcome : std::uint8_t {
    settled,  ///< none waits any longer
    absent,   ///< there is no file yet
    later,    ///< what is wrong may be over in a moment: another program has locked the file
  };

  /// Writes all that waits.
  Outcome write(File& file);
  /// Looks whether the file is there. Values that it has already do not wait any longer.
  Outcome examine(File& file);

  /// How the file is to be made; an error means that it rests.
  Result<Layout> layout_of(File& file);
  /// Where it begins: just before its first value.
  static std::int64_t start_of(const File& file) noexcept { return file.time_of(0) - 1; }
  Outcome make(File& file);
  Outcome was_made(File& file, const Status& status);

  /// The clock was set back: the file, in which nothing waits, goes on at that time, in seconds.
  /// Not by more than a day: nobody knows then which of the two times is the wrong one. False: it
  /// is locked just now.
  bool turn_back(File& file, std::int64_t time);

  /// False: the file rests; a value that comes now is lost, and counted.
  bool may_wait(File& file, Steady now);
  void drop_all(File& file, Loss loss) { drop(file, file.waiting(), loss); }
  void forget(File& file) { faults_.ends(file.fault); }

 private:
  void warn_of_future(const File& file, std::int64_t last);
  Outcome salvage(File& file, const Error& error);
  void refused_value(File& file, const Error& error);
  Outcome cannot(File& file, const Error& error);
  Outcome later(File& file, const Error& error);
  Outcome fail(File& file, const Error& error);
  void arrived(File& file, std::size_t records) noexcept;
  void drop(File& file, std::size_t records, Loss loss) noexcept;

  const LayoutOptions layout_;
  const Clock& clock_;
  const Log log_;
  const std::shared_ptr<Ledger> ledger_;
  Faults faults_;
  Complaint complaint_, future_;
  UpdateMemory memory_;
};

}  // namespace vital::rrdtool
