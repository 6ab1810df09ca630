// SPDX-License-Identifier: MIT
#include "entropy/entropy_avail.h"
#include "plugin/plugin.h"

namespace vital::entropy {

class EntropyReader final : public Reader {
 public:
  explicit EntropyReader(Setup& setup)
      : file_{setup.root().open("proc/sys/kernel/random/entropy_avail")},
        series_{setup.declare({.plugin = "entropy", .type = "entropy"})} {
    const auto release = setup.root().text("proc/sys/kernel/osrelease");
    stays_full_ = release && stays_full(*release);
  }

  Status read(Batch& batch) noexcept override {
    if (rest_ > 0)
      --rest_;
    else if (auto status = look(); !status)
      return status;
    return batch.add(series_, bits_);
  }

 private:
  static constexpr int kReadsPerLook = 360;  // while the pool stays full

  Status look() noexcept {
    const auto bits = file_.read(parse_entropy);
    if (!bits) return bits.error();
    bits_ = *bits;
    rest_ = stays_full_ && bits_ == kFull ? kReadsPerLook : 0;
    return {};
  }

  KernelFile file_;
  Series series_;
  bool stays_full_ = false;
  std::uint64_t bits_ = 0;
  int rest_ = 0;
};

}  // namespace vital::entropy

extern "C" void vital_register(vital::Registry& registry) {
  registry.reader<vital::entropy::EntropyReader>("entropy", "The kernel's pool of randomness.")
      .reports("entropy/entropy",
               "bits in the pool; always 256 from Linux 5.19 on, once it is full");
}
