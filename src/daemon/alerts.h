// SPDX-License-Identifier: MIT
#pragma once
#include <string>

#include "base/saved_state.h"
#include "pipeline/pipeline.h"

namespace vital {

/// What is remembered as bytes, and back.
///
/// Errors  malformed: cut short
std::string pack_memory(const Pipeline::Memory& memory);
Result<Pipeline::Memory> unpack_memory(std::string_view bytes);

/// The answer to ALERTS: what fires, a line each: SEVERITY since=SECONDS identifier=... message=...
/// Where nothing can fire, its head ends with "there are no thresholds".
std::string alerts_reply(Pipeline& pipeline);

/// The answer to SILENCE, after what it asks for was done:
///   SILENCE                                             lists them
///   SILENCE pattern="..." duration=SECONDS [comment="..."]
///   SILENCE end=ID
std::string silence_reply(Pipeline& pipeline, std::string_view arguments);

/// What watchers know, as a part of the saved state.
class AlertState final : public StatePart {
 public:
  explicit AlertState(Pipeline& pipeline) : pipeline_{pipeline} {}
  std::string_view state_name() const noexcept override { return "alerts"; }
  std::string save() override { return pack_memory(pipeline_.save_memory()); }
  bool restore(std::string bytes) override;

 private:
  Pipeline& pipeline_;
};

/// The silences, as the part of the saved state that is written at once.
class SilenceState final : public StatePart {
 public:
  explicit SilenceState(Pipeline& pipeline) : pipeline_{pipeline} {}
  std::string_view state_name() const noexcept override { return "silences"; }
  std::string save() override { return pipeline_.save_silences(); }
  bool restore(std::string bytes) override {
    pipeline_.restore_silences(bytes);
    return true;
  }

 private:
  Pipeline& pipeline_;
};

}  // namespace vital
