// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/store/chunk_list.h"

#include <algorithm>

namespace jumper::store {
namespace {

constexpr size_t kChunksPerPage = 64;

}  // namespace

ChunkList::ChunkList() : index_(std::make_shared<const Index>()) {}

ChunkList::ChunkList(Index index) {
  // Whatever was done to the pages: their ends are told anew.
  size_t chunks = 0;
  size_t rows = 0;
  for (PageEntry& entry : index.pages) {
    entry.chunk_end = chunks += entry.page->size();
    entry.row_end = rows += entry.page->back().row_end;
    entry.last_ns = entry.page->back().last_ns;
  }
  index.chunks = chunks;
  index.rows = rows;
  index_ = std::make_shared<const Index>(std::move(index));
}

ChunkList::Found ChunkList::find(size_t chunk) const {
  const auto& pages = index_->pages;
  const auto page = std::ranges::upper_bound(pages, chunk, {}, &PageEntry::chunk_end);
  const bool is_first = page == pages.begin();
  return {&*page, chunk - (is_first ? 0 : std::prev(page)->chunk_end),
          is_first ? 0 : std::prev(page)->row_end};
}

ChunkList::Place ChunkList::at(size_t chunk) const {
  const Found found = find(chunk);
  const Page& page = *found.entry->page;
  const size_t begin = found.in_page == 0 ? 0 : page[found.in_page - 1].row_end;
  return {page[found.in_page].chunk.get(), found.first_row + begin,
          found.first_row + page[found.in_page].row_end};
}

std::shared_ptr<const SealedChunk> ChunkList::shared(size_t chunk) const {
  if (chunk >= size()) return nullptr;
  const Found found = find(chunk);
  return (*found.entry->page)[found.in_page].chunk;
}

size_t ChunkList::chunk_of_row(size_t row) const {
  const auto& pages = index_->pages;
  const auto page = std::ranges::upper_bound(pages, row, {}, &PageEntry::row_end);
  if (page == pages.end()) return size();
  const size_t first_row = page == pages.begin() ? 0 : std::prev(page)->row_end;
  const auto entry = std::ranges::upper_bound(*page->page, row - first_row, {}, &Entry::row_end);
  return page->chunk_end - static_cast<size_t>(page->page->end() - entry);
}

size_t ChunkList::chunk_at_time(int64_t time_ns) const {
  const auto& pages = index_->pages;
  const auto page = std::ranges::lower_bound(pages, time_ns, {}, &PageEntry::last_ns);
  if (page == pages.end()) return size();
  const auto entry = std::ranges::lower_bound(*page->page, time_ns, {}, &Entry::last_ns);
  return page->chunk_end - static_cast<size_t>(page->page->end() - entry);
}

ChunkList ChunkList::with(std::shared_ptr<const SealedChunk> chunk) const {
  Index index = *index_;
  auto page = std::make_shared<Page>();
  if (index.pages.empty() || index.pages.back().page->size() == kChunksPerPage) {
    index.pages.emplace_back();
  } else {
    *page = *index.pages.back().page;
  }
  const size_t rows_before = page->empty() ? 0 : page->back().row_end;
  const size_t rows = chunk->rows.size();
  const int64_t last_ns = chunk->last_ns;
  page->push_back({std::move(chunk), rows_before + rows, last_ns});
  index.pages.back().page = std::move(page);
  return ChunkList(std::move(index));
}

ChunkList ChunkList::with_replaced(size_t chunk, std::shared_ptr<const SealedChunk> by) const {
  const Found found = find(chunk);
  Index index = *index_;
  auto page = std::make_shared<Page>(*found.entry->page);
  (*page)[found.in_page].chunk = std::move(by);
  size_t rows = 0;
  for (Entry& entry : *page) entry.row_end = rows += entry.chunk->rows.size();
  index.pages[static_cast<size_t>(found.entry - index_->pages.data())].page = std::move(page);
  return ChunkList(std::move(index));
}

ChunkList ChunkList::without_first() const {
  Index index = *index_;
  auto page = std::make_shared<Page>(*index.pages.front().page);
  page->erase(page->begin());
  size_t rows = 0;
  for (Entry& entry : *page) entry.row_end = rows += entry.chunk->rows.size();
  if (page->empty()) {
    index.pages.erase(index.pages.begin());
  } else {
    index.pages.front().page = std::move(page);
  }
  return ChunkList(std::move(index));
}

}  // namespace jumper::store
