// SPDX-License-Identifier: MIT
#pragma once
#include <string>

#include "model/notification.h"

namespace vital {

/// A notification as an array of one alert, as Prometheus' Alertmanager takes it:
///
///     [{"labels":{"alertname":"collectd_cpu_percent","instance":"HOST","cpu":"0","type":"idle",
///       "severity":"FAILURE","service":"collectd"},"annotations":{"summary":"MESSAGE",
///       "CurrentValue":"3.5"},"startsAt":"2026-11-28T01:58:36.250000000Z"}]
///
/// without the line breaks. The type alone names it when it begins with the plugin's name; the
/// plugin instance is the label of the plugin's name, and the type instance that of "type", or of
/// the plugin's name when there is no plugin instance. Meta data are annotations, as text.
///
/// Threads  pure
std::string alert_json(const Notification& notification);

}  // namespace vital
