// SPDX-License-Identifier: MIT
#include "daemon/upkeep.h"

namespace vital {

class Upkeep::Housekeeper final : public Reader {
 public:
  explicit Housekeeper(Pipeline& pipeline) : pipeline_{pipeline} {}
  Status read(Batch&) noexcept override {
    pipeline_.expire();
    return {};
  }

 private:
  Pipeline& pipeline_;
};

Upkeep::Upkeep(Pipeline& pipeline, Scheduler& scheduler, Log log)
    : pipeline_{pipeline},
      scheduler_{scheduler},
      log_{std::move(log)},
      housekeeper_{std::make_unique<Housekeeper>(pipeline)} {}

Upkeep::~Upkeep() = default;

void Upkeep::use(const Options& globals) {
  pipeline_.set_timeout(globals.integer("Timeout"));
  scheduler_.set_longest_rest(globals.duration("MaxReadInterval"));
  scheduler_.set_blocking_lanes(static_cast<std::size_t>(globals.integer("ReadThreads")));
  const Span interval = globals.duration("Interval");
  if (read_ && read_->interval() == interval) return;
  if (read_) scheduler_.remove(read_);
  read_ = scheduler_.add(
      *housekeeper_,
      {.name = "vitald/cache", .interval = interval, .deadline = std::chrono::seconds{10}}, nullptr,
      log_.part("vitald/cache"));
}

void Upkeep::prepare(const Configuration&, const Configuration& wanted) {
  wanted_ = wanted.globals;
}

std::vector<std::string> Upkeep::commit() {
  use(*wanted_);
  wanted_.reset();
  return {};
}

}  // namespace vital
