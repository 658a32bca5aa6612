// SPDX-License-Identifier: BSD-3-Clause
// The sealed chunks of a store in order of time. A list never changes: adding a chunk makes a new
// list, which shares all but one page of chunks with the old one. So a snapshot is one pointer,
// however long the session.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "jumper/store/sealed_chunk.h"

namespace jumper::store {

class ChunkList {
 public:
  // A chunk and where it stands among the rows of the list.
  struct Place {
    const SealedChunk* chunk = nullptr;
    size_t first_row = 0;
    size_t end_row = 0;
  };

  ChunkList();

  [[nodiscard]] size_t size() const { return index_->chunks; }
  [[nodiscard]] size_t rows() const { return index_->rows; }
  [[nodiscard]] Place at(size_t chunk) const;
  // The number of the chunk that holds the row; size() behind the last one.
  [[nodiscard]] size_t chunk_of_row(size_t row) const;
  // The number of the first chunk that does not end before the time.
  [[nodiscard]] size_t chunk_at_time(int64_t time_ns) const;
  // Visits chunks from the one of that number on, while visit(const SealedChunk&) says true.
  template <typename Visit>
  void for_each_from(size_t chunk, Visit visit) const {
    if (chunk >= size()) return;
    const Found found = find(chunk);
    size_t in_page = found.in_page;
    for (auto at = static_cast<size_t>(found.entry - index_->pages.data());
         at < index_->pages.size(); ++at, in_page = 0) {
      const Page& page = *index_->pages[at].page;
      for (; in_page < page.size(); ++in_page) {
        if (!visit(*page[in_page].chunk)) return;
      }
    }
  }
  // Null behind the last one.
  [[nodiscard]] std::shared_ptr<const SealedChunk> shared(size_t chunk) const;

  [[nodiscard]] ChunkList with(std::shared_ptr<const SealedChunk> chunk) const;
  [[nodiscard]] ChunkList with_replaced(size_t chunk, std::shared_ptr<const SealedChunk> by) const;
  [[nodiscard]] ChunkList without_first() const;

 private:
  struct Entry {
    std::shared_ptr<const SealedChunk> chunk;
    size_t row_end = 0;  // within the page
    int64_t last_ns = 0;
  };
  using Page = std::vector<Entry>;
  struct PageEntry {
    std::shared_ptr<const Page> page;
    size_t chunk_end = 0;
    size_t row_end = 0;
    int64_t last_ns = 0;
  };
  struct Index {
    std::vector<PageEntry> pages;
    size_t chunks = 0;
    size_t rows = 0;
  };
  struct Found {
    const PageEntry* entry = nullptr;
    size_t in_page = 0;
    size_t first_row = 0;  // of the page
  };

  explicit ChunkList(Index index);
  [[nodiscard]] Found find(size_t chunk) const;

  std::shared_ptr<const Index> index_;
};

}  // namespace jumper::store
