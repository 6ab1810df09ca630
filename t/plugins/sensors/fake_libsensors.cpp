// SPDX-License-Identifier: MIT
#include "plugins/sensors/fake_libsensors.h"

#include <sensors/error.h>

#include <cerrno>
#include <cstring>
#include <deque>

namespace vital::test {
namespace {

/// What the library hands out: gone with the next clean-up, as the library's is.
struct Handed {
  std::deque<sensors_chip_name> chips;
  std::deque<std::deque<sensors_feature>> features;
  std::deque<sensors_subfeature> subfeatures;
};

constexpr int kMostValues = 16;

FakeLibsensors& fake() { return FakeLibsensors::instance(); }
Handed& handed() {
  static Handed handed;
  return handed;
}

void hand_out() {
  handed() = {};
  for (std::size_t chip = 0; chip < fake().chips.size(); ++chip) {
    handed().chips.push_back({.prefix = fake().chips[chip].name.data(),
                              .bus = {},
                              .addr = static_cast<int>(chip),
                              .path = nullptr});
    handed().features.emplace_back();
    for (auto& feature : fake().chips[chip].features)
      handed().features.back().push_back(
          {.name = feature.name.data(),
           .number = static_cast<int>(handed().features.back().size()),
           .type = feature.type,
           .first_subfeature = 0,
           .padding1 = 0});
  }
}

FakeLibsensors::Chip& chip_of(const sensors_chip_name* name) {
  if (!fake().running) fake().misuse += "asked while it was not running; ";
  return fake().chips.at(static_cast<std::size_t>(name->addr));
}

FakeLibsensors::Feature& feature_of(const sensors_chip_name* name, const sensors_feature* feature) {
  return chip_of(name).features.at(static_cast<std::size_t>(feature->number));
}

std::string all_of(FILE* file) {
  std::string text;
  for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) text += static_cast<char>(c);
  return text;
}

}  // namespace

FakeLibsensors& FakeLibsensors::instance() {
  static FakeLibsensors instance;
  return instance;
}

void FakeLibsensors::reset() { instance() = FakeLibsensors{}; }

}  // namespace vital::test

using vital::test::chip_of, vital::test::fake, vital::test::feature_of, vital::test::handed,
    vital::test::kMostValues;

extern "C" {

void (*sensors_parse_error_wfn)(const char* what, const char* file, int line) = nullptr;

int sensors_init(FILE* input) {
  ++fake().starts;
  if (fake().running) fake().misuse += "started twice; ";
  fake().had_config = input != nullptr;
  fake().config = input == nullptr ? std::string{} : vital::test::all_of(input);
  for (const auto& complaint : fake().complaints)
    sensors_parse_error_wfn(complaint.what.c_str(),
                            complaint.file.empty() ? nullptr : complaint.file.c_str(),
                            complaint.line);
  if (fake().refuses_to_start != 0) return fake().refuses_to_start;
  vital::test::hand_out();
  fake().running = true;
  return 0;
}

void sensors_cleanup(void) {
  if (!fake().running) fake().misuse += "cleaned up while it was not running; ";
  fake().running = false;
  handed() = {};
}

const char* sensors_strerror(int number) {
  return number == -SENSORS_ERR_IO ? "I/O error" : "Kernel interface error";
}

int sensors_snprintf_chip_name(char* text, std::size_t size, const sensors_chip_name* chip) {
  return std::snprintf(text, size, "%s", chip_of(chip).name.c_str());
}

const sensors_chip_name* sensors_get_detected_chips(const sensors_chip_name*, int* at) {
  const auto index = static_cast<std::size_t>((*at)++);
  return index < handed().chips.size() ? &handed().chips[index] : nullptr;
}

const sensors_feature* sensors_get_features(const sensors_chip_name* chip, int* at) {
  const auto& features = handed().features.at(static_cast<std::size_t>(chip->addr));
  const auto index = static_cast<std::size_t>((*at)++);
  return index < features.size() ? &features[index] : nullptr;
}

const sensors_subfeature* sensors_get_subfeature(const sensors_chip_name* chip,
                                                 const sensors_feature* feature,
                                                 sensors_subfeature_type type) {
  const auto& values = feature_of(chip, feature).values;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i].type != type) continue;
    handed().subfeatures.push_back({.name = feature->name,
                                    .number = feature->number * kMostValues + static_cast<int>(i),
                                    .type = type,
                                    .mapping = feature->number,
                                    .flags = SENSORS_MODE_R});
    return &handed().subfeatures.back();
  }
  return nullptr;
}

char* sensors_get_label(const sensors_chip_name* chip, const sensors_feature* feature) {
  const auto& known = feature_of(chip, feature);
  return ::strdup(known.label.empty() ? known.name.c_str() : known.label.c_str());
}

int sensors_get_value(const sensors_chip_name* chip, int number, double* value) {
  const auto& known = chip_of(chip)
                          .features.at(static_cast<std::size_t>(number / kMostValues))
                          .values.at(static_cast<std::size_t>(number % kMostValues));
  if (known.failure != 0) {
    errno = known.number;
    return known.failure;
  }
  *value = known.value;
  return 0;
}

}  // extern "C"
