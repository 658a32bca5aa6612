// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/gpu/nvml_gpm.h"

#include <cmath>
#include <optional>
#include <span>
#include <utility>

namespace jumper::gpu::nvml {
namespace {

// The card renews its counts every 100 ms.
constexpr int64_t kShortestPeriodNs = 150'000'000;
// Rounding in the driver goes a little beyond the whole.
constexpr double kMostPercent = 101;
constexpr double kMostMibPerSecond = 2'000'000;
constexpr double kBytesPerMib = 1024 * 1024;

constexpr std::array kMetrics{kGpmGraphicsUtil,  kGpmSmUtil,      kGpmSmOccupancy,    kGpmAnyTensor,
                              kGpmDramBandwidth, kGpmPcieSentMib, kGpmPcieReceivedMib};

std::optional<double> value_of(std::span<const GpmMetric> metrics, uint32_t wanted, double most) {
  for (const GpmMetric& metric : metrics) {
    if (metric.metric != wanted || metric.code != Code::kSuccess) continue;
    if (!std::isfinite(metric.value) || metric.value < 0 || metric.value > most) continue;
    return metric.value;
  }
  return std::nullopt;
}

std::optional<double> ratio_of(std::span<const GpmMetric> metrics, uint32_t wanted) {
  const std::optional<double> percent = value_of(metrics, wanted, kMostPercent);
  if (!percent) return std::nullopt;
  return std::fmin(*percent / 100, 1);
}

std::optional<double> rate_of(std::span<const GpmMetric> metrics, uint32_t wanted) {
  const std::optional<double> mib = value_of(metrics, wanted, kMostMibPerSecond);
  if (!mib) return std::nullopt;
  return *mib * kBytesPerMib;
}

}  // namespace

Gpm::~Gpm() {
  for (const Samples& samples : samples_) {
    for (GpmSample sample : {samples.before, samples.after}) {
      if (sample != nullptr) library_.call(&Functions::gpm_sample_free, sample);
    }
  }
}

bool Gpm::tells_pcie(size_t place) const {
  return place < samples_.size() && samples_[place].tells_pcie;
}

void Gpm::read(size_t place, Asker& asker, Handle parent, int64_t now_ns, CardReading& reading) {
  if (!asker.may_ask(Item::kGpm)) return;
  if (place >= samples_.size()) samples_.resize(place + 1);
  Samples& samples = samples_[place];
  if (!prepare(samples, asker, parent)) return;
  if (samples.before_ns != 0 && now_ns - samples.before_ns < kShortestPeriodNs) return;
  const Device& device = asker.device();
  const Code code = device.is_instance
                        ? library_.call(&Functions::gpm_mig_sample, parent,
                                        device.gpu_instance.value_or(kNone32), samples.after)
                        : library_.call(&Functions::gpm_sample, device.handle, samples.after);
  if (!asker.settle(Item::kGpm, code)) {
    samples.before_ns = 0;
    return;
  }
  if (samples.before_ns != 0) {
    tell(samples, asker, reading);
    samples.tells_pcie = reading.pcie_sent_bytes_per_second.has_value();
  }
  std::swap(samples.before, samples.after);
  samples.before_ns = now_ns;
}

bool Gpm::prepare(Samples& samples, Asker& asker, Handle parent) {
  const Device& device = asker.device();
  if (!samples.is_checked) {
    if (device.is_instance && (device.shares_gpu_instance || !device.gpu_instance)) {
      asker.refuse(Item::kGpm, "it is counted of a GPU instance that several instances share");
      return false;
    }
    GpmSupport support;
    const Code code = library_.call(&Functions::gpm_support,
                                    device.is_instance ? parent : device.handle, &support);
    if (!asker.settle(Item::kGpm, code)) return false;
    if (support.is_supported == 0) {
      asker.refuse(Item::kGpm, "cards count it from Hopper on");
      return false;
    }
    samples.is_checked = true;
  }
  for (GpmSample* sample : {&samples.before, &samples.after}) {
    if (*sample != nullptr) continue;
    const Code code = library_.call(&Functions::gpm_sample_alloc, sample);
    if (code == Code::kSuccess && *sample != nullptr) continue;
    *sample = nullptr;
    asker.settle(Item::kGpm, code == Code::kSuccess ? Code::kUnknown : code);
    return false;
  }
  return true;
}

void Gpm::tell(const Samples& samples, Asker& asker, CardReading& reading) {
  metrics_->version = 1;
  metrics_->count = kMetrics.size();
  metrics_->before = samples.before;
  metrics_->after = samples.after;
  for (size_t place = 0; place < kMetrics.size(); ++place) {
    metrics_->metrics[place] = GpmMetric{.metric = kMetrics[place], .code = Code::kUnknown};
  }
  if (!asker.settle(Item::kGpm, library_.call(&Functions::gpm_metrics, metrics_.get()))) return;
  const std::span<const GpmMetric> metrics(metrics_->metrics.data(), kMetrics.size());
  reading.sm_active = ratio_of(metrics, kGpmSmUtil);
  reading.sm_occupancy = ratio_of(metrics, kGpmSmOccupancy);
  reading.tensor_active = ratio_of(metrics, kGpmAnyTensor);
  reading.dram_active = ratio_of(metrics, kGpmDramBandwidth);
  // Nothing else tells the utilization of an instance; the meaning is the same as of a card's.
  if (asker.device().is_instance) {
    reading.utilization = ratio_of(metrics, kGpmGraphicsUtil);
    return;
  }
  reading.pcie_sent_bytes_per_second = rate_of(metrics, kGpmPcieSentMib);
  reading.pcie_received_bytes_per_second = rate_of(metrics, kGpmPcieReceivedMib);
}

}  // namespace jumper::gpu::nvml
