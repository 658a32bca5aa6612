// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/gpu/chosen_cards.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "jumper/base/parse.h"

namespace jumper::gpu {
namespace {

std::optional<std::string> value_of(const Variables& variables, const char* name) {
  return variables ? variables(name) : std::nullopt;
}

std::vector<std::string_view> entries_of(std::string_view list) {
  std::vector<std::string_view> entries;
  while (!list.empty()) {
    const size_t comma = list.find(',');
    entries.push_back(base::trim(list.substr(0, comma)));
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  }
  return entries;
}

// What of `places` the list names, in its order.
std::vector<size_t> select(std::string_view list, std::span<const size_t> places,
                           std::span<const std::string> ids) {
  std::vector<size_t> selected;
  for (const std::string_view entry : entries_of(list)) {
    std::optional<size_t> place;
    if (const auto number = base::parse_number<size_t>(entry)) {
      if (*number < places.size()) place = places[*number];
    } else if (entry.starts_with("GPU-")) {
      const auto id = std::ranges::find(ids, entry);
      if (id != ids.end()) place = static_cast<size_t>(id - ids.begin());
    }
    if (!place) break;
    selected.push_back(*place);
  }
  return selected;
}

}  // namespace

std::vector<bool> chosen_amd_cards(std::span<const std::string> ids, std::span<const size_t> order,
                                   const Variables& variables) {
  const auto rocr = value_of(variables, "ROCR_VISIBLE_DEVICES");
  auto hip = value_of(variables, "HIP_VISIBLE_DEVICES");
  if (!hip) hip = value_of(variables, "CUDA_VISIBLE_DEVICES");
  const bool is_filtered = hip && !hip->empty();
  if (!rocr && !is_filtered) return std::vector<bool>(ids.size(), true);
  std::vector<size_t> places(order.begin(), order.end());
  if (rocr) places = select(*rocr, places, ids);
  if (is_filtered) places = select(*hip, places, {});
  std::vector<bool> chosen(ids.size(), false);
  for (const size_t place : places) {
    if (place < chosen.size()) chosen[place] = true;
  }
  return chosen;
}

std::vector<size_t> rocm_order(const kernfs::KernelRoot& root, std::span<const DrmCard> cards) {
  constexpr const char* kNodes = "class/kfd/kfd/topology/nodes";
  std::vector<size_t> numbers;
  for (const std::string& name : names_in(root.sys_fd(), kNodes)) {
    if (const auto number = base::parse_number<size_t>(name)) numbers.push_back(*number);
  }
  std::ranges::sort(numbers);
  std::vector<size_t> order;
  for (const size_t number : numbers) {
    const std::string path = std::string(kNodes) + "/" + std::to_string(number) + "/properties";
    // Forbidden where a control group keeps the card from us; the runtime leaves it out as well.
    const auto properties = kernfs::read_once(root.sys_fd(), path.c_str());
    if (!properties) continue;
    std::string_view text = *properties;
    while (!text.empty()) {
      std::string_view line = base::next_line(text);
      if (base::next_word(line) != "drm_render_minor") continue;
      const auto minor = base::next_number<uint32_t>(line);
      if (!minor || *minor == 0) break;  // a processor
      const std::string node = "renderD" + std::to_string(*minor);
      const auto card = std::ranges::find_if(cards, [&](const DrmCard& candidate) {
        return std::ranges::find(candidate.nodes, node) != candidate.nodes.end();
      });
      order.push_back(static_cast<size_t>(card - cards.begin()));
      break;
    }
  }
  if (!order.empty()) return order;
  for (size_t place = 0; place < cards.size(); ++place) order.push_back(place);
  return order;
}

std::vector<bool> chosen_level_zero_cards(std::span<const size_t> tiles,
                                          const Variables& variables) {
  const auto mask = value_of(variables, "ZE_AFFINITY_MASK");
  if (!mask || mask->empty()) return std::vector<bool>(tiles.size(), true);
  const bool has_cards = value_of(variables, "ZE_FLAT_DEVICE_HIERARCHY") == "COMPOSITE";
  // The place of the card of each number.
  std::vector<size_t> places;
  for (size_t place = 0; place < tiles.size(); ++place) {
    places.insert(places.end(), has_cards ? 1 : std::max<size_t>(tiles[place], 1), place);
  }
  std::vector<bool> chosen(tiles.size(), false);
  for (const std::string_view entry : entries_of(*mask)) {
    const auto number = base::parse_number<size_t>(entry.substr(0, entry.find('.')));
    if (number && *number < places.size()) chosen[places[*number]] = true;
  }
  return chosen;
}

}  // namespace jumper::gpu
