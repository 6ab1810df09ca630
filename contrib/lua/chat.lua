-- SPDX-License-Identifier: MIT
-- Sends each notification to a chat: a POST of {"text": "..."} as Slack, Mattermost and others take it.
--
--   URL "https://chat.example.org/hooks/..."
--   Least "WARNING"              leaves out what is less grave: FAILURE, WARNING (the default) or OKAY.
--                                An OKAY is sent when its alert was
--   Command "curl ..."           instead of curl: gets the message on its standard input
local url, command
local least = "WARNING"
local names = { [collectd.NOTIF_FAILURE] = "FAILURE", [collectd.NOTIF_WARNING] = "WARNING",
  [collectd.NOTIF_OKAY] = "OKAY" }
local alerted = {}

local function quoted(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

collectd.register_config(function(conf)
  url, command = conf.URL, conf.Command
  least = (conf.Least or least):upper()
end)

local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n" }
local function json(text)
  return '"' .. text:gsub('[%c"\\]', function(c) return escapes[c] or ("\\u%04x"):format(c:byte()) end) .. '"'
end

local function send(text)
  local pipe = assert(io.popen(command or "timeout 10 curl -fsS -o /dev/null -H 'Content-Type: application/json' -d @- "
    .. quoted(url), "w"))
  pipe:write('{"text": ', json(text), "}\n")
  local fine, _, status = pipe:close()
  if not fine then error("the chat took no message: status " .. tostring(status), 0) end
end

local function wanted(notification, subject)
  local grave = notification.severity == collectd.NOTIF_FAILURE
    or notification.severity == collectd.NOTIF_WARNING and least ~= "FAILURE"
  if grave then
    alerted[subject] = true
    return true
  end
  local known = alerted[subject]
  if notification.severity == collectd.NOTIF_OKAY then alerted[subject] = nil end
  return least == "OKAY" or known
end

collectd.register_notification(function(notification)
  local subject = table.concat({ notification.host, notification.plugin, notification.plugin_instance,
    notification.type, notification.type_instance }, "/")
  if not wanted(notification, subject) then return 0 end
  send(("%s on %s: %s"):format(names[notification.severity], notification.host, notification.message))
  return 0
end)
