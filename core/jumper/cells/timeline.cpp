// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/cells/timeline.h"

#include <algorithm>
#include <utility>

namespace jumper::cells {

base::Result<size_t> Timeline::begin(Cell cell) {
  const std::scoped_lock lock(mutex_);
  if (open_) {
    return base::Error{base::ErrorCode::kState,
                       "cell " + std::to_string(open_->index) + " is still running", 0};
  }
  cell.index = cells_.size();
  cell.status = CellStatus::kRunning;
  open_ = std::move(cell);
  return open_->index;
}

void Timeline::set_start(int64_t start_ns, int64_t wall_start_ns) {
  const std::scoped_lock lock(mutex_);
  if (!open_) return;
  open_->start_ns = start_ns;
  open_->wall_start_ns = wall_start_ns;
}

base::Result<std::shared_ptr<const Cell>> Timeline::end(int64_t end_ns, int64_t wall_end_ns,
                                                        CellStatus status, CellReadings readings) {
  const std::scoped_lock lock(mutex_);
  if (!open_) return base::Error{base::ErrorCode::kState, "no cell is running", 0};
  // Another thread may have taken the start again after this end was taken.
  open_->end_ns = std::max(end_ns, open_->start_ns);
  open_->wall_end_ns = wall_end_ns;
  open_->status = status;
  open_->readings = readings;
  cells_.push_back(std::make_shared<const Cell>(std::move(*open_)));
  open_.reset();
  return cells_.back();
}

void Timeline::discard() {
  const std::scoped_lock lock(mutex_);
  open_.reset();
}

bool Timeline::is_open() const {
  const std::scoped_lock lock(mutex_);
  return open_.has_value();
}

std::optional<Cell> Timeline::open() const {
  const std::scoped_lock lock(mutex_);
  return open_;
}

size_t Timeline::finished() const {
  const std::scoped_lock lock(mutex_);
  return cells_.size();
}

CellList Timeline::since(int64_t after_ns, int64_t now_ns) const {
  const std::scoped_lock lock(mutex_);
  // They follow each other in time.
  const auto first = std::ranges::partition_point(
      cells_, [&](const auto& cell) { return cell->end_ns <= after_ns; });
  CellList found(first, cells_.end());
  if (open_) {
    Cell running = *open_;
    running.end_ns = std::max(now_ns, running.start_ns);
    found.push_back(std::make_shared<const Cell>(std::move(running)));
  }
  return found;
}

CellList Timeline::cells() const {
  const std::scoped_lock lock(mutex_);
  return cells_;
}

}  // namespace jumper::cells
