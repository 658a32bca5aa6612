// SPDX-License-Identifier: BSD-3-Clause
// The cells of a session in order of execution. At most one is open at a time.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "jumper/base/result.h"
#include "jumper/cells/cell.h"

namespace jumper::cells {

// Finished cells at one moment; they are shared, and never change any more.
using CellList = std::vector<std::shared_ptr<const Cell>>;

class Timeline {
 public:
  // `cell.index` is given by the timeline and returned. An error when one is open.
  base::Result<size_t> begin(Cell cell);
  // The open cell's edge was taken again, later, than when it was begun.
  void set_start(int64_t start_ns, int64_t wall_start_ns);
  // Returns the cell as it now is for ever.
  base::Result<std::shared_ptr<const Cell>> end(int64_t end_ns, int64_t wall_end_ns,
                                                CellStatus status, CellReadings readings = {});
  // Forgets the open cell; the next one gets its index.
  void discard();

  [[nodiscard]] bool is_open() const;
  [[nodiscard]] std::optional<Cell> open() const;
  [[nodiscard]] size_t finished() const;
  [[nodiscard]] CellList cells() const;
  // The finished cells that ended after a time, and the open one as if it ended now.
  [[nodiscard]] CellList since(int64_t after_ns, int64_t now_ns) const;

 private:
  mutable std::mutex mutex_;  // guards all below
  CellList cells_;
  std::optional<Cell> open_;
};

}  // namespace jumper::cells
