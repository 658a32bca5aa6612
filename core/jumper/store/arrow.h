// SPDX-License-Identifier: BSD-3-Clause
// A snapshot for other libraries (pyarrow, polars, pandas, DuckDB), by the Arrow C data and C
// stream interfaces: a few structs by which one library hands memory to another, without a library
// of their own. https://arrow.apache.org/docs/format/CDataInterface.html and CStreamInterface.html
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/store/snapshot.h"

// As the specification words them, guards included: another library may declare them as well.
extern "C" {

#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

struct ArrowSchema {
  const char* format;
  const char* name;
  const char* metadata;
  int64_t flags;
  int64_t n_children;
  struct ArrowSchema** children;
  struct ArrowSchema* dictionary;
  void (*release)(struct ArrowSchema*);
  void* private_data;
};

struct ArrowArray {
  int64_t length;
  int64_t null_count;
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void** buffers;
  struct ArrowArray** children;
  struct ArrowArray* dictionary;
  void (*release)(struct ArrowArray*);
  void* private_data;
};

#endif  // ARROW_C_DATA_INTERFACE

#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE

struct ArrowArrayStream {
  int (*get_schema)(struct ArrowArrayStream*, struct ArrowSchema* out);
  int (*get_next)(struct ArrowArrayStream*, struct ArrowArray* out);
  const char* (*get_last_error)(struct ArrowArrayStream*);
  void (*release)(struct ArrowArrayStream*);
  void* private_data;
};

#endif  // ARROW_C_STREAM_INTERFACE
}

namespace jumper::store {

inline constexpr std::string_view kTimeName = "time_ns";
// In the schema's metadata when rows are thinned: the last time up to which they are.
inline constexpr std::string_view kThinnedName = "jumper.thinned_until_ns";

// level/metric, and /instance for one of many: process/memory_bytes, system/cpu_seconds_total/0.
[[nodiscard]] std::string column_name(const metric::SeriesKey& key);

// How many of what is stored make one of what the column's name says: nanoseconds in a second.
// Columns where it is 1 are handed out as they lie.
[[nodiscard]] double stored_per_unit(const metric::SeriesKey& key);

// Fills `out`, whose release gives back what it holds. Batches: one per chunk. Columns: time_ns
// (int64, nanoseconds on CLOCK_MONOTONIC), then each series as float64, null where nothing was
// measured: readers then skip it, where a NaN would go into their sums.
void export_schema(const Snapshot& snapshot, ArrowSchema& out);
void export_stream(Snapshot snapshot, ArrowArrayStream& out);

}  // namespace jumper::store
