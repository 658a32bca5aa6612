// SPDX-License-Identifier: BSD-3-Clause
// What a test cannot do in a build with a sanitizer.
#pragma once

namespace jumper::testing {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kIsSanitized = true;
#else
inline constexpr bool kIsSanitized = false;
#endif

// Whether the child of a fork() may use the heap, or start threads, where other threads of its
// parent used the heap at that moment. The C library unlocks its heap in the child. The sanitizers
// of the compilers we build with bring a heap of their own and do not: such a child may wait for
// ever for a lock whose owner it does not have.
inline constexpr bool kForkedChildHasAHeap = !kIsSanitized;

}  // namespace jumper::testing
