// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/store/arrow.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "jumper/store/store.h"
#include "testing/notebook_session.h"
#include "testing/ticks.h"

namespace jumper::store {
namespace {

using jumper::testing::NotebookSession;
using jumper::testing::series_of;
using metric::Metric;
using metric::Scope;
using metric::SeriesKey;
using metric::TickKind;

constexpr size_t kRows = Chunk::kRows;
const SeriesKey kCpu = series_of(Metric::kCpuTime);
const SeriesKey kCpu1 = series_of(Metric::kCpuTime, Scope::kSystem, 1);
const SeriesKey kMemory = series_of(Metric::kMemory);

// One of the structs, released when it goes, as a reader would; and moved as readers move them.
template <typename Struct>
class Held {
 public:
  Held() = default;
  explicit Held(Struct& from) : value_(std::exchange(from, Struct{})) {}
  Held(Held&& other) noexcept : value_(std::exchange(other.value_, Struct{})) {}
  Held& operator=(Held&&) = delete;
  ~Held() { release(); }
  void release() {
    if (value_.release == nullptr) return;
    value_.release(&value_);
    EXPECT_EQ(value_.release, nullptr);
  }
  Struct* get() { return &value_; }
  Struct* operator->() { return &value_; }

 private:
  Struct value_{};
};

Held<ArrowArrayStream> stream_of(const Snapshot& snapshot) {
  Held<ArrowArrayStream> stream;
  export_stream(snapshot, *stream.get());
  return stream;
}

Held<ArrowSchema> schema_of(Held<ArrowArrayStream>& stream) {
  Held<ArrowSchema> schema;
  EXPECT_EQ(stream->get_schema(stream.get(), schema.get()), 0);
  return schema;
}

std::vector<Held<ArrowArray>> batches_of(Held<ArrowArrayStream>& stream) {
  std::vector<Held<ArrowArray>> batches;
  for (;;) {
    Held<ArrowArray> batch;
    EXPECT_EQ(stream->get_next(stream.get(), batch.get()), 0);
    if (batch->release == nullptr) return batches;
    batches.push_back(std::move(batch));
  }
}

template <typename Value>
const Value* values_of(const ArrowArray& column) {
  return static_cast<const Value*>(column.buffers[1]);
}
bool is_null(const ArrowArray& column, size_t row) {
  const auto* bitmap = static_cast<const uint8_t*>(column.buffers[0]);
  return bitmap != nullptr && (bitmap[row / 8] >> (row % 8) & 1) == 0;
}

std::shared_ptr<const metric::Schema> make_schema(std::vector<SeriesKey> series) {
  return std::make_shared<const metric::Schema>(std::move(series));
}

TEST(Arrow, NamesColumnsByLevelMetricAndInstance) {
  EXPECT_EQ(column_name(kMemory), "process/memory_bytes");
  EXPECT_EQ(column_name(kCpu1), "system/cpu_seconds_total/1");
  EXPECT_EQ(stored_per_unit(kMemory), 1);
  EXPECT_EQ(stored_per_unit(kCpu), 1e9);
}

TEST(Arrow, TellsItsColumns) {
  // GIVEN
  Store store;
  store.begin(make_schema({kCpu, kMemory, kCpu1}));
  store.append({1, TickKind::kStart, std::array{1.0, 2.0, 3.0}});
  Held<ArrowArrayStream> stream = stream_of(store.snapshot());

  // WHEN
  Held<ArrowSchema> schema = schema_of(stream);

  // THEN
  EXPECT_STREQ(schema->format, "+s");
  EXPECT_EQ(schema->metadata, nullptr);
  EXPECT_EQ(schema->dictionary, nullptr);
  ASSERT_EQ(schema->n_children, 4);
  const auto expect_field = [&](size_t i, const char* name, const char* format, int64_t flags) {
    EXPECT_STREQ(schema->children[i]->name, name);
    EXPECT_STREQ(schema->children[i]->format, format);
    EXPECT_EQ(schema->children[i]->flags, flags);
    EXPECT_EQ(schema->children[i]->n_children, 0);
  };
  expect_field(0, "time_ns", "l", 0);
  expect_field(1, "process/cpu_seconds_total", "g", ARROW_FLAG_NULLABLE);
  expect_field(2, "process/memory_bytes", "g", ARROW_FLAG_NULLABLE);
  expect_field(3, "system/cpu_seconds_total/1", "g", ARROW_FLAG_NULLABLE);
}

TEST(Arrow, HandsOutTheOpenChunkAsItLies) {
  // GIVEN
  Store store;
  store.begin(make_schema({kMemory, kCpu}));
  store.append({5, TickKind::kStart, std::array{4096.0, 1e9}});
  store.append({6, TickKind::kPeriodic, std::array{8192.0, 2.5e9}});
  const Snapshot snapshot = store.snapshot();
  Held<ArrowArrayStream> stream = stream_of(snapshot);

  // WHEN
  std::vector<Held<ArrowArray>> batches = batches_of(stream);

  // THEN bytes and times are those of the store, seconds are made from nanoseconds
  ASSERT_EQ(batches.size(), 1U);
  ArrowArray& batch = *batches[0].get();
  EXPECT_EQ(batch.length, 2);
  EXPECT_EQ(batch.n_buffers, 1);
  EXPECT_EQ(batch.buffers[0], nullptr);
  ASSERT_EQ(batch.n_children, 3);
  EXPECT_EQ(values_of<int64_t>(*batch.children[0]), snapshot.open()->times_ns.get());
  EXPECT_EQ(values_of<double>(*batch.children[1]), snapshot.open()->column(0));
  EXPECT_EQ(batch.children[1]->null_count, 0);
  EXPECT_EQ(batch.children[1]->buffers[0], nullptr);
  EXPECT_EQ(values_of<double>(*batch.children[2])[0], 1);
  EXPECT_EQ(values_of<double>(*batch.children[2])[1], 2.5);
}

TEST(Arrow, WhatWasNotMeasuredIsNull) {
  // GIVEN a value absent in every third row, in a sealed chunk and in the open one
  Store store;
  store.begin(make_schema({kMemory}));
  const auto value = [](size_t row) {
    return row % 3 == 1 ? metric::kAbsent : static_cast<double>(row);
  };
  for (size_t row = 0; row < kRows + 11; ++row)
    store.append({static_cast<int64_t>(row), TickKind::kPeriodic, std::array{value(row)}});
  Held<ArrowArrayStream> stream = stream_of(store.snapshot());

  // THEN
  std::vector<Held<ArrowArray>> batches = batches_of(stream);
  ASSERT_EQ(batches.size(), 2U);
  size_t row = 0;
  for (Held<ArrowArray>& batch : batches) {
    const ArrowArray& column = *batch->children[1];
    int64_t nulls = 0;
    for (size_t i = 0; i < static_cast<size_t>(column.length); ++i, ++row) {
      ASSERT_EQ(values_of<int64_t>(*batch->children[0])[i], static_cast<int64_t>(row));
      ASSERT_EQ(is_null(column, i), row % 3 == 1);
      if (!is_null(column, i)) {
        ASSERT_EQ(values_of<double>(column)[i], static_cast<double>(row));
      }
      nulls += row % 3 == 1 ? 1 : 0;
    }
    EXPECT_EQ(column.null_count, nulls);
  }
  EXPECT_EQ(row, kRows + 11);
}

TEST(Arrow, ASeriesThatAChunkHasNotIsNullThere) {
  // GIVEN
  Store store;
  store.begin(make_schema({kMemory}));
  store.append({1, TickKind::kStart, std::array{1.0}});
  store.begin(make_schema({kCpu, kMemory}));
  store.append({2, TickKind::kStart, std::array{2e9, 2.0}});
  Held<ArrowArrayStream> stream = stream_of(store.snapshot());

  // THEN: columns are in the order of their first appearance, in each batch
  EXPECT_STREQ(schema_of(stream)->children[1]->name, "process/memory_bytes");
  std::vector<Held<ArrowArray>> batches = batches_of(stream);
  ASSERT_EQ(batches.size(), 2U);
  EXPECT_FALSE(is_null(*batches[0]->children[1], 0));
  EXPECT_TRUE(is_null(*batches[0]->children[2], 0));
  EXPECT_EQ(batches[0]->children[2]->null_count, 1);
  EXPECT_EQ(values_of<double>(*batches[1]->children[2])[0], 2);
}

TEST(Arrow, AlignsWhatItDecodes) {
  NotebookSession session({.has_curves = true});
  Store store;
  store.begin(NotebookSession::schema());
  for (size_t row = 0; row < kRows; ++row) store.append(session.next());
  Held<ArrowArrayStream> stream = stream_of(store.snapshot());
  std::vector<Held<ArrowArray>> batches = batches_of(stream);
  ASSERT_EQ(batches.size(), 1U);
  for (int64_t i = 0; i < batches[0]->n_children; ++i) {
    for (const size_t buffer : {0U, 1U}) {
      EXPECT_EQ(reinterpret_cast<uintptr_t>(batches[0]->children[i]->buffers[buffer]) % 64, 0U);
    }
  }
}

TEST(Arrow, ABatchOutlivesEverythingElse) {
  // GIVEN batches of a sealed chunk and of an open one
  auto store = std::make_unique<Store>();
  store->begin(make_schema({kMemory}));
  for (size_t row = 0; row < kRows + 2; ++row)
    store->append({static_cast<int64_t>(row), TickKind::kPeriodic,
                   std::array{static_cast<double>(row * row)}});
  std::vector<Held<ArrowArray>> batches;
  {
    Held<ArrowArrayStream> stream = stream_of(store->snapshot());
    batches = batches_of(stream);
  }

  // WHEN store and stream are gone, and a reader keeps one column only
  store.reset();
  Held<ArrowArray> sealed(*batches[0]->children[1]);
  Held<ArrowArray> open(*batches[1]->children[1]);
  batches.clear();

  // THEN
  EXPECT_EQ(values_of<double>(*sealed.get())[kRows - 1],
            static_cast<double>((kRows - 1) * (kRows - 1)));
  EXPECT_EQ(values_of<double>(*open.get())[1], static_cast<double>((kRows + 1) * (kRows + 1)));
}

TEST(Arrow, AFieldOutlivesItsSchema) {
  Store store;
  store.begin(make_schema({kMemory}));
  store.append({1, TickKind::kStart, std::array{1.0}});
  Held<ArrowSchema> schema;
  export_schema(store.snapshot(), *schema.get());
  Held<ArrowSchema> field(*schema->children[1]);
  schema.release();
  EXPECT_STREQ(field->name, "process/memory_bytes");
}

TEST(Arrow, AStreamMayBeReleasedUnread) {
  Store store;
  store.begin(make_schema({kMemory}));
  store.append({1, TickKind::kStart, std::array{1.0}});
  Held<ArrowArrayStream> stream = stream_of(store.snapshot());
  EXPECT_EQ(stream->get_last_error(stream.get()), nullptr);
}

TEST(Arrow, NothingIsAnEmptyTable) {
  Held<ArrowArrayStream> stream = stream_of(Snapshot());
  EXPECT_EQ(schema_of(stream)->n_children, 1);
  EXPECT_TRUE(batches_of(stream).empty());
  EXPECT_TRUE(batches_of(stream).empty()) << "and stays at its end";
}

TEST(Arrow, SaysWhatIsThinned) {
  // GIVEN
  NotebookSession session;
  Store store({size_t{300'000}});
  store.begin(NotebookSession::schema());
  for (size_t row = 0; row < 6 * kRows; ++row) store.append(session.next());
  const auto until_ns = store.snapshot().thinned_until_ns();
  ASSERT_TRUE(until_ns);

  // WHEN
  Held<ArrowArrayStream> stream = stream_of(store.snapshot());
  Held<ArrowSchema> schema = schema_of(stream);

  // THEN one pair of texts, each behind its length
  ASSERT_NE(schema->metadata, nullptr);
  const char* at = schema->metadata;
  const auto number = [&] {
    int32_t value = 0;
    std::memcpy(&value, at, sizeof(value));
    at += sizeof(value);
    return static_cast<size_t>(value);
  };
  const auto text = [&] {
    const size_t size = number();
    return std::string(std::exchange(at, at + size), size);
  };
  EXPECT_EQ(number(), 1U);
  EXPECT_EQ(text(), kThinnedName);
  EXPECT_EQ(text(), std::to_string(*until_ns));
}

}  // namespace
}  // namespace jumper::store
