// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/base/huffman.h"

#include <algorithm>
#include <utility>

namespace jumper::base {
namespace {

// Symbols that get a bit longer together.
struct Package {
  uint64_t weight = 0;
  std::vector<uint16_t> symbols;
};

// Neighbours as pairs; an odd one is left out.
std::vector<Package> paired(const std::vector<Package>& packages) {
  std::vector<Package> pairs;
  for (size_t i = 0; i + 1 < packages.size(); i += 2) {
    Package pair = packages[i];
    pair.weight += packages[i + 1].weight;
    pair.symbols.insert(pair.symbols.end(), packages[i + 1].symbols.begin(),
                        packages[i + 1].symbols.end());
    pairs.push_back(std::move(pair));
  }
  return pairs;
}

}  // namespace

// The package-merge algorithm of Larmore and Hirschberg.
std::vector<uint8_t> code_lengths(std::span<const uint32_t> frequencies, int longest) {
  std::vector<uint8_t> lengths(frequencies.size());
  std::vector<Package> symbols;
  for (size_t i = 0; i < frequencies.size(); ++i) {
    if (frequencies[i] > 0) symbols.push_back({frequencies[i], {static_cast<uint16_t>(i)}});
  }
  if (symbols.size() == 1) lengths[symbols[0].symbols[0]] = 1;
  if (symbols.size() < 2) return lengths;
  std::ranges::stable_sort(symbols, {}, &Package::weight);
  std::vector<Package> packages = symbols;
  for (int bits = 1; bits < longest; ++bits) {
    const std::vector<Package> pairs = paired(packages);
    packages.clear();
    std::ranges::merge(symbols, pairs, std::back_inserter(packages), {}, &Package::weight,
                       &Package::weight);
  }
  packages.resize(std::min(packages.size(), 2 * symbols.size() - 2));
  for (const Package& package : packages) {
    for (const uint16_t symbol : package.symbols) ++lengths[symbol];
  }
  return lengths;
}

}  // namespace jumper::base
