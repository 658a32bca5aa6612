// SPDX-License-Identifier: BSD-3-Clause
// How far another node's clock is from ours, from questions that it answered with its time: it was
// that somewhere between our sending and our receiving, so the quickest answer knows best.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace jumper::nodes {

class ClockOffset {
 public:
  struct Estimate {
    int64_t offset_ns = 0;  // the node's clock less ours
    int64_t error_ns = 0;   // it cannot be further off than that

    bool operator==(const Estimate&) const = default;
  };

  // What cannot be true is not taken.
  void take_answer(int64_t sent_ns, int64_t node_ns, int64_t received_ns);
  // Clocks run apart: an answer is worth less the older it is.
  [[nodiscard]] std::optional<Estimate> estimate(int64_t now_ns) const;

 private:
  struct Answer {
    int64_t offset_ns = 0;
    int64_t error_ns = 0;
    int64_t received_ns = 0;
  };
  static constexpr size_t kAnswers = 16;

  std::array<Answer, kAnswers> answers_{};
  size_t count_ = 0;  // ever taken
};

}  // namespace jumper::nodes
