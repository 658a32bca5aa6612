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
#include "jumper/journal/payload.h"
#include "jumper/journal/tick_codec.h"
#include "jumper/store/store.h"

namespace jumper::journal {
namespace {

// Times are nanoseconds since a boot or the epoch: what is beyond three centuries is damage, and
// differences of others fit.
constexpr int64_t kMostTimeNs = std::numeric_limits<int64_t>::max() / 4;
// Dying takes time: Python prints where its threads were, a Java machine writes a file. Meanwhile
// the sampler goes on.
constexpr int64_t kDyingNs = 2 * base::kNanosPerSecond;
constexpr size_t kMostNotes = 1000;
constexpr size_t kMostCells = 10'000'000;

bool is_sane(int64_t time_ns) {
  return time_ns >= 0 && time_ns <= kMostTimeNs;
}

base::Error parse_error(std::string message) {
  return {base::ErrorCode::kParse, std::move(message), 0};
}

class JournalReader {
 public:
  explicit JournalReader(bool keeps_numbers) : keeps_numbers_(keeps_numbers) {}
  void take(const Frame& frame);
  [[nodiscard]] Journal finish(const ReadOptions& options);
  [[nodiscard]] bool has_header() const { return has_header_; }
  [[nodiscard]] const std::optional<base::Error>& failure() const { return failure_; }

 private:
  void take_header(std::string_view payload);
  void take_tick(std::string_view payload);
  void take_cell_start(std::string_view payload);
  void take_cell_end(std::string_view payload);
  void take_moment(std::string_view payload);
  void close_cell(cells::CellStatus status, int64_t end_ns);
  void reach(int64_t time_ns);

  const bool keeps_numbers_;
  store::Store store_;
  cells::CellList cells_;
  std::optional<cells::Cell> open_;
  Facts facts_;
  Ending ending_;
  std::optional<Header> header_;
  std::optional<base::Error> failure_;
  TickDecoder decoder_;
  bool has_header_ = false;
  bool can_decode_ = false;
  std::vector<double> known_values_;
  int64_t last_tick_ns_ = -1;
  sampler::SamplerStats stats_;
};

void JournalReader::take(const Frame& frame) {
  if (frame.type == FrameType::kHeader) return take_header(frame.payload);
  if (!has_header_) return;
  // Cells that come after it was stopped change nothing: nothing was measured any more.
  if (frame.type == FrameType::kTick) ending_.is_clean = false;
  if (frame.type == FrameType::kStop || frame.type == FrameType::kEnd) ending_.is_clean = true;
  const bool is_of_a_cell = frame.type == FrameType::kCellStart ||
                            frame.type == FrameType::kCellEnd ||
                            frame.type == FrameType::kCellDiscarded;
  if (is_of_a_cell || ending_.is_clean) ending_.signal.reset();
  switch (frame.type) {
    case FrameType::kTick:
      return take_tick(frame.payload);
    case FrameType::kCellStart:
      return take_cell_start(frame.payload);
    case FrameType::kCellEnd:
      return take_cell_end(frame.payload);
    case FrameType::kCellDiscarded:
      if (open_ && PayloadReader(frame.payload).number() == open_->index) open_.reset();
      return;
    case FrameType::kCost:
      if (auto stats = decode_cost(frame.payload)) stats_ = std::move(*stats);
      return;
    case FrameType::kNote:
      if (auto note = decode_note(frame.payload); note && ending_.notes.size() < kMostNotes)
        ending_.notes.push_back(std::move(*note));
      return;
    case FrameType::kSignal:
      ending_.signal = decode_signal(frame.payload);
      if (ending_.signal) reach(ending_.signal->time_ns);
      return;
    case FrameType::kVitals:
      if (auto vitals = decode_vitals(frame.payload)) ending_.vitals = std::move(*vitals);
      return;
    case FrameType::kStop:
    case FrameType::kEnd:
      return take_moment(frame.payload);
    default:
      return;
  }
}

void JournalReader::take_header(std::string_view payload) {
  auto header = decode_header(payload);
  can_decode_ = header.ok();
  if (!header) {
    failure_ = header.error();
    return;
  }
  // The same facts stand in every header; where they changed, the newest hold.
  const std::optional<int64_t> start_ns = facts_.start_ns;
  const std::optional<int64_t> wall_start_ns = facts_.wall_start_ns;
  facts_ = header->facts;
  if (start_ns && wall_start_ns) {
    facts_.start_ns = start_ns;
    facts_.wall_start_ns = wall_start_ns;
  }
  if (!facts_.start_ns || !is_sane(*facts_.start_ns)) facts_.start_ns = 0;
  if (!facts_.wall_start_ns || !is_sane(*facts_.wall_start_ns)) facts_.wall_start_ns = 0;
  decoder_ = TickDecoder(header->quanta);
  store_.begin(header->schema);
  header_ = std::move(*header);
  has_header_ = true;
}

void JournalReader::reach(int64_t time_ns) {
  if (is_sane(time_ns)) ending_.last_ns = std::max(ending_.last_ns, time_ns);
}

void JournalReader::take_tick(std::string_view payload) {
  metric::Tick tick;
  can_decode_ = can_decode_ && decoder_.decode(payload, tick);
  if (!can_decode_) return;
  // What was put where it does not belong is left out: samples stand in order of time.
  if (!is_sane(tick.time_ns) || tick.time_ns <= last_tick_ns_) return;
  if (ending_.signal && tick.time_ns - kDyingNs > ending_.signal->time_ns) ending_.signal.reset();
  facts_.stop_ns.reset();
  last_tick_ns_ = tick.time_ns;
  reach(tick.time_ns);
  known_values_.clear();
  for (size_t i = 0; i < tick.values.size(); ++i) {
    if (header_->is_known[i]) known_values_.push_back(tick.values[i]);
  }
  store_.append({tick.time_ns, tick.kind, known_values_});
}

void JournalReader::take_cell_start(std::string_view payload) {
  auto cell = decode_cell_start(payload);
  if (!cell || !is_sane(cell->start_ns) || !is_sane(cell->wall_start_ns)) return;
  // Told again behind a header, for readers that start there.
  if (open_ && open_->index == cell->index && open_->start_ns == cell->start_ns) return;
  // The end of the one before is lost.
  if (open_) close_cell(cells::CellStatus::kKilled, std::max(last_tick_ns_, open_->start_ns));
  reach(cell->start_ns);
  open_ = std::move(*cell);
}

void JournalReader::take_cell_end(std::string_view payload) {
  if (!open_ || !decode_cell_end(payload, *open_)) return;
  if (!is_sane(open_->end_ns) || !is_sane(open_->wall_end_ns) || !is_sane(open_->start_ns) ||
      open_->end_ns < open_->start_ns) {
    open_.reset();
    return;
  }
  reach(open_->end_ns);
  close_cell(open_->status, open_->end_ns);
}

void JournalReader::close_cell(cells::CellStatus status, int64_t end_ns) {
  open_->status = status;
  if (open_->wall_end_ns == 0)
    open_->wall_end_ns = open_->wall_start_ns + (end_ns - open_->start_ns);
  open_->end_ns = end_ns;
  // Places and numbers are the same; where a part of the journal is lost, cells move up.
  if (!keeps_numbers_) open_->index = cells_.size();
  if (cells_.size() < kMostCells)
    cells_.push_back(std::make_shared<const cells::Cell>(std::move(*open_)));
  open_.reset();
}

void JournalReader::take_moment(std::string_view payload) {
  const auto moment = decode_moment(payload);
  if (!moment || !is_sane(moment->time_ns) || !is_sane(moment->wall_ns)) return;
  reach(moment->time_ns);
  if (!facts_.stop_ns) {
    facts_.stop_ns = moment->time_ns;
    facts_.wall_stop_ns = moment->wall_ns;
  }
}

Journal JournalReader::finish(const ReadOptions& options) {
  if (open_) {
    ending_.open_cell = cells_.size();
    close_cell(options.is_live ? cells::CellStatus::kRunning : cells::CellStatus::kKilled,
               std::max(ending_.last_ns, open_->start_ns));
  }
  Journal journal;
  journal.recording.facts = std::move(facts_);
  journal.recording.facts.stats = std::move(stats_);
  journal.recording.cells = std::move(cells_);
  journal.recording.samples = store_.snapshot();
  journal.ending = std::move(ending_);
  return journal;
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
  JournalReader reader(options.end_bytes != 0);
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

std::string JournalMaker::make() {
  put_header();
  const size_t rows = recording_.samples.rows();
  for (size_t row = 0; row < rows;) {
    const store::RowRange part = reader_.move_to({row, rows});
    put_rows(part);
    row = part.end;
  }
  put_cells_until(std::numeric_limits<int64_t>::max());
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
