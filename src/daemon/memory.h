// SPDX-License-Identifier: MIT
#pragma once

namespace vital {

/// One heap for all threads: allocations are rare once it runs, and each further heap would keep
/// some hundred kB. Before the first thread is started.
void share_one_heap() noexcept;

/// Returns to the system what only the start, or the first ticks, needed: free memory of the heap,
/// and the pages of programs and libraries, of which those that are used come back from the page
/// cache.
///
/// Threads  any
void return_memory_of_start() noexcept;

}  // namespace vital
