-- SPDX-License-Identifier: MIT
-- A value derived from two others: ratio/percent-NAME = 100 * PART / (PART + REST).
--
--   Ratio NAME "PART" "REST"     each PLUGIN[-INSTANCE]/TYPE[-INSTANCE], of this host; its first value.
--                                Of what is not a gauge, the change since the last value
local ratios, seen = {}, {}

collectd.register_config(function(conf)
  for _, option in ipairs(conf) do
    if option.key == "Ratio" then
      local name, part, rest = table.unpack(option.values)
      ratios[#ratios + 1] = { name = name, part = part, rest = rest }
      seen[part], seen[rest] = {}, {}
    end
  end
end)

local function with(name, instance) return instance == "" and name or name .. "-" .. instance end

collectd.register_write(function(sample)
  local name = with(sample.plugin, sample.plugin_instance) .. "/" .. with(sample.type, sample.type_instance)
  local of = seen[name]
  if not of or sample.host ~= collectd.hostname() then return 0 end
  local value = sample.values[1]
  if sample.dstypes[0] == "gauge" then
    of.value = value
  else
    of.value = of.total and value - of.total
    of.total = value
  end
  of.time = sample.time
  return 0
end)

collectd.register_read(function()
  for _, ratio in ipairs(ratios) do
    local part, rest = seen[ratio.part], seen[ratio.rest]
    local sum = part.value and rest.value and part.value + rest.value
    if sum and sum > 0 and part.time ~= ratio.time then
      ratio.time = part.time       -- each value once, however seldom it comes
      collectd.dispatch_values{ plugin = "ratio", type = "percent", type_instance = ratio.name,
        values = { 100 * part.value / sum } }
    end
  end
  return 0
end)
