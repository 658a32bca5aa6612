// SPDX-License-Identifier: BSD-3-Clause
// CPU time of the tree that following its processes does not find, by the counter of a control
// group that holds the tree and nobody else. Pure: readings are passed in.
//
// Both ways of counting only ever lack something. Following lacks what nobody inherited; the group
// lacks what was used outside of it. So the larger one is nearer to the truth, and neither is added
// to the other: what both have counts once. Between readings of the group, and where it has come to
// hold others, what it was once known to have more is kept.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

namespace jumper::sampler {

// What a group's counter stood at, and those in it that the tree's total leaves out.
struct GroupReading {
  int64_t used_ns = 0;
  int64_t left_out_ns = 0;

  [[nodiscard]] int64_t counted_ns() const { return used_ns - left_out_ns; }
};

class UnfoundUsage {
 public:
  // Counting begins, or goes on after pause(). So that nothing counts twice, the reading is made
  // after the processes were read.
  void begin(const GroupReading& reading, int64_t followed_ns) {
    begun_ = true;
    before_ = reading;
    offset_ns_ = followed_ns + kept_ns_ - reading.counted_ns();
    excess_before_ns_.reset();
  }
  // The group is no more the tree's own; what was found until then stays.
  void pause() { begun_ = false; }
  [[nodiscard]] bool has_begun() const { return begun_; }

  // A reading made before the processes were read: what it has, they had used by then. `late_ns` is
  // how much of that following may yet find by itself: inherited time comes in whole ticks. Absent:
  // that is not known just now.
  void put(const GroupReading& reading, int64_t followed_ns, std::optional<int64_t> late_ns) {
    // A counter that goes backwards is another one's, or no counter.
    if (reading.used_ns < before_.used_ns) return pause();
    before_ = reading;
    const int64_t total_ns = reading.counted_ns() + offset_ns_;
    reached_ns_ = std::max(reached_ns_, total_ns);
    if (!late_ns) return;
    // A process can be seen a moment late as well. Not twice in a row.
    const int64_t excess_ns = total_ns - followed_ns - *late_ns;
    if (excess_before_ns_) kept_ns_ = std::max(kept_ns_, std::min(excess_ns, *excess_before_ns_));
    excess_before_ns_ = excess_ns;
  }

  // Of the tree, when following has found that much. Never goes down.
  [[nodiscard]] int64_t total_ns(int64_t followed_ns) {
    return reached_ns_ = std::max(reached_ns_, followed_ns + kept_ns_);
  }

 private:
  bool begun_ = false;
  GroupReading before_;
  int64_t offset_ns_ = 0;
  int64_t kept_ns_ = 0;     // surely not found, nor found later
  int64_t reached_ns_ = 0;  // of the total
  std::optional<int64_t> excess_before_ns_;
};

}  // namespace jumper::sampler
