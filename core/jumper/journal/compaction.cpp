// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/journal/compaction.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "jumper/journal/folder.h"

namespace jumper::journal {
namespace {

// Of the journal, at each tick: under a millisecond, and far more than a tick adds.
constexpr size_t kStepBytes = size_t{128} << 10;

}  // namespace

base::Result<std::unique_ptr<Compaction>> Compaction::begin(int file, const std::string& path,
                                                            uint64_t bytes, uint64_t key_bytes) {
  const std::string copy_path = path + std::string(kCopySuffix);
  ::unlink(copy_path.c_str());
  base::UniqueFd copy(::open(copy_path.c_str(),
                             O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!copy.valid()) return base::errno_error("cannot make", copy_path, errno);
  return std::unique_ptr<Compaction>(new Compaction(file, std::move(copy), path, bytes, key_bytes));
}

Compaction::Compaction(int file, base::UniqueFd copy, std::string path, uint64_t bytes,
                       uint64_t key_bytes)
    : file_(file),
      copy_(std::move(copy)),
      path_(path + std::string(kCopySuffix)),
      journal_path_(std::move(path)),
      thin_until_(bytes / 2),
      key_bytes_(key_bytes) {}

Compaction::~Compaction() {
  if (copy_.valid()) ::unlink(path_.c_str());
}

base::Result<bool> Compaction::step(uint64_t bytes) {
  const size_t begin = unread_.size();
  const auto wanted = static_cast<size_t>(std::min<uint64_t>(kStepBytes, bytes - read_));
  unread_.resize(begin + wanted);
  const ssize_t got = ::pread(file_, unread_.data() + begin, wanted, static_cast<off_t>(read_));
  if (got <= 0 && wanted > 0) return base::errno_error("cannot read", journal_path_, errno);
  unread_.resize(begin + static_cast<size_t>(got));
  read_ += static_cast<uint64_t>(got);
  const uint64_t unread_at = read_ - unread_.size();
  FrameReader reader(unread_, read_ < bytes);
  while (const auto frame = reader.next()) take(*frame, unread_at + frame->begin);
  unread_.erase(0, reader.position());
  const bool is_done = read_ == bytes;
  if (is_done) put_group();
  if (auto written = write_out(); !written) return written.error();
  return is_done;
}

void Compaction::take(const Frame& frame, uint64_t at) {
  if (frame.type == FrameType::kTick) {
    take_tick(frame, at < thin_until_);
    return;
  }
  if (frame.type == FrameType::kHeader) {
    const auto header = decode_header(frame.payload);
    can_decode_ = header.ok();
    if (!header) return;
    put_group();
    // The same facts again are only there to start from; the copy has its own.
    if (frame.payload != header_) has_key_ = false;
    header_ = frame.payload;
    decoder_ = TickDecoder(header->quanta);
    // Which of the series is the process's memory: counted among all, known or not.
    memory_series_ = 0;
    size_t known = 0;
    const auto memory = header->schema->find({metric::Metric::kMemory, metric::Scope::kProcess});
    for (size_t series = 0; memory && series < header->is_known.size(); ++series) {
      if (header->is_known[series] && known++ == *memory) memory_series_ = series;
    }
    return;
  }
  // Other nodes' samples come between ours, and are kept whole.
  const bool is_of_node = frame.type == FrameType::kNode || frame.type == FrameType::kNodeClock;
  if (!is_of_node) put_group();
  if (!has_key_ && !header_.empty()) put_key();
  append_frame(out_, frame.type, frame.payload);
}

void Compaction::take_tick(const Frame& frame, bool thins) {
  metric::Tick tick;
  if (!can_decode_ || !decoder_.decode(frame.payload, tick)) {
    can_decode_ = false;
    return;
  }
  Row row{tick.time_ns, tick.kind, {tick.values.begin(), tick.values.end()}};
  if (!thins || tick.kind != metric::TickKind::kPeriodic) {
    put_group();
    put_row(row);
    return;
  }
  group_.push_back(std::move(row));
  if (group_.size() == kGroup) put_group();
}

void Compaction::put_group() {
  if (group_.empty()) return;
  const auto memory = [&](const Row& row) {
    return memory_series_ < row.values.size() && !metric::is_absent(row.values[memory_series_])
               ? row.values[memory_series_]
               : 0;
  };
  const auto [lowest, highest] = std::ranges::minmax_element(group_, {}, memory);
  for (auto row = group_.begin(); row != group_.end(); ++row) {
    if (row == group_.begin() || row == lowest || row == highest) put_row(*row);
  }
  group_.clear();
}

void Compaction::put_key() {
  out_ += kKeyMarker;
  append_frame(out_, FrameType::kHeader, header_);
  if (const auto header = decode_header(header_)) encoder_ = TickEncoder(header->quanta);
  has_key_ = true;
  since_key_ = 0;
}

void Compaction::put_row(const Row& row) {
  if (!has_key_ || since_key_ >= key_bytes_) put_key();
  std::string payload;
  encoder_.encode({row.time_ns, row.kind, row.values}, payload);
  const size_t before = out_.size();
  append_frame(out_, FrameType::kTick, payload);
  since_key_ += out_.size() - before;
}

base::Status Compaction::write_out() {
  if (out_.empty()) return base::Done{};
  const ssize_t written = ::write(copy_.get(), out_.data(), out_.size());
  if (written != static_cast<ssize_t>(out_.size()))
    return base::errno_error("cannot write", path_, written < 0 ? errno : ENOSPC);
  written_ += out_.size();
  out_.clear();
  return base::Done{};
}

std::optional<uint64_t> Compaction::replace(int file) {
  if (::rename(path_.c_str(), journal_path_.c_str()) != 0) return std::nullopt;
  // From here on the copy is the journal, whatever the descriptor says: dup2 fails for bad numbers
  // only.
  static_cast<void>(::dup3(copy_.get(), file, O_CLOEXEC));
  copy_.reset();
  return written_;
}

}  // namespace jumper::journal
