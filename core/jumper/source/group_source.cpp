// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/source/group_source.h"

#include <algorithm>
#include <utility>

#include "jumper/base/parse.h"

namespace jumper::source {

GroupSource::GroupSource(metric::Scope scope)
    : scope_(scope), all_(metric::catalog().size(), metric::kAbsent) {}

void GroupSource::find_series(std::span<const metric::Metric> metrics) {
  kernfs::ReadBuffer buffer;
  read_all(buffer);
  for (const metric::Metric metric : metrics) {
    if (!metric::is_absent(at(metric))) metrics_.push_back(metric);
  }
}

std::vector<metric::SeriesKey> GroupSource::series() const {
  std::vector<metric::SeriesKey> keys;
  keys.reserve(metrics_.size());
  for (const metric::Metric metric : metrics_) keys.push_back({metric, scope_, metric::kWhole});
  return keys;
}

void GroupSource::read(kernfs::ReadBuffer& buffer, std::span<double> values) {
  std::ranges::fill(all_, metric::kAbsent);
  read_all(buffer);
  for (size_t i = 0; i < metrics_.size(); ++i) values[i] = at(metrics_[i]);
}

void GroupSource::add(metric::Metric metric, const std::optional<uint64_t>& number) {
  if (!number) return;
  double& sum = at(metric);
  sum = (metric::is_absent(sum) ? 0 : sum) + static_cast<double>(*number);
}

kernfs::File GroupSource::open_file(const kernfs::KernelRoot& root, const std::string& folder,
                                    const char* name) {
  auto file = kernfs::File::open(root.sys_fd(), (folder + "/" + name).c_str());
  return file ? std::move(*file) : kernfs::File();
}

std::optional<uint64_t> GroupSource::read_number(const kernfs::File& file,
                                                 kernfs::ReadBuffer& buffer) {
  if (!file.is_open()) return std::nullopt;
  auto text = file.read(buffer);
  return text ? base::parse_number<uint64_t>(base::trim(*text)) : std::nullopt;
}

}  // namespace jumper::source
