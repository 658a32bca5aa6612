// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/gpu/chosen_cards.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "testing/temp_root.h"

namespace jumper::gpu {
namespace {

using jumper::testing::TempRoot;
using Places = std::vector<size_t>;

Variables of(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const char* name) -> std::optional<std::string> {
    const auto value = values.find(name);
    return value == values.end() ? std::nullopt : std::optional(value->second);
  };
}

// The places of the chosen ones of four cards.
Places amd(std::map<std::string, std::string> values, const Places& order = {0, 1, 2, 3}) {
  const std::vector<std::string> ids = {"GPU-a", "GPU-b", "GPU-c", ""};
  const std::vector<bool> chosen = chosen_amd_cards(ids, order, of(std::move(values)));
  Places places;
  for (size_t at = 0; at < chosen.size(); ++at) {
    if (chosen[at]) places.push_back(at);
  }
  return places;
}

Places intel(const std::vector<size_t>& tiles, std::map<std::string, std::string> values) {
  const std::vector<bool> chosen = chosen_level_zero_cards(tiles, of(std::move(values)));
  Places places;
  for (size_t at = 0; at < chosen.size(); ++at) {
    if (chosen[at]) places.push_back(at);
  }
  return places;
}

TEST(AmdCards, AreAllChosenWithoutVariables) {
  EXPECT_EQ(amd({}), (Places{0, 1, 2, 3}));
  EXPECT_EQ(chosen_amd_cards(std::vector<std::string>{"", ""}, Places{0, 1}, {}),
            (std::vector<bool>{true, true}));
}

TEST(AmdCards, AreChosenByNumberAndId) {
  EXPECT_EQ(amd({{"ROCR_VISIBLE_DEVICES", "2"}}), (Places{2}));
  EXPECT_EQ(amd({{"ROCR_VISIBLE_DEVICES", " 3 , GPU-b"}}), (Places{1, 3}));
  EXPECT_EQ(amd({{"HIP_VISIBLE_DEVICES", "0,1"}}), (Places{0, 1}));
  EXPECT_EQ(amd({{"CUDA_VISIBLE_DEVICES", "1"}}), (Places{1}));
  EXPECT_EQ(amd({{"HIP_VISIBLE_DEVICES", "2"}, {"CUDA_VISIBLE_DEVICES", "1"}}), (Places{2}));
}

TEST(AmdCards, NumbersOfHipCountWhatRocrLeaves) {
  EXPECT_EQ(amd({{"ROCR_VISIBLE_DEVICES", "3,1"}, {"HIP_VISIBLE_DEVICES", "0"}}), (Places{3}));
  EXPECT_EQ(amd({{"ROCR_VISIBLE_DEVICES", "3,1"}, {"HIP_VISIBLE_DEVICES", "1,2"}}), (Places{1}));
}

TEST(AmdCards, AnEmptyListMeansNoneToRocrAndAllToHip) {
  EXPECT_EQ(amd({{"ROCR_VISIBLE_DEVICES", ""}}), Places{});
  EXPECT_EQ(amd({{"HIP_VISIBLE_DEVICES", ""}}), (Places{0, 1, 2, 3}));
}

TEST(AmdCards, AListEndsAtWhatIsNone) {
  EXPECT_EQ(amd({{"ROCR_VISIBLE_DEVICES", "0,4,1"}}), (Places{0}));
  EXPECT_EQ(amd({{"ROCR_VISIBLE_DEVICES", "0,GPU-z,1"}}), (Places{0}));
  EXPECT_EQ(amd({{"ROCR_VISIBLE_DEVICES", "-1"}}), Places{});
  EXPECT_EQ(amd({{"ROCR_VISIBLE_DEVICES", "0,,1"}}), (Places{0}));
}

TEST(AmdCards, NumbersFollowTheOrderOfTheRuntime) {
  EXPECT_EQ(amd({{"ROCR_VISIBLE_DEVICES", "0"}}, {2, 0, 9, 1}), (Places{2}));
  // GIVEN a card that we do not see at number 2
  EXPECT_EQ(amd({{"ROCR_VISIBLE_DEVICES", "2,3"}}, {2, 0, 9, 1}), (Places{1}));
}

TEST(RocmOrder, IsThatOfTheTopology) {
  // GIVEN two cards, a processor, and a node that belongs to neither card
  const TempRoot files{
      {"sys/class/kfd/kfd/topology/nodes/0/properties", "simd_count 0\ndrm_render_minor 0\n"},
      {"sys/class/kfd/kfd/topology/nodes/1/properties", "simd_count 4\ndrm_render_minor 129\n"},
      {"sys/class/kfd/kfd/topology/nodes/2/properties", "drm_render_minor 140\n"},
      {"sys/class/kfd/kfd/topology/nodes/10/properties", "drm_render_minor 128\n"},
      {"sys/class/kfd/kfd/topology/nodes/x/properties", "drm_render_minor 128\n"}};
  const auto root = files.open();
  std::vector<DrmCard> cards(2);
  cards[0].nodes = {"card0", "renderD128"};
  cards[1].nodes = {"card1", "renderD129"};

  // THEN
  EXPECT_EQ(rocm_order(root, cards), (Places{1, 2, 0}));
}

TEST(RocmOrder, WithoutATopologyIsThatOfTheBus) {
  const TempRoot files;
  const auto root = files.open();
  EXPECT_EQ(rocm_order(root, std::vector<DrmCard>(2)), (Places{0, 1}));
}

TEST(IntelCards, AreChosenByNumber) {
  EXPECT_EQ(intel({1, 1, 1}, {}), (Places{0, 1, 2}));
  EXPECT_EQ(intel({1, 1, 1}, {{"ZE_AFFINITY_MASK", ""}}), (Places{0, 1, 2}));
  EXPECT_EQ(intel({1, 1, 1}, {{"ZE_AFFINITY_MASK", "2,0"}}), (Places{0, 2}));
  EXPECT_EQ(intel({1, 1, 1}, {{"ZE_AFFINITY_MASK", "7,x"}}), Places{});
}

TEST(IntelCards, NumbersAreTilesUnlessCardsAreAskedFor) {
  EXPECT_EQ(intel({2, 2}, {{"ZE_AFFINITY_MASK", "1"}}), (Places{0}));
  EXPECT_EQ(intel({2, 2}, {{"ZE_AFFINITY_MASK", "2"}}), (Places{1}));
  EXPECT_EQ(intel({2, 2}, {{"ZE_AFFINITY_MASK", "1.0"}, {"ZE_FLAT_DEVICE_HIERARCHY", "COMPOSITE"}}),
            (Places{1}));
}

}  // namespace
}  // namespace jumper::gpu
