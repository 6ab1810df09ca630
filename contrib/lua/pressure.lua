-- SPDX-License-Identifier: MIT
-- How long tasks waited, as the kernel counts it (Linux 4.20 and later):
-- pressure-RESOURCE/total_time_in_ms-some   at least one task waited
-- pressure-RESOURCE/total_time_in_ms-full   all tasks waited
-- pressure-RESOURCE/percent-some, -full     the share of the last 10 s
--
--   Directory "/proc/pressure"
local directory = "/proc/pressure"
local series = {}

collectd.register_config(function(conf) directory = conf.Directory or directory end)

-- Handles are made once: from then on a value costs no look-up.
local function handle(resource, type, instance)
  local key = resource .. type .. instance
  series[key] = series[key] or collectd.series{ plugin = "pressure", plugin_instance = resource, type = type,
    type_instance = instance }
  return series[key]
end

local function read(resource)
  local file = io.open(directory .. "/" .. resource)
  if not file then return false end
  for line in file:lines() do
    local kind, share, total = line:match("^(%a+) avg10=([%d.]+) .*total=(%d+)")
    if kind then
      handle(resource, "percent", kind):submit(tonumber(share))
      handle(resource, "total_time_in_ms", kind):submit(tonumber(total) // 1000)
    end
  end
  file:close()
  return true
end

collectd.register_read(function()
  local any = false
  for _, resource in ipairs{ "cpu", "io", "memory" } do any = read(resource) or any end
  if not any then error("this kernel has no " .. directory, 0) end
  return 0
end)
