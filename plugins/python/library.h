// SPDX-License-Identifier: MIT
#pragma once
#include "python/session.h"

namespace vital::python {

/// The two modules that scripts' import finds: _vital, which is functions of ours, and on top of it
/// collectd, which is written in Python (collectd.py).
///
/// Threads  the main thread, with the interpreter's lock

/// Before the interpreter starts: makes _vital known.
void announce_library() noexcept;
/// Makes both ready for scripts. Empty: Python's error is set.
Ref load_library(Session& session);

}  // namespace vital::python
