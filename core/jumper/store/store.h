// SPDX-License-Identifier: BSD-3-Clause
// Everything that was sampled, in columns. One writer appends; any number of readers take
// snapshots, which never change and cost two pointers. Full chunks are sealed: encoded to a tenth
// and less.
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <vector>

#include "jumper/metric/sample.h"
#include "jumper/store/snapshot.h"

namespace jumper::store {

// Sealed chunks that take more than this are thinned, oldest first, to one periodic row of 16 and
// later of 256 (SealedChunk); the newer half of the memory stays as it is. What is too old even for
// that is forgotten. The open chunk and what sealing works with come on top: about 2 MB for 40
// series.
struct StoreLimits {
  size_t max_bytes = size_t{256} << 20;
};

struct StoreUsage {
  size_t bytes = 0;       // of sealed chunks
  size_t open_bytes = 0;  // of the one that is being filled
  size_t chunks = 0;      // sealed ones
  size_t thinned_chunks = 0;
  size_t forgotten_chunks = 0;
};

class Store final : public metric::TickSink {
 public:
  explicit Store(StoreLimits limits = {}) : limits_(limits) {}

  void begin(const std::shared_ptr<const metric::Schema>& schema) override;
  void append(const metric::Tick& tick) override;

  [[nodiscard]] Snapshot snapshot() const;
  [[nodiscard]] StoreUsage usage() const;

 private:
  // How thin a chunk is: not, to 1 of 16, to 1 of 256.
  static constexpr size_t kLevels = 3;
  struct Level {
    size_t chunks = 0;
    size_t bytes = 0;
  };

  void seal();
  void save_memory();
  void thin(size_t level);
  void forget();
  [[nodiscard]] size_t total_bytes() const;

  // Of the writer alone.
  const StoreLimits limits_;
  std::shared_ptr<const metric::Schema> schema_;
  std::vector<Carry> carries_;  // for the next chunk
  Sealer sealer_;

  mutable std::mutex mutex_;  // guards all below; rows already published are read without it
  ChunkList sealed_;
  std::shared_ptr<Chunk> open_;
  size_t open_rows_ = 0;
  std::array<Level, kLevels> levels_{};  // the thinnest chunks are the oldest
  size_t forgotten_ = 0;
};

}  // namespace jumper::store
