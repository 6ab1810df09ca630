-- SPDX-License-Identifier: MIT
-- How many units of systemd have failed: systemd/count-failed; and a notification for each that fails, or
-- works again.
--
--   Command "systemctl ..."      another way to list them, one a line
local command = "systemctl list-units --state=failed --no-legend --plain"
local failed = {}

collectd.register_config(function(conf) command = conf.Command or command end)

local function notify(unit, severity, text)
  collectd.dispatch_notification{ severity = severity, plugin = "systemd", type = "count", type_instance = unit:sub(1, 127),
    message = ("The unit %s %s."):format(unit, text) }
end

local function list()
  local units, count = {}, 0
  local pipe = assert(io.popen("timeout 5 " .. command))
  for line in pipe:lines() do
    local unit = line:match("^%S+")
    if unit then
      units[unit] = true
      count = count + 1
    end
  end
  local fine, _, status = pipe:close()
  if not fine then error("systemctl failed with status " .. tostring(status), 0) end
  return units, count
end

collectd.register_read(function()
  local now, count = list()
  collectd.dispatch_values{ plugin = "systemd", type = "count", type_instance = "failed", values = { count } }
  for unit in pairs(now) do
    if not failed[unit] then notify(unit, collectd.NOTIF_FAILURE, "has failed") end
  end
  for unit in pairs(failed) do
    if not now[unit] then notify(unit, collectd.NOTIF_OKAY, "works again") end
  end
  failed = now
  return 0
end)
