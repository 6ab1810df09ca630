-- SPDX-License-Identifier: MIT
-- Whether pages answer: http-NAME/response_code (0: no answer) and http-NAME/response_time in seconds.
--
--   Page NAME URL
--   Timeout SECONDS              (5) for each of them
local pages = {}
local timeout = 5

collectd.register_config(function(conf)
  timeout = conf.Timeout or timeout
  for _, option in ipairs(conf) do
    if option.key == "Page" then pages[#pages + 1] = { name = option.values[1], url = option.values[2] } end
  end
end)

local function quoted(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

-- All at once: a page that hangs must not cost the others their time.
local function ask()
  for _, page in ipairs(pages) do
    page.pipe = assert(io.popen(("curl -sS -o /dev/null --max-time %g -w '%%{http_code} %%{time_total}' %s 2>/dev/null"):format(
      timeout, quoted(page.url))))
  end
end

local function dispatch(page, type, value)
  collectd.dispatch_values{ plugin = "http", plugin_instance = page.name, type = type, values = { value } }
end

collectd.register_read(function()
  ask()
  for _, page in ipairs(pages) do
    local code, time = page.pipe:read("a"):match("^(%d+) ([%d.]+)")
    page.pipe:close()
    dispatch(page, "response_code", tonumber(code) or 0)
    if tonumber(code) ~= 0 and time then dispatch(page, "response_time", tonumber(time)) end
  end
  return 0
end)
