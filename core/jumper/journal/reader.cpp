// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/journal/reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <memory>
#include <utility>

#include "jumper/base/fd.h"
#include "jumper/journal/assembler.h"
#include "jumper/journal/payload.h"
#include "jumper/journal/tick_codec.h"
#include "jumper/store/store.h"

namespace jumper::journal {
namespace {

base::Error parse_error(std::string message) {
  return {base::ErrorCode::kParse, std::move(message), 0};
}

enum class Part { kBeginning, kEnd, kWhole };

// The whole of a file, or so much of one of its ends.
base::Result<std::string> read_file(const std::string& path, size_t most_bytes, Part part) {
  const base::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat info{};
  if (!file.valid() || ::fstat(file.get(), &info) != 0)
    return base::errno_error("cannot read", path, errno);
  if (!S_ISREG(info.st_mode)) return base::bad_input(path + " is not a file");
  const auto size = static_cast<size_t>(info.st_size);
  if (part == Part::kWhole && size > most_bytes)
    return base::bad_input(path + " is larger than any journal: over 1 GiB");
  std::string bytes(std::min(size, most_bytes), '\0');
  const size_t from = part == Part::kEnd ? size - bytes.size() : 0;
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = ::pread(file.get(), bytes.data() + done, bytes.size() - done,
                                static_cast<off_t>(from + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return base::errno_error("cannot read", path, errno);
    if (got == 0) break;
    done += static_cast<size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

base::Error with_path(const std::string& path, base::Error error) {
  error.message = "cannot read the journal " + path + ": " + error.message;
  return error;
}

}  // namespace

base::Result<Journal> read_journal(std::string_view bytes, const ReadOptions& options) {
  FrameReader frames(bytes);
  Assembler reader(options.end_bytes != 0);
  bool has_gap = false;
  while (const auto frame = frames.next()) {
    has_gap = has_gap || frames.is_after_gap();
    reader.take(*frame);
  }
  if (!reader.has_header()) {
    if (reader.failure()) return *reader.failure();
    return parse_error("it is not a journal, or its beginning is lost");
  }
  Journal journal = reader.finish(options);
  journal.skipped_bytes = frames.skipped_bytes();
  journal.has_gap = has_gap;
  if (has_gap)
    journal.recording.facts.notes.emplace_back(
        "a part of the journal is damaged: samples and cells in it are missing");
  return journal;
}

base::Result<Journal> read_journal_file(const std::string& path, const ReadOptions& options) {
  const bool is_end = options.end_bytes != 0;
  auto bytes = read_file(path, is_end ? options.end_bytes : kMostJournalBytes,
                         is_end ? Part::kEnd : Part::kWhole);
  if (!bytes) return bytes.error();
  if (is_end) bytes->erase(0, std::min(bytes->find(kKeyMarker), bytes->size()));
  auto journal = read_journal(*bytes, options);
  if (!journal) return with_path(path, journal.error());
  journal->recording.facts.source = "read from the journal " + path;
  return journal;
}

base::Result<Header> read_journal_header(const std::string& path) {
  // Most headers have a few hundred bytes. The other size is twice the most that one has for 4,096
  // series.
  for (const size_t size : {size_t{16} << 10, size_t{512} << 10}) {
    const auto bytes = read_file(path, size, Part::kBeginning);
    if (!bytes) return bytes.error();
    FrameReader frames(*bytes);
    const auto frame = frames.next();
    if (!frame || frame->begin != 0 || frame->type != FrameType::kHeader) continue;
    auto header = decode_header(frame->payload);
    if (!header) return with_path(path, header.error());
    return header;
  }
  return with_path(path, parse_error("it is not a journal, or its beginning is lost"));
}

bool ends_on_purpose(const std::string& path) {
  std::array<char, 64> last{};  // a moment has less than 32 bytes
  const base::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat info{};
  if (!file.valid() || ::fstat(file.get(), &info) != 0) return false;
  const off_t from = std::max<off_t>(info.st_size - static_cast<off_t>(last.size()), 0);
  const ssize_t got = ::pread(file.get(), last.data(), last.size(), from);
  if (got <= 0) return false;
  const std::string_view bytes(last.data(), static_cast<size_t>(got));
  for (size_t at = 0; at < bytes.size(); ++at) {
    FrameReader frames(bytes.substr(at));
    const auto frame = frames.next();
    if (!frame || frame->begin != 0 || frame->end != bytes.size() - at) continue;
    return frame->type == FrameType::kStop || frame->type == FrameType::kEnd;
  }
  return false;
}

namespace {

class JournalMaker {
 public:
  explicit JournalMaker(const Recording& recording)
      : recording_(recording), reader_(recording.samples, recording.samples.series()) {}

  std::string make();

 private:
  void put_header();
  void put_cells_until(int64_t time_ns);
  void put_rows(store::RowRange rows);
  void put_node(const NodeRecording& node);

  const Recording& recording_;
  std::string bytes_;
  store::ColumnReader reader_;
  metric::Schema schema_{recording_.samples.series()};
  TickEncoder encoder_;
  size_t cell_ = 0;
  size_t since_key_ = 0;
};

void JournalMaker::put_header() {
  bytes_ += kKeyMarker;
  append_frame(bytes_, FrameType::kHeader, encode_header(recording_.facts, schema_));
  std::vector<uint32_t> quanta;
  for (const metric::SeriesKey& key : schema_.series()) quanta.push_back(quantum_of(key));
  encoder_ = TickEncoder(std::move(quanta));
  since_key_ = bytes_.size();
}

// Cells that ended by then; each is told from start to end, for a reader needs no more.
void JournalMaker::put_cells_until(int64_t time_ns) {
  for (; cell_ < recording_.cells.size(); ++cell_) {
    const cells::Cell& cell = *recording_.cells[cell_];
    if (cell.end_ns > time_ns) return;
    append_frame(bytes_, FrameType::kCellStart, encode_cell_start(cell, true));
    append_frame(bytes_, FrameType::kCellEnd, encode_cell_end(cell));
  }
}

void JournalMaker::put_rows(store::RowRange rows) {
  constexpr size_t kKeyBytes = size_t{256} << 10;
  std::vector<std::span<const double>> columns;
  columns.reserve(schema_.size());
  for (size_t i = 0; i < schema_.size(); ++i) columns.push_back(reader_.values(i));
  const auto times_ns = reader_.times_ns();
  const auto kinds = reader_.kinds();
  std::vector<double> values(schema_.size());
  std::string payload;
  for (size_t row = 0; row < rows.size(); ++row) {
    put_cells_until(times_ns[row] - 1);
    if (bytes_.size() - since_key_ >= kKeyBytes) put_header();
    for (size_t i = 0; i < values.size(); ++i)
      values[i] = columns[i].empty() ? metric::kAbsent : columns[i][row];
    payload.clear();
    encoder_.encode({times_ns[row], kinds[row], values}, payload);
    append_frame(bytes_, FrameType::kTick, payload);
  }
}

// As a journal of its own, frame by frame within ours.
void JournalMaker::put_node(const NodeRecording& node) {
  Recording told;
  told.facts = node.facts;
  told.samples = node.samples;
  // What it told so far is all there will be of it here; it was not lost.
  if (node.state == NodeState::kLive && !told.facts.stop_ns && told.samples.rows() > 0) {
    told.facts.stop_ns = told.samples.time_ns(told.samples.rows() - 1);
    told.facts.wall_stop_ns = told.facts.wall_start_ns.value_or(0) + *told.facts.stop_ns -
                              told.facts.start_ns.value_or(0);
  }
  const std::string journal = JournalMaker(told).make();
  FrameReader frames(journal);
  uint64_t number = 0;
  while (const auto frame = frames.next()) {
    append_frame(bytes_, FrameType::kNode,
                 encode_node_frame({node.name, number++, frame->type, frame->payload}));
  }
  if (node.clock_offset_ns) {
    append_frame(bytes_, FrameType::kNodeClock,
                 encode_node_clock({node.name, *node.clock_offset_ns, node.clock_error_ns}));
  }
}

std::string JournalMaker::make() {
  put_header();
  const size_t rows = recording_.samples.rows();
  for (size_t row = 0; row < rows;) {
    const store::RowRange part = reader_.move_to({row, rows});
    put_rows(part);
    row = part.end;
  }
  put_cells_until(std::numeric_limits<int64_t>::max());
  for (const NodeRecording& node : recording_.nodes) put_node(node);
  append_frame(bytes_, FrameType::kCost, encode_cost(recording_.facts.stats));
  const Facts& facts = recording_.facts;
  if (facts.stop_ns && facts.wall_stop_ns)
    append_frame(bytes_, FrameType::kStop, encode_moment({*facts.stop_ns, *facts.wall_stop_ns}));
  return std::move(bytes_);
}

}  // namespace

std::string to_journal(const Recording& recording) {
  return JournalMaker(recording).make();
}

}  // namespace jumper::journal
