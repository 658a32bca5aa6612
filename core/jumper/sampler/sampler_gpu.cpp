// SPDX-License-Identifier: BSD-3-Clause
// The sampler's part that takes what the GPUs tell. They are asked by a thread of their own
// (gpu/poller.h), which brings each reading as a tick that tells of GPUs alone, at the time of the
// reading. At the edges of cells the thread that runs the cell asks for one, and waits a moment.
#include <algorithm>

#include "jumper/sampler/sampler.h"

namespace jumper::sampler {

using metric::Scope;

namespace {

Group group_of(Scope level) {
  switch (level) {
    case Scope::kUser:
      return Group::kUser;
    case Scope::kSlurm:
      return Group::kJob;
    case Scope::kContainer:
      return Group::kContainer;
    default:
      return Group::kTree;
  }
}

}  // namespace

gpu::Poller* Sampler::gpus_to_ask() const {
  const std::scoped_lock lock(mutex_);
  return running_ ? settings_.gpus : nullptr;
}

// Without the lock: the sampling thread goes on meanwhile.
std::optional<gpu::Readout> Sampler::read_gpu_edge() {
  gpu::Poller* const gpus = gpus_to_ask();
  if (gpus == nullptr) return std::nullopt;
  const auto request = gpus->request_edge();
  return request ? gpus->wait_for_edge(*request) : std::nullopt;
}

// Their series come last, so that they can become more.
void Sampler::begin_gpus() {
  gpu_series_.reset();
  gpu_newest_.reset();
  if (settings_.gpus == nullptr) return;
  const gpu::Status status = settings_.gpus->status();
  if (status.cards.empty()) return;
  std::vector<Scope> levels = {Scope::kProcess};
  if (options_.user) levels.push_back(Scope::kUser);
  if (settings_.container) levels.push_back(Scope::kContainer);
  if (settings_.slurm) levels.push_back(Scope::kSlurm);
  gpu_series_.emplace(status.cards, std::move(levels));
  gpu_first_ = series_.size();
  const auto& added = gpu_series_->series();
  series_.insert(series_.end(), added.begin(), added.end());
}

// On the poller's thread.
void Sampler::take_gpu_readout(const gpu::Readout& readout) {
  const std::scoped_lock lock(mutex_);
  if (!running_) return;
  deliver_held(nullptr);
  const size_t series_before = series_.size();
  if (!gpu_series_) begin_gpus();  // the driver answered after we had started
  if (!gpu_series_) return;
  if (gpu_series_->grow(readout.reading)) {
    series_.resize(gpu_first_);
    const auto& all = gpu_series_->series();
    series_.insert(series_.end(), all.begin(), all.end());
  }
  if (series_.size() != series_before) {
    values_.resize(series_.size(), metric::kAbsent);
    last_values_.resize(series_.size(), metric::kAbsent);
    sink_.begin(std::make_shared<const metric::Schema>(series_));
  }
  gpu_row_.assign(series_.size(), metric::kAbsent);
  put_gpu_values(readout, gpu_row_);
  last_time_ns_ = std::max(readout.time_ns, last_time_ns_ + 1);
  sink_.append({last_time_ns_, metric::TickKind::kPeriodic, gpu_row_});
  settings_.gpus->set_processes(processes_->member_pids());
}

void Sampler::put_gpu_values(const gpu::Readout& readout, std::span<double> values) {
  if (!gpu_series_) return;
  // The reading of an edge may come here behind one that was made after it, and that tells of the
  // edge as well. With the older one counters would go back, and what lies between count twice.
  if (!gpu_newest_ || readout.time_ns >= gpu_newest_->time_ns) gpu_newest_ = readout;
  gpu_series_->fill(
      gpu_newest_->reading, [this](Scope level, pid_t pid) { return is_of_level(level, pid); },
      values.subspan(gpu_first_, gpu_series_->series().size()));
}

// What was read for the edge that this tick is; between edges GPUs have ticks of their own.
void Sampler::put_waiting_gpu_values() {
  if (!gpu_series_) return;
  std::ranges::fill(std::span(values_).subspan(gpu_first_), metric::kAbsent);
  if (gpu_edge_) put_gpu_values(*gpu_edge_, values_);
  gpu_edge_.reset();
}

void Sampler::deliver_held(const gpu::Readout* readout) {
  if (!held_) return;
  HeldTick tick = std::move(*held_);
  held_.reset();
  if (readout != nullptr) put_gpu_values(*readout, tick.values);
  sink_.append({tick.time_ns, metric::TickKind::kCellEnd, tick.values});
}

bool Sampler::is_of_level(Scope level, pid_t pid) const {
  return processes_->is_member(group_of(level), pid);
}

}  // namespace jumper::sampler
