// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/store/arrow.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <new>
#include <utility>

namespace jumper::store {
namespace {

constexpr const char* kStructFormat = "+s";
constexpr const char* kInt64Format = "l";
constexpr const char* kFloat64Format = "g";

// What an ArrowSchema or ArrowArray that we hand out keeps alive. Goes with its release.
template <typename Struct>
struct Owner {
  Owner() = default;
  Owner(const Owner&) = delete;
  Owner& operator=(const Owner&) = delete;
  ~Owner() {
    // A child that was moved out of here has no release any more.
    for (Struct& child : children) {
      if (child.release != nullptr) child.release(&child);
    }
  }
  [[nodiscard]] Struct** pointers() {
    for (Struct& child : children) child_pointers.push_back(&child);
    return child_pointers.data();
  }

  std::vector<Struct> children;
  std::vector<Struct*> child_pointers;
};

// ---- schemas -------------------------------------------------------------------------------

struct SchemaOwner : Owner<ArrowSchema> {
  std::string name;
  std::string metadata;
};

void release_schema(ArrowSchema* schema) {
  delete static_cast<SchemaOwner*>(schema->private_data);
  schema->release = nullptr;
}

void fill_schema(ArrowSchema& out, const char* format, int64_t flags,
                 std::unique_ptr<SchemaOwner> owner) {
  out = {};
  out.format = format;
  out.name = owner->name.c_str();
  out.metadata = owner->metadata.empty() ? nullptr : owner->metadata.data();
  out.flags = flags;
  out.n_children = static_cast<int64_t>(owner->children.size());
  out.children = owner->pointers();
  out.release = release_schema;
  out.private_data = owner.release();
}

void fill_field(ArrowSchema& out, std::string name, const char* format, int64_t flags) {
  auto owner = std::make_unique<SchemaOwner>();
  owner->name = std::move(name);
  fill_schema(out, format, flags, std::move(owner));
}

// One key with its value, as the specification has them: each number and text behind the other.
std::string encode_metadata(std::string_view key, std::string_view value) {
  std::string encoded;
  const auto put_number = [&](size_t number) {
    const auto word = static_cast<int32_t>(number);
    encoded.append(reinterpret_cast<const char*>(&word), sizeof(word));
  };
  put_number(1);
  for (const std::string_view text : {key, value}) {
    put_number(text.size());
    encoded += text;
  }
  return encoded;
}

// ---- batches -------------------------------------------------------------------------------

// The memory of one batch, shared by its columns: a reader may keep one and release the others.
class BatchMemory {
 public:
  // Room for so many columns of numbers with a bitmap each.
  BatchMemory(std::shared_ptr<const Chunk> chunk, size_t rows, size_t columns)
      : chunk_(std::move(chunk)),
        column_bytes_(padded(rows * sizeof(double))),
        bitmap_bytes_(padded((rows + 7) / 8)) {
    memory_.reset(::operator new(columns*(column_bytes_ + bitmap_bytes_), kAlignment));
    next_ = static_cast<char*>(memory_.get());
  }

  template <typename Value>
  [[nodiscard]] Value* take_column() {
    return reinterpret_cast<Value*>(std::exchange(next_, next_ + column_bytes_));
  }
  [[nodiscard]] uint8_t* take_bitmap() {
    return reinterpret_cast<uint8_t*>(std::exchange(next_, next_ + bitmap_bytes_));
  }

 private:
  static constexpr std::align_val_t kAlignment{64};  // what the specification recommends
  struct Delete {
    void operator()(void* memory) const { ::operator delete(memory, kAlignment); }
  };
  static constexpr size_t padded(size_t bytes) {
    constexpr auto kUnit = static_cast<size_t>(kAlignment);
    return (bytes + kUnit - 1) / kUnit * kUnit;
  }

  std::shared_ptr<const Chunk> chunk_;  // keeps alive what is handed out as it lies; or null
  size_t column_bytes_;
  size_t bitmap_bytes_;
  std::unique_ptr<void, Delete> memory_;
  char* next_ = nullptr;
};

struct ArrayOwner : Owner<ArrowArray> {
  std::shared_ptr<const BatchMemory> memory;
  std::array<const void*, 2> buffers{};  // validity, values
};

void release_array(ArrowArray* array) {
  delete static_cast<ArrayOwner*>(array->private_data);
  array->release = nullptr;
}

void fill_array(ArrowArray& out, size_t length, int64_t nulls, int64_t buffers,
                std::unique_ptr<ArrayOwner> owner) {
  out = {};
  out.length = static_cast<int64_t>(length);
  out.null_count = nulls;
  out.n_buffers = buffers;
  out.buffers = owner->buffers.data();
  out.n_children = static_cast<int64_t>(owner->children.size());
  out.children = owner->pointers();
  out.release = release_array;
  out.private_data = owner.release();
}

// Sets a bit for each value that is there; returns how many are not.
int64_t write_validity(std::span<const double> values, uint8_t* bitmap) {
  int64_t nulls = 0;
  for (size_t start = 0; start < values.size(); start += 8) {
    const auto group = values.subspan(start, std::min<size_t>(8, values.size() - start));
    unsigned bits = 0;
    for (size_t i = 0; i < group.size(); ++i) {
      const bool present = !metric::is_absent(group[i]);
      bits |= (present ? 1U : 0U) << i;
      nulls += present ? 0 : 1;
    }
    bitmap[start / 8] = static_cast<uint8_t>(bits);
  }
  return nulls;
}

// Makes a batch of one chunk, sealed or open.
class BatchMaker {
 public:
  BatchMaker(const std::vector<metric::SeriesKey>& keys, const SealedChunk& chunk)
      : keys_(keys), schema_(*chunk.schema), sealed_(&chunk), rows_(chunk.rows.size()) {}
  BatchMaker(const std::vector<metric::SeriesKey>& keys, std::shared_ptr<const Chunk> chunk,
             size_t rows)
      : keys_(keys), schema_(*chunk->schema), open_(std::move(chunk)), rows_(rows) {}

  void make(ArrowArray& out);

 private:
  void add_column(const void* values, const void* validity, int64_t nulls);
  [[nodiscard]] const int64_t* times();
  [[nodiscard]] const double* values(const metric::SeriesKey& key);

  const std::vector<metric::SeriesKey>& keys_;
  const metric::Schema& schema_;
  const SealedChunk* sealed_ = nullptr;
  std::shared_ptr<const Chunk> open_;
  size_t rows_;
  std::shared_ptr<BatchMemory> memory_;
  std::unique_ptr<ArrayOwner> batch_;
};

void BatchMaker::make(ArrowArray& out) {
  const size_t columns = keys_.size() + 1;
  memory_ = std::make_shared<BatchMemory>(open_, rows_, columns);
  batch_ = std::make_unique<ArrayOwner>();
  batch_->children.reserve(columns);  // their places are pointed to
  add_column(times(), nullptr, 0);
  for (const metric::SeriesKey& key : keys_) {
    const double* column = values(key);
    uint8_t* bitmap = memory_->take_bitmap();
    const int64_t nulls = write_validity({column, rows_}, bitmap);
    add_column(column, nulls == 0 ? nullptr : bitmap, nulls);
  }
  fill_array(out, rows_, 0, 1, std::move(batch_));
}

void BatchMaker::add_column(const void* values, const void* validity, int64_t nulls) {
  auto owner = std::make_unique<ArrayOwner>();
  owner->memory = memory_;
  owner->buffers = {validity, values};
  fill_array(batch_->children.emplace_back(), rows_, nulls, 2, std::move(owner));
}

const int64_t* BatchMaker::times() {
  if (open_) return open_->times_ns.get();
  auto* times = memory_->take_column<int64_t>();
  sealed_->rows.copy_times(0, rows_, times);
  return times;
}

const double* BatchMaker::values(const metric::SeriesKey& key) {
  const auto column = schema_.find(key);
  const double per_unit = stored_per_unit(key);
  if (column && open_ && per_unit == 1) return open_->column(*column);
  auto* values = memory_->take_column<double>();
  if (!column) {
    std::fill_n(values, rows_, metric::kAbsent);
  } else if (open_) {
    std::copy_n(open_->column(*column), rows_, values);
  } else {
    sealed_->rows.copy_column(*column, 0, rows_, values);
  }
  if (per_unit != 1) {
    for (size_t row = 0; row < rows_; ++row) values[row] /= per_unit;
  }
  return values;
}

// ---- the stream ----------------------------------------------------------------------------

struct StreamOwner {
  Snapshot snapshot;
  std::vector<metric::SeriesKey> keys;
  size_t next_chunk = 0;
  const char* error = nullptr;
};

// Callbacks of C: no exception may leave them. There is one that can happen.
template <typename Make>
int guarded(StreamOwner& owner, Make make) {
  try {
    make();
    return 0;
  } catch (const std::bad_alloc&) {
    owner.error = "out of memory";
    return ENOMEM;
  }
}

int get_schema(ArrowArrayStream* stream, ArrowSchema* out) {
  auto& owner = *static_cast<StreamOwner*>(stream->private_data);
  return guarded(owner, [&] { export_schema(owner.snapshot, *out); });
}

int get_next(ArrowArrayStream* stream, ArrowArray* out) {
  auto& owner = *static_cast<StreamOwner*>(stream->private_data);
  const Snapshot& snapshot = owner.snapshot;
  return guarded(owner, [&] {
    const size_t chunk = owner.next_chunk;
    if (chunk < snapshot.sealed().size()) {
      BatchMaker(owner.keys, *snapshot.sealed().at(chunk).chunk).make(*out);
    } else if (chunk == snapshot.sealed().size() && snapshot.open_rows() > 0) {
      BatchMaker(owner.keys, snapshot.open(), snapshot.open_rows()).make(*out);
    } else {
      *out = {};  // without release: the end
      return;
    }
    ++owner.next_chunk;
  });
}

const char* get_last_error(ArrowArrayStream* stream) {
  return static_cast<StreamOwner*>(stream->private_data)->error;
}

void release_stream(ArrowArrayStream* stream) {
  delete static_cast<StreamOwner*>(stream->private_data);
  stream->release = nullptr;
}

}  // namespace

std::string column_name(const metric::SeriesKey& key) {
  std::string name(metric::scope_name(key.scope));
  name += '/';
  name += metric::info(key.metric).name;
  if (key.instance != metric::kWhole) name += '/' + std::to_string(key.instance);
  return name;
}

double stored_per_unit(const metric::SeriesKey& key) {
  return metric::info(key.metric).stored_per_unit;
}

void export_schema(const Snapshot& snapshot, ArrowSchema& out) {
  const std::vector<metric::SeriesKey> keys = snapshot.series();
  auto owner = std::make_unique<SchemaOwner>();
  if (const auto until_ns = snapshot.thinned_until_ns()) {
    owner->metadata = encode_metadata(kThinnedName, std::to_string(*until_ns));
  }
  owner->children.reserve(keys.size() + 1);  // their places are pointed to
  fill_field(owner->children.emplace_back(), std::string(kTimeName), kInt64Format, 0);
  for (const metric::SeriesKey& key : keys) {
    fill_field(owner->children.emplace_back(), column_name(key), kFloat64Format,
               ARROW_FLAG_NULLABLE);
  }
  fill_schema(out, kStructFormat, 0, std::move(owner));
}

void export_stream(Snapshot snapshot, ArrowArrayStream& out) {
  auto owner = std::make_unique<StreamOwner>();
  owner->keys = snapshot.series();
  owner->snapshot = std::move(snapshot);
  out = {};
  out.get_schema = get_schema;
  out.get_next = get_next;
  out.get_last_error = get_last_error;
  out.release = release_stream;
  out.private_data = owner.release();
}

}  // namespace jumper::store
