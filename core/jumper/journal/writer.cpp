// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/journal/writer.h"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "jumper/journal/payload.h"

namespace jumper::journal {
namespace {

// After a failure, so long until it is tried again: a full disk may have room by then.
constexpr int64_t kRetryNs = 10'000'000'000;

std::vector<uint32_t> quanta_of(const metric::Schema& schema) {
  std::vector<uint32_t> quanta;
  for (const metric::SeriesKey& key : schema.series()) quanta.push_back(quantum_of(key));
  return quanta;
}

}  // namespace

Writer::Writer(base::UniqueFd file, std::string path, const WriterOptions& options,
               const base::Clock& clock, base::OwnWork* count)
    : options_(options),
      clock_(clock),
      path_(std::move(path)),
      file_(std::move(file)),
      count_(count),
      next_compaction_bytes_(options.max_bytes) {
  struct stat info{};
  if (::fstat(file_.get(), &info) == 0 && S_ISREG(info.st_mode))
    bytes_ = static_cast<uint64_t>(info.st_size);
  struct statfs system{};
  is_stored_ = S_ISREG(info.st_mode) && ::fstatfs(file_.get(), &system) == 0 &&
               system.f_type != TMPFS_MAGIC && system.f_type != RAMFS_MAGIC;
}

Writer::Writer(ByteSink& out, const WriterOptions& options, const base::Clock& clock)
    : options_(options), clock_(clock), out_(&out), next_compaction_bytes_(UINT64_MAX) {}

void Writer::repeat_header() {
  const std::scoped_lock lock(mutex_);
  needs_key_ = true;
}

void Writer::set_facts(const Facts& facts) {
  const std::scoped_lock lock(mutex_);
  facts_ = facts;
  needs_key_ = true;
}

void Writer::begin(const std::shared_ptr<const metric::Schema>& schema) {
  const std::scoped_lock lock(mutex_);
  schema_ = schema;
  needs_key_ = true;
}

void Writer::put_header() {
  buffer_ += kKeyMarker;
  append_frame(buffer_, FrameType::kHeader, encode_header(facts_, *schema_));
  if (!open_cell_.empty()) append_frame(buffer_, FrameType::kCellStart, open_cell_);
  encoder_ = TickEncoder(quanta_of(*schema_));
  needs_key_ = false;
  bytes_since_key_ = 0;
}

void Writer::append(const metric::Tick& tick) {
  const std::scoped_lock lock(mutex_);
  if (!schema_ || schema_->size() > kMostSeries || !may_write()) return;
  if (needs_key_ || bytes_since_key_ >= options_.key_bytes) put_header();
  payload_.clear();
  encoder_.encode(tick, payload_);
  append_frame(buffer_, FrameType::kTick, payload_);
  flush();
  if (compaction_ || bytes_ > next_compaction_bytes_) compact();
}

void Writer::put(FrameType type, std::string_view payload) {
  const std::scoped_lock lock(mutex_);
  if (!schema_ || !may_write()) return;
  if (needs_key_) put_header();
  append_frame(buffer_, type, payload);
  flush();
}

void Writer::begin_cell(const cells::Cell& cell, const sampler::SamplerStats& stats) {
  const std::scoped_lock lock(mutex_);
  open_cell_ = encode_cell_start(cell, options_.keeps_source);
  if (!schema_ || !may_write()) return;
  if (needs_key_) {
    put_header();
  } else {
    append_frame(buffer_, FrameType::kCellStart, open_cell_);
  }
  append_frame(buffer_, FrameType::kCost, encode_cost(stats));
  flush();
}

void Writer::end_cell(const cells::Cell& cell, const sampler::SamplerStats& stats) {
  const std::scoped_lock lock(mutex_);
  if (!schema_ || !may_write()) {
    open_cell_.clear();
    return;
  }
  if (needs_key_) put_header();
  open_cell_.clear();
  append_frame(buffer_, FrameType::kCellEnd, encode_cell_end(cell));
  append_frame(buffer_, FrameType::kCost, encode_cost(stats));
  flush();
}

void Writer::add_cell(const cells::Cell& cell) {
  put(FrameType::kCellStart, encode_cell_start(cell, options_.keeps_source));
  put(FrameType::kCellEnd, encode_cell_end(cell));
}

void Writer::discard_cell(size_t index) {
  std::string payload;
  put_number(payload, index);
  {
    const std::scoped_lock lock(mutex_);
    open_cell_.clear();
  }
  put(FrameType::kCellDiscarded, payload);
}

void Writer::stop(const Moment& moment, const sampler::SamplerStats& stats) {
  put(FrameType::kCost, encode_cost(stats));
  put(FrameType::kStop, encode_moment(moment));
}

void Writer::end(const Moment& moment) {
  put(FrameType::kEnd, encode_moment(moment));
}

// After a failure nothing is written for a while.
bool Writer::may_write() {
  if (!failure_) return true;
  return clock_.monotonic_ns() >= next_try_ns_;
}

ssize_t Writer::write_out() {
  if (out_ != nullptr) {
    const int failed = out_->write(buffer_);
    if (failed == 0) return static_cast<ssize_t>(buffer_.size());
    errno = failed;
    return -1;
  }
  ssize_t written = 0;
  do {
    written = ::write(file_.get(), buffer_.data(), buffer_.size());
  } while (written < 0 && errno == EINTR);
  return written;
}

// Everything in the buffer by one write(2). Where that fails, what was torn is taken away again,
// and a key will stand before what is written next.
void Writer::flush() {
  const ssize_t written = write_out();
  const int failed = written < 0 ? errno : ENOSPC;
  if (written >= 0) count_write(static_cast<uint64_t>(written));
  if (written == static_cast<ssize_t>(buffer_.size())) {
    bytes_ += buffer_.size();
    bytes_since_key_ += buffer_.size();
    failure_.reset();
  } else {
    if (written > 0 && ::ftruncate(file_.get(), static_cast<off_t>(bytes_)) != 0)
      bytes_ += static_cast<uint64_t>(written);
    failure_ = base::errno_error("cannot write the journal", path_, failed);
    next_try_ns_ = clock_.monotonic_ns() + kRetryNs;
    needs_key_ = true;
  }
  buffer_.clear();
}

// The kernel counts a page as stored when it becomes dirty: a new one at once, the last one again
// after it was written back, which happens half a minute later (vm.dirty_expire_centisecs).
void Writer::count_write(uint64_t bytes) {
  if (count_ == nullptr || bytes == 0) return;
  ++count_->calls;
  count_->chars += bytes;
  if (!is_stored_) return;
  static const auto kPageBytes = static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  constexpr int64_t kWrittenBackNs = 32'500'000'000;
  const int64_t now_ns = clock_.monotonic_ns();
  const uint64_t pages_before = (bytes_ + kPageBytes - 1) / kPageBytes;
  uint64_t dirtied = (bytes_ + bytes + kPageBytes - 1) / kPageBytes - pages_before;
  if (bytes_ % kPageBytes != 0 && now_ns - page_dirty_ns_ > kWrittenBackNs) {
    ++dirtied;
    page_dirty_ns_ = now_ns;
  }
  if ((bytes_ + bytes) / kPageBytes > bytes_ / kPageBytes) page_dirty_ns_ = now_ns;
  count_->stored += dirtied * kPageBytes;
}

// A step of it at each tick, so that no tick is held up for long.
void Writer::compact() {
  if (!compaction_) {
    auto begun = Compaction::begin(file_.get(), path_, bytes_, options_.key_bytes);
    if (!begun) {
      // Where there is no room for a thinner copy, the file grows until there is none for it
      // either.
      next_compaction_bytes_ = bytes_ + options_.max_bytes / 8;
      return;
    }
    compaction_ = std::move(*begun);
  }
  const auto done = compaction_->step(bytes_);
  if (done && !*done) return;
  if (done) {
    if (const auto bytes = compaction_->replace(file_.get())) {
      bytes_ = *bytes;
      needs_key_ = true;
    }
  }
  compaction_.reset();
  next_compaction_bytes_ = std::max(options_.max_bytes, bytes_ + options_.max_bytes / 8);
}

base::Status Writer::status() const {
  const std::scoped_lock lock(mutex_);
  if (failure_) return *failure_;
  return base::Done{};
}

uint64_t Writer::bytes() const {
  const std::scoped_lock lock(mutex_);
  return bytes_;
}

}  // namespace jumper::journal
