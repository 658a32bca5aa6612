// SPDX-License-Identifier: BSD-3-Clause
// What the sources that read a control group's files share: a series for each thing that can be
// read when the source is made, and files that stay open, so that a group that was removed has no
// values any more, whatever comes in its place.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "jumper/source/source.h"

namespace jumper::source {

class GroupSource : public Source {
 public:
  explicit GroupSource(metric::Scope scope);
  [[nodiscard]] std::vector<metric::SeriesKey> series() const final;
  void read(kernfs::ReadBuffer& buffer, std::span<double> values) final;

 protected:
  // Into at(); all of it is absent before.
  virtual void read_all(kernfs::ReadBuffer& buffer) = 0;
  // Of these, what can be read now has a series. At the end of a constructor.
  void find_series(std::span<const metric::Metric> metrics);

  [[nodiscard]] double& at(metric::Metric metric) { return all_[static_cast<size_t>(metric)]; }
  // Adds to a sum that is absent as long as nothing was added.
  void add(metric::Metric metric, const std::optional<uint64_t>& number);
  [[nodiscard]] metric::Scope scope() const { return scope_; }

  // Closed where there is no such file.
  static kernfs::File open_file(const kernfs::KernelRoot& root, const std::string& folder,
                                const char* name);
  static std::optional<uint64_t> read_number(const kernfs::File& file, kernfs::ReadBuffer& buffer);

 private:
  metric::Scope scope_;
  std::vector<metric::Metric> metrics_;  // those that have a series, in its order
  std::vector<double> all_;              // of each metric of the catalogue
};

}  // namespace jumper::source
