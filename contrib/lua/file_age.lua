-- SPDX-License-Identifier: MIT
-- How old the newest of some files is: file_age-NAME/duration. A backup that is late is a notification.
--
--   Files NAME "PATTERN" [SECONDS]   the shell's pattern; older than so many seconds is a failure
local watched = {}

collectd.register_config(function(conf)
  for _, option in ipairs(conf) do
    if option.key == "Files" then
      watched[#watched + 1] = { name = option.values[1], pattern = option.values[2], limit = option.values[3] }
    end
  end
end)

-- When the newest was changed; nil: there is none.
local function newest(pattern)
  local pipe = assert(io.popen("stat -c %Y -- " .. pattern .. " 2>/dev/null"))
  local last
  for line in pipe:lines() do last = math.max(last or 0, tonumber(line)) end
  pipe:close()
  return last
end

-- Once when it becomes late, once when it is no longer.
local function judge(files, late, message)
  if late == (files.late or false) then return end
  files.late = late
  collectd.dispatch_notification{ severity = late and collectd.NOTIF_FAILURE or collectd.NOTIF_OKAY,
    plugin = "file_age", plugin_instance = files.name, type = "duration", message = message }
end

collectd.register_read(function()
  for _, files in ipairs(watched) do
    local changed = newest(files.pattern)
    if changed then
      local age = math.max(0, os.time() - changed)
      collectd.dispatch_values{ plugin = "file_age", plugin_instance = files.name, type = "duration", values = { age } }
      if files.limit then
        judge(files, age > files.limit, ("The newest of %s is %d s old."):format(files.pattern, age))
      end
    elseif files.limit then
      judge(files, true, ("There is no file %s."):format(files.pattern))
    end
  end
  return 0
end)
