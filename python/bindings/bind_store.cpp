// SPDX-License-Identifier: BSD-3-Clause
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <memory>
#include <span>
#include <utility>

#include "jumper/store/arrow.h"
#include "python/bindings/bind.h"

namespace jumper::bindings {
namespace {

using store::Snapshot;

// A snapshot with its columns by name.
class SampleTable {
 public:
  explicit SampleTable(Snapshot snapshot)
      : snapshot_(std::move(snapshot)), keys_(snapshot_.series()) {}

  [[nodiscard]] const Snapshot& snapshot() const { return snapshot_; }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> names = {std::string(store::kTimeName)};
    for (const metric::SeriesKey& key : keys_) names.push_back(store::column_name(key));
    return names;
  }
  [[nodiscard]] metric::SeriesKey find(const std::string& name) const {
    for (const metric::SeriesKey& key : keys_) {
      if (store::column_name(key) == name) return key;
    }
    throw JumperError{"there is no column '" + name + "': names has those that there are"};
  }

 private:
  Snapshot snapshot_;
  std::vector<metric::SeriesKey> keys_;
};

// An array that keeps alive whose memory it shows. Nobody may write to it: others see it as well.
template <typename Value, typename Owner>
nb::object show(std::span<const Value> values, Owner owner) {
  auto* kept = new Owner(std::move(owner));
  const nb::capsule capsule(kept,
                            [](void* pointer) noexcept { delete static_cast<Owner*>(pointer); });
  return nb::cast(
      nb::ndarray<nb::numpy, const Value, nb::ndim<1>>(values.data(), {values.size()}, capsule));
}

template <typename Value>
nb::object keep(std::vector<Value> values) {
  auto owner = std::make_shared<const std::vector<Value>>(std::move(values));
  return show(std::span<const Value>(*owner), owner);
}

// Times of the rows, decoded and copied.
std::vector<int64_t> read_times(const Snapshot& snapshot, store::RowRange rows) {
  const nb::gil_scoped_release release;
  std::vector<int64_t> times_ns;
  times_ns.reserve(rows.size());
  store::ColumnReader reader(snapshot, {});
  while (!rows.empty()) {
    rows.begin = reader.move_to(rows).end;
    const std::span<const int64_t> part = reader.times_ns();
    times_ns.insert(times_ns.end(), part.begin(), part.end());
  }
  return times_ns;
}

std::vector<double> read_values(const Snapshot& snapshot, const metric::SeriesKey& key,
                                store::RowRange rows) {
  const nb::gil_scoped_release release;
  std::vector<double> values;
  values.reserve(rows.size());
  store::ColumnReader reader(snapshot, {key});
  while (!rows.empty()) {
    const store::RowRange moved = reader.move_to(rows);
    rows.begin = moved.end;
    const std::span<const double> part = reader.values(0);
    values.insert(values.end(), part.begin(), part.end());
    if (part.empty()) values.resize(values.size() + moved.size(), metric::kAbsent);
  }
  const double per_unit = store::stored_per_unit(key);
  if (per_unit != 1) {
    for (double& value : values) value /= per_unit;
  }
  return values;
}

// A column of rows that lie in one chunk, or of all rows. What the open chunk has is shown as it
// lies.
nb::object read(const SampleTable& table, const std::string& name, store::RowRange rows) {
  const Snapshot& snapshot = table.snapshot();
  const bool is_open = !rows.empty() && rows.begin >= snapshot.sealed().rows();
  const size_t from = is_open ? rows.begin - snapshot.sealed().rows() : 0;
  if (name == store::kTimeName) {
    if (!is_open) return keep(read_times(snapshot, rows));
    return show(std::span<const int64_t>(snapshot.open()->times_ns.get() + from, rows.size()),
                snapshot.open());
  }
  const metric::SeriesKey key = table.find(name);
  if (is_open && store::stored_per_unit(key) == 1) {
    if (const auto column = snapshot.open()->schema->find(key)) {
      return show(std::span<const double>(snapshot.open()->column(*column) + from, rows.size()),
                  snapshot.open());
    }
  }
  return keep(read_values(snapshot, key, rows));
}

nb::object column(const SampleTable& table, const std::string& name) {
  return read(table, name, {0, table.snapshot().rows()});
}

nb::list column_parts(const SampleTable& table, const std::string& name) {
  const Snapshot& snapshot = table.snapshot();
  nb::list parts;
  for (size_t chunk = 0; chunk < snapshot.sealed().size(); ++chunk) {
    const store::ChunkList::Place place = snapshot.sealed().at(chunk);
    parts.append(read(table, name, {place.first_row, place.end_row}));
  }
  if (snapshot.open_rows() > 0)
    parts.append(read(table, name, {snapshot.sealed().rows(), snapshot.rows()}));
  return parts;
}

// A capsule gives back what nobody took out of it. Taking out is setting the release to null.
template <typename Struct>
nb::capsule to_capsule(std::unique_ptr<Struct> filled, const char* name) {
  return nb::capsule(filled.release(), name, [](void* pointer) noexcept {
    const std::unique_ptr<Struct> owned(static_cast<Struct*>(pointer));
    if (owned->release != nullptr) owned->release(owned.get());
  });
}

nb::capsule arrow_stream(const SampleTable& table, const nb::object& /*requested_schema*/) {
  auto stream = std::make_unique<ArrowArrayStream>();
  store::export_stream(table.snapshot(), *stream);
  return to_capsule(std::move(stream), "arrow_array_stream");
}

nb::capsule arrow_schema(const SampleTable& table) {
  auto schema = std::make_unique<ArrowSchema>();
  store::export_schema(table.snapshot(), *schema);
  return to_capsule(std::move(schema), "arrow_schema");
}

}  // namespace

nb::object sample_table(Snapshot snapshot) {
  return nb::cast(SampleTable(std::move(snapshot)));
}

void bind_store(nb::module_& module) {
  nb::class_<SampleTable>(
      module, "SampleTable",
      "All samples at one moment, one row each; does not change. pyarrow, polars, pandas 3 and "
      "DuckDB take\n"
      "it as it is: pyarrow.table(samples), polars.DataFrame(samples), "
      "pandas.DataFrame.from_arrow(samples).\n"
      "Columns: `time_ns` (nanoseconds on CLOCK_MONOTONIC), then `level/metric` or "
      "`level/metric/instance`,\n"
      "in base units; counters as they count. What was not measured is null, and NaN in numpy.")
      .def("__len__", [](const SampleTable& table) { return table.snapshot().rows(); })
      .def_prop_ro("names", &SampleTable::names, "Of the columns, `time_ns` first.")
      .def_prop_ro(
          "thinned_until_ns",
          [](const SampleTable& table) { return table.snapshot().thinned_until_ns(); },
          "Up to here most periodic samples are gone, because memory ran short; None: nowhere.")
      .def("column", &column, nb::arg("name"),
           nb::sig("def column(self, name: str) -> numpy.typing.NDArray[typing.Any]"),
           "One column as a read-only array. A session of up to 4,096 samples is not copied, but "
           "for columns in\n"
           "seconds. JumperError: there is no such column.")
      .def("column_parts", &column_parts, nb::arg("name"),
           nb::sig("def column_parts(self, name: str) -> list[numpy.typing.NDArray[typing.Any]]"),
           "The column chunk by chunk: the last one, of up to 4,096 samples, is not copied.")
      .def(
          "__arrow_c_stream__", &arrow_stream, nb::arg("requested_schema") = nb::none(),
          nb::sig(
              "def __arrow_c_stream__(self, requested_schema: object | None = None) -> typing.Any"),
          "The Arrow PyCapsule interface: one record batch per chunk. The requested schema is not "
          "looked at, as it may be.")
      .def("__arrow_c_schema__", &arrow_schema,
           nb::sig("def __arrow_c_schema__(self) -> typing.Any"),
           "The Arrow PyCapsule interface: the columns.");
}

}  // namespace jumper::bindings
