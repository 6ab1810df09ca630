// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <vector>

#include "base/child_account.h"
#include "base/child_output.h"
#include "base/trouble.h"
#include "exec/account.h"
#include "exec/commands.h"
#include "exec/line_buffer.h"
#include "plugin/host.h"

namespace vital::exec {

/// A line of the configuration.
struct ProgramPlan {
  std::string name;  // for people: the last part of its path
  Account account;
  std::string path;
  std::vector<std::string> arguments;  // its own name first
};

/// What is the same for all programs.
struct Surroundings {
  Host& host;
  Span interval;
};

/// Starts one program as its plan says. `input`: what it finds on its standard input; -1: nothing.
/// `output`: where its standard output goes; -1: to its Child's own.
///
/// Errors  those of rights_of(); absent: no such program; the system's
Result<Child> start(const ProgramPlan& plan, const Surroundings& around, int input, int output);

/// A program that prints values: started at each tick when it does not run, read, and ended when it
/// goes astray. One that keeps failing rests for longer each time; one that prints more than can be
/// meant waits until the next tick.
///
/// Threads  one, the supervisor's
class Program final : private Receiver {
 public:
  Program(ProgramPlan plan, const Surroundings& around);

  const std::string& name() const noexcept { return plan_.name; }
  bool running() const noexcept { return child_.alive(); }

  /// The interval has begun anew.
  void tick();
  /// What to wait for: its output, its errors, its end; -1: not that one.
  int output_fd() const noexcept { return may_print() ? output_.get() : -1; }
  int errors_fd() const noexcept { return may_complain() ? child_.output_fd() : -1; }
  int end_fd() const noexcept { return child_.alive() ? child_.end_fd() : -1; }
  /// Something is there to be read, or it has ended.
  void look();
  /// When it has to be looked at again at the latest.
  Steady deadline() const noexcept { return deadline_; }

  void terminate() noexcept;
  void kill() noexcept;

 private:
  void start_it();
  void read_output();
  void read_errors();
  void output_ended();
  void ended(const ChildEnd& end);
  void take_lines();
  void submit();
  void look_at_deadline();
  void failed(const Error& error);
  bool may_complain() const noexcept { return errors_open_ && complaints_ < kMostComplaints; }
  bool may_print() const noexcept { return output_ && printed_ < kMostBytes; }
  Steady now() const { return around_.host.clock().now(); }

  void values(const PutvalParser& values) override;
  void notification(Notification notification) override;
  void wrong(std::string_view line, std::string_view why) override;

  static constexpr std::size_t kMostBytes = std::size_t{8} << 20;  // printed in an interval

  static constexpr unsigned kMostComplaints = 256;  // looks at its errors, of some kilobytes each

  const ProgramPlan plan_;
  const Surroundings around_;
  const Log log_;
  Child child_;
  ChildAccount account_;
  Fd output_;
  bool errors_open_ = false;
  ChildOutput errors_;
  LineBuffer lines_;
  Commands commands_;
  std::vector<std::shared_ptr<Batch>> batches_;
  std::shared_ptr<Batch> batch_;

  std::size_t printed_ = 0;  // bytes in this interval
  unsigned complaints_ = 0;  // in this interval
  bool gave_ = false;        // something that was understood, since it was started
  bool flooded_ = false;     // said since it was started
  Steady deadline_ = Steady::max();
  bool terminated_ = false;
  unsigned rest_ = 0;  // ticks that it is not started at
  Trouble trouble_;
  Complaint wrong_, too_long_;
  std::uint64_t too_long_seen_ = 0;
};

}  // namespace vital::exec
