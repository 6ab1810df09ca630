-- SPDX-License-Identifier: MIT
-- The depth of queues, from commands that print a number first: queue-NAME/queue_length.
--
--   Queue NAME "COMMAND"         such as "postqueue -j | wc -l"
--   Timeout SECONDS              (5) for each of them
local queues = {}
local timeout = 5

collectd.register_config(function(conf)
  timeout = conf.Timeout or timeout
  for _, option in ipairs(conf) do
    if option.key == "Queue" then queues[#queues + 1] = { name = option.values[1], command = option.values[2] } end
  end
end)

local function quoted(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

collectd.register_read(function()
  local failed
  for _, queue in ipairs(queues) do
    local pipe = assert(io.popen(("timeout %g sh -c %s"):format(timeout, quoted(queue.command))))
    local depth = tonumber(pipe:read("a"):match("^%s*([%d.]+)"))
    pipe:close()
    if depth then
      collectd.dispatch_values{ plugin = "queue", plugin_instance = queue.name, type = "queue_length", values = { depth } }
    else
      failed = failed or queue.command
    end
  end
  if failed then error("no number came from " .. failed, 0) end
  return 0
end)
