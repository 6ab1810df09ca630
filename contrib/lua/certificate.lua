-- SPDX-License-Identifier: MIT
-- How many days certificates are still good for: certificate-NAME/gauge-days. Negative: expired.
--
--   Certificate NAME FILE        in PEM
--   Certificate NAME HOST:PORT   what a server shows
--   Every SECONDS                how often they are looked at (3600); the value is known in between
local certificates = {}
local every = 3600
local months = { Jan = 1, Feb = 2, Mar = 3, Apr = 4, May = 5, Jun = 6, Jul = 7, Aug = 8, Sep = 9, Oct = 10,
  Nov = 11, Dec = 12 }

collectd.register_config(function(conf)
  every = conf.Every or every
  for _, option in ipairs(conf) do
    if option.key == "Certificate" then
      certificates[#certificates + 1] = { name = option.values[1], from = option.values[2], look = 0 }
    end
  end
end)

local function quoted(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

-- Seconds since 1970 of a time in UTC.
local function utc(year, month, day, hour, minute, second)
  local y = month <= 2 and year - 1 or year
  local era = y // 400
  local doy = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
  local yoe = y - era * 400
  local days = era * 146097 + yoe * 365 + yoe // 4 - yoe // 100 + doy - 719468
  return days * 86400 + hour * 3600 + minute * 60 + second
end

local function expiry(from)
  local command
  if from:find("^/") then
    command = "openssl x509 -noout -enddate -in " .. quoted(from)
  else
    local host = from:match("^(.*):%d+$") or from
    command = "timeout 5 openssl s_client -connect " .. quoted(from) .. " -servername " .. quoted(host) ..
      " </dev/null 2>/dev/null | openssl x509 -noout -enddate"
  end
  local pipe = assert(io.popen(command .. " 2>/dev/null"))
  local answer = pipe:read("a")
  pipe:close()
  local month, day, hour, minute, second, year = answer:match("notAfter=(%a+)%s+(%d+) (%d+):(%d+):(%d+) (%d+)")
  if not months[month] then return nil end
  return utc(tonumber(year), months[month], tonumber(day), tonumber(hour), tonumber(minute), tonumber(second))
end

collectd.register_read(function()
  local now = os.time()
  local failed
  for _, certificate in ipairs(certificates) do
    if now >= certificate.look then
      certificate.expiry = expiry(certificate.from)
      certificate.look = certificate.expiry and now + every or now + 60
    end
    if certificate.expiry then
      collectd.dispatch_values{ plugin = "certificate", plugin_instance = certificate.name, type = "gauge",
        type_instance = "days", values = { (certificate.expiry - now) / 86400 } }
    else
      failed = failed or certificate.from
    end
  end
  if failed then error("no certificate can be had from " .. failed, 0) end
  return 0
end)
