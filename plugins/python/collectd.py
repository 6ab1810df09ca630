# SPDX-License-Identifier: MIT
"""What scripts of vitald's python plugin see as the module collectd: collectd's own interface.

Values and notifications are made here and dispatched; callbacks are registered here and called when
their moment has come. All of it may be used from any thread.
"""

import operator

import _vital

DS_TYPE_COUNTER = "counter"
DS_TYPE_GAUGE = "gauge"
DS_TYPE_DERIVE = "derive"
DS_TYPE_ABSOLUTE = "absolute"

LOG_ERROR, LOG_WARNING, LOG_NOTICE, LOG_INFO, LOG_DEBUG = 3, 4, 5, 6, 7
NOTIF_FAILURE, NOTIF_WARNING, NOTIF_OKAY = 1, 2, 4


class CollectdError(Exception):
    """Raised by a callback, it is logged as a warning and never with a traceback."""


class Signed(int):
    """An integer that meta data keep as a signed one."""


class Unsigned(int):
    """An integer that meta data keep as an unsigned one."""


class Config:
    """One option of a Module block, or the block itself; blocks have children."""

    __slots__ = ("parent", "key", "values", "children")

    def __init__(self, key, parent=None, values=(), children=()):
        self.key = key
        self.parent = parent
        self.values = tuple(values)
        self.children = tuple(children)

    def __repr__(self):
        return f"collectd.Config(key={self.key!r},values={self.values!r})"

    __str__ = __repr__


def _text(name):
    """An attribute that is a string, or bytes; anything else is refused where it is set."""
    slot = "_" + name

    def get(self):
        return getattr(self, slot)

    def put(self, value):
        if not isinstance(value, (str, bytes)):
            raise TypeError(f"{name} must be a string, not {type(value).__name__}")
        setattr(self, slot, value)

    return property(get, put)


def _known_type(name):
    if name and not _vital.knows_type(name):
        raise TypeError(f"Dataset {name} not found")
    return name


class PluginData:
    """What names a value or a notification."""

    def __init__(self, type="", plugin_instance="", type_instance="", plugin="", host="", time=0.0):
        self.type = type
        self.plugin_instance = plugin_instance
        self.type_instance = type_instance
        self.plugin = plugin
        self.host = host
        self.time = time

    plugin_instance = _text("plugin_instance")
    type_instance = _text("type_instance")
    plugin = _text("plugin")
    host = _text("host")

    @property
    def type(self):
        return self._type

    @type.setter
    def type(self, name):
        self._type = _known_type(name)

    @property
    def time(self):
        return self._time

    @time.setter
    def time(self, seconds):
        self._time = float(seconds)

    def _shown(self, **more):
        names = {"type": self.type, "type_instance": self.type_instance, "plugin": self.plugin,
                 "plugin_instance": self.plugin_instance, "host": self.host, "time": self.time or None, **more}
        inner = ",".join(f"{name}={value!r}" for name, value in names.items() if value not in ("", None, {}))
        return f"collectd.{self.__class__.__name__}({inner})"


def _or(given, own):
    return own if given is None else given


class Values(PluginData):
    """A value list: what a read callback dispatches and a write callback is given."""

    def __init__(self, type="", values=(), plugin_instance="", type_instance="", plugin="", host="", time=0.0,
                 interval=0.0, meta=None):
        super().__init__(type, plugin_instance, type_instance, plugin, host, time)
        self.values = values if values else []
        self.interval = float(interval)
        self.meta = {} if meta is None else meta

    def dispatch(self, type=None, values=None, plugin_instance=None, type_instance=None, plugin=None, host=None,
                 time=None, interval=None, meta=None):
        """Hands the values to the daemon; an argument takes the place of the attribute this once."""
        _vital.dispatch(_or(type, self._type), _or(values, self.values), _or(plugin_instance, self._plugin_instance),
                        _or(type_instance, self._type_instance), _or(plugin, self._plugin), _or(host, self._host),
                        _or(time, self._time), _or(interval, self.interval), _or(meta, self.meta))

    def write(self, destination, type=None, values=None, plugin_instance=None, type_instance=None, plugin=None,
              host=None, time=None, interval=None, meta=None):
        """Hands the values to one writer, past the cache and the chains; else as dispatch()."""
        _vital.write(destination, _or(type, self._type), _or(values, self.values),
                     _or(plugin_instance, self._plugin_instance), _or(type_instance, self._type_instance),
                     _or(plugin, self._plugin), _or(host, self._host), _or(time, self._time),
                     _or(interval, self.interval), _or(meta, self.meta))

    def __repr__(self):
        return self._shown(interval=self.interval or None, values=self.values, meta=self.meta)

    __str__ = __repr__


class Notification(PluginData):
    """An event that somebody should hear of."""

    def __init__(self, type="", message="", plugin_instance="", type_instance="", plugin="", host="", time=0.0,
                 severity=0, meta=None):
        super().__init__(type, plugin_instance, type_instance, plugin, host, time)
        self.message = message
        self.severity = severity
        self.meta = {} if meta is None else meta

    message = _text("message")

    def dispatch(self, type=None, message=None, plugin_instance=None, type_instance=None, plugin=None, host=None,
                 time=None, severity=None, meta=None):
        """Hands the notification to the daemon; an argument takes the place of the attribute this once."""
        _vital.notify(_known_type(_or(type, self._type)), _or(message, self._message),
                      _or(plugin_instance, self._plugin_instance), _or(type_instance, self._type_instance),
                      _or(plugin, self._plugin), _or(host, self._host), _or(time, self._time),
                      _or(severity, self.severity), _or(meta, self.meta))

    def __repr__(self):
        return self._shown(message=self.message, severity=self.severity, meta=self.meta)

    __str__ = __repr__


_NOTHING = object()


def _identifier(callback, name):
    if name is None:
        name = getattr(callback, "__module__", None) or str(id(callback))
    return name if name.startswith("python.") else "python." + name


def _register(kind, callback, data, name, interval=0.0):
    if not callable(callback):
        raise TypeError("callback needs a be a callable object.")
    identifier = _identifier(callback, name)
    _vital.register(kind, identifier, callback, () if data is _NOTHING else (data,), float(interval))
    return identifier


def register_config(callback, data=_NOTHING, name=None):
    return _register("config", callback, data, name)


def register_init(callback, data=_NOTHING, name=None):
    return _register("init", callback, data, name)


def register_read(callback, interval=0, data=_NOTHING, name=None):
    return _register("read", callback, data, name, interval)


def register_write(callback, data=_NOTHING, name=None):
    return _register("write", callback, data, name)


def register_flush(callback, data=_NOTHING, name=None):
    return _register("flush", callback, data, name)


def register_log(callback, data=_NOTHING, name=None):
    return _register("log", callback, data, name)


def register_notification(callback, data=_NOTHING, name=None):
    return _register("notification", callback, data, name)


def register_shutdown(callback, data=_NOTHING, name=None):
    return _register("shutdown", callback, data, name)


def _unregister(kind, identifier):
    if isinstance(identifier, bytes):
        identifier = identifier.decode()
    if not isinstance(identifier, str) and not callable(identifier):
        raise TypeError("This function needs a string or a callable object as its only parameter.")
    name = identifier if isinstance(identifier, str) else _identifier(identifier, None)
    if not _vital.unregister(kind, name):
        raise RuntimeError(f"Unable to unregister {kind} callback '{name}'.")


def unregister_config(identifier):
    _unregister("config", identifier)


def unregister_init(identifier):
    _unregister("init", identifier)


def unregister_read(identifier):
    _unregister("read", identifier)


def unregister_write(identifier):
    _unregister("write", identifier)


def unregister_flush(identifier):
    _unregister("flush", identifier)


def unregister_log(identifier):
    _unregister("log", identifier)


def unregister_notification(identifier):
    _unregister("notification", identifier)


def unregister_shutdown(identifier):
    _unregister("shutdown", identifier)


def get_dataset(name):
    """[(name, type, min, max), ...] of a type; TypeError for one that types.db has not."""
    sources = _vital.dataset(name)
    if sources is None:
        raise TypeError(f"Dataset {name} not found")
    return sources


def flush(plugin=None, timeout=-1, identifier=None):
    """Asks writers to write out what they hold, that one or all, and does not wait for it."""
    _vital.flush(_or(plugin, ""), operator.index(timeout), _or(identifier, ""))


def error(message):
    _vital.log(LOG_ERROR, message)


def warning(message):
    _vital.log(LOG_WARNING, message)


def notice(message):
    _vital.log(LOG_NOTICE, message)


def info(message):
    _vital.log(LOG_INFO, message)


def debug(message):
    _vital.log(LOG_DEBUG, message)
