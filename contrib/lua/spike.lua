-- SPDX-License-Identifier: MIT
-- A notification when a gauge is far from its own average: no bound needs to be known.
--
--   Watch "PLUGIN[-INSTANCE]/TYPE[-INSTANCE]"
--   Deviations NUMBER            (4) how many standard deviations are far
--   Samples NUMBER               (60) over how many samples the average forgets; none is judged before
local watched = {}
local deviations, samples = 4, 60

collectd.register_config(function(conf)
  deviations = conf.Deviations or deviations
  samples = conf.Samples or samples
  for _, option in ipairs(conf) do
    if option.key == "Watch" then watched[option.values[1]] = {} end
  end
end)

local function with(name, instance) return instance == "" and name or name .. "-" .. instance end

-- The mean and variance, where what is older counts less and less.
local function learn(state, value)
  state.count = (state.count or 0) + 1
  local weight = math.max(1 / state.count, 1 / samples)
  local away = value - (state.mean or value)
  state.mean = (state.mean or value) + weight * away
  state.variance = (1 - weight) * ((state.variance or 0) + weight * away * away)
end

local function notify(sample, severity, text, state, value)
  collectd.dispatch_notification{ severity = severity, host = sample.host, plugin = sample.plugin,
    plugin_instance = sample.plugin_instance, type = sample.type, type_instance = sample.type_instance,
    message = ("The value %g is %s %g."):format(value, text, state.mean) }
end

local function judge(sample, state, value)
  local far = math.abs(value - state.mean) > deviations * math.sqrt(state.variance)
  if far == (state.far or false) then return end
  state.far = far
  if far then
    notify(sample, collectd.NOTIF_WARNING, "far from its average", state, value)
  else
    notify(sample, collectd.NOTIF_OKAY, "near its average again,", state, value)
  end
end

collectd.register_write(function(sample)
  local name = with(sample.plugin, sample.plugin_instance) .. "/" .. with(sample.type, sample.type_instance)
  local kind = watched[name]
  if not kind or sample.dstypes[0] ~= "gauge" then return 0 end
  local value = sample.values[1]
  if value ~= value then return 0 end
  kind[sample.host] = kind[sample.host] or {}
  local state = kind[sample.host]
  if (state.count or 0) >= samples then judge(sample, state, value) end
  learn(state, value)
  return 0
end)
