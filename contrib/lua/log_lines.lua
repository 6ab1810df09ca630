-- SPDX-License-Identifier: MIT
-- How many lines of a log match: log-NAME/derive-INSTANCE, a total that grows. A log that is moved away,
-- or cut, is followed; what was in it before the start does not count.
--
--   Log NAME FILE
--   Count NAME INSTANCE PATTERN  of Lua, for the log of that name
local logs, by_name = {}, {}

collectd.register_config(function(conf)
  for _, option in ipairs(conf) do
    local name, what, pattern = table.unpack(option.values)
    if option.key == "Log" then
      by_name[name] = { name = name, path = what, counts = {} }
      logs[#logs + 1] = by_name[name]
    elseif option.key == "Count" then
      local log = by_name[name] or error("Count for the log " .. name .. ", which is named nowhere above it", 0)
      log.counts[#log.counts + 1] = { instance = what, pattern = pattern, total = 0 }
    end
  end
end)

local function count(log, line)
  for _, one in ipairs(log.counts) do
    if line:find(one.pattern) then one.total = one.total + 1 end
  end
end

-- Reads on from where it was. Half a line waits for its end.
local function read_on(log)
  for line in log.file:lines("L") do
    if line:sub(-1) ~= "\n" then
      log.file:seek("cur", -#line)
      break
    end
    count(log, line)
  end
end

-- The first bytes tell a file from the one that took its place.
local function head(file)
  local at = file:seek()
  file:seek("set")
  local bytes = file:read(64) or ""
  file:seek("set", at)
  return bytes
end

local function same(log, file)
  return file:seek("end") >= log.file:seek() and head(file):sub(1, #log.head) == log.head
end

local function follow(log)
  local file = io.open(log.path)
  if log.file then
    read_on(log)
    if not file then return end      -- moved away, and not there again yet
    if same(log, file) then
      log.head = head(log.file)
      file:close()
      return
    end
    log.file:close()
    file:seek("set")
  elseif file and not log.begun then
    file:seek("end")
  end
  log.begun = true
  if not file then return end
  log.file, log.head = file, head(file)
  read_on(log)
end

collectd.register_read(function()
  for _, log in ipairs(logs) do
    follow(log)
    for _, one in ipairs(log.counts) do
      collectd.dispatch_values{ plugin = "log", plugin_instance = log.name, type = "derive",
        type_instance = one.instance, values = { one.total } }
    end
  end
  return 0
end)
