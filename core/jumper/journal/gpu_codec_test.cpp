// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/journal/gpu_codec.h"

#include <gtest/gtest.h>

#include <string>

namespace jumper::journal {
namespace {

gpu::Status a_status(size_t cards, size_t absences) {
  gpu::Card card;
  card.vendor = gpu::Vendor::kAmd;
  card.name = "a card";
  card.memory_bytes = 80;
  for (size_t i = 0; i < absences; ++i) card.absent.push_back({"power", "the driver is old"});
  gpu::Status status;
  status.is_known = true;
  status.cards.assign(cards, card);
  status.troubles = {"card 1: fell off the bus"};
  status.silent_since_ns = -7;
  status.silent_call = "nvmlInit_v2";
  return status;
}

TEST(GpuCodec, GivesBackWhatItWasGiven) {
  const gpu::Status status = a_status(3, 2);
  EXPECT_EQ(decode_gpus(encode_gpus(status)), status);
}

TEST(GpuCodec, OfTooMuchTakesAPartAndLosesNothingElse) {
  // GIVEN more cards than any machine has, with more reasons than there are
  const gpu::Status status = a_status(1'500, 70);
  // WHEN they are read
  const gpu::Status read = decode_gpus(encode_gpus(status));
  // THEN all that is kept is what was written
  EXPECT_EQ(read.cards.size(), 1'024);
  EXPECT_EQ(read.cards.back().name, "a card");
  EXPECT_EQ(read.cards.back().absent.size(), 64);
  EXPECT_EQ(read.troubles, status.troubles);
  EXPECT_EQ(read.silent_since_ns, status.silent_since_ns);
}

TEST(GpuCodec, WhatIsCutOffIsNotKnown) {
  const std::string bytes = encode_gpus(a_status(2, 1));
  for (size_t length = 0; length < bytes.size(); ++length)
    EXPECT_FALSE(decode_gpus(std::string_view(bytes).substr(0, length)).is_known) << length;
}

TEST(GpuCodec, ACountOfAllThereIsEnds) {
  // GIVEN no reason, and as many cards as a number can say
  EXPECT_FALSE(decode_gpus(std::string(1, '\0') + std::string(9, '\xFF') + '\x01').is_known);
}

}  // namespace
}  // namespace jumper::journal
