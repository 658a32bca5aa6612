// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/gpu/amd_library.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>

namespace jumper::gpu {
namespace {

constexpr const char* kMissing = "libjumper_no_such_library.so";

// The functions of a fake library by which tests rule it.
class Fake {
 public:
  explicit Fake(const char* path) : handle_(::dlopen(path, RTLD_NOW | RTLD_LOCAL)) {
    if (handle_ == nullptr) return;
    find(set_start, "jumper_fake_set_start");
    find(set_energy, "jumper_fake_set_energy");
    find(users, "jumper_fake_users");
  }
  Fake(const Fake&) = delete;
  Fake& operator=(const Fake&) = delete;
  ~Fake() {
    set_start(0);
    set_energy(0, 1000, 0);
    set_energy(1, 2000, 0);
    ::dlclose(handle_);
  }
  void (*set_start)(int) = nullptr;
  void (*set_energy)(unsigned, uint64_t, int) = nullptr;
  int (*users)() = nullptr;

 private:
  template <typename Function>
  void find(Function& function, const char* name) {
    function = reinterpret_cast<Function>(::dlsym(handle_, name));
  }
  void* handle_;
};

// Both libraries give the same answers.
class AmdLibraries : public ::testing::TestWithParam<const char*> {
 protected:
  AmdLibraryFound open() const {
    const bool is_amd_smi = std::string(GetParam()) == JUMPER_FAKE_AMD_SMI;
    return open_amd_library(is_amd_smi ? GetParam() : kMissing, is_amd_smi ? kMissing : GetParam());
  }
};

TEST_P(AmdLibraries, TellTheEnergyOfEachCardByItsPlace) {
  // GIVEN
  const Fake fake(GetParam());
  const AmdLibraryFound found = open();
  ASSERT_NE(found.library, nullptr) << found.why_none;
  EXPECT_EQ(found.why_none, "");

  // THEN units of 15.3 microjoules are joules
  EXPECT_NEAR(found.library->energy_joules("0000:03:00.0").value_or(-1), 0.0153, 1e-6);
  EXPECT_NEAR(found.library->energy_joules("0001:83:1f.2").value_or(-1), 0.0306, 1e-6);
  EXPECT_EQ(found.library->energy_joules("0000:04:00.0"), std::nullopt);
}

TEST_P(AmdLibraries, WithoutAnAnswerEnergyIsAbsent) {
  const Fake fake(GetParam());
  const AmdLibraryFound found = open();
  fake.set_energy(0, 1000, 2);  // not supported
  fake.set_energy(1, UINT64_MAX, 0);
  EXPECT_EQ(found.library->energy_joules("0000:03:00.0"), std::nullopt);
  EXPECT_EQ(found.library->energy_joules("0001:83:1f.2"), std::nullopt);
  fake.set_energy(1, 0xFFFFFFFF, 0);
  EXPECT_EQ(found.library->energy_joules("0001:83:1f.2"), std::nullopt);
  fake.set_energy(1, 0, 0);
  EXPECT_EQ(found.library->energy_joules("0001:83:1f.2"), std::nullopt);
}

TEST_P(AmdLibraries, SayWhyTheyDoNotStart) {
  const Fake fake(GetParam());
  fake.set_start(8);
  const AmdLibraryFound found = open();
  EXPECT_EQ(found.library, nullptr);
  EXPECT_NE(found.why_none.find("_init gives 8"), std::string::npos) << found.why_none;
  EXPECT_NE(found.why_none.find(kMissing), std::string::npos) << found.why_none;
}

// rocm_smi counts who started it. amd_smi does so only in its newest versions: to end it would end
// it for others in the process.
TEST_P(AmdLibraries, AreLeftToOthersInTheProcess) {
  const Fake fake(GetParam());
  const int users_before = fake.users();
  {
    const AmdLibraryFound found = open();
    EXPECT_EQ(fake.users(), users_before + 1);
  }
  const bool is_counted = std::string(GetParam()) == JUMPER_FAKE_ROCM_SMI;
  EXPECT_EQ(fake.users(), users_before + (is_counted ? 0 : 1));
}

INSTANTIATE_TEST_SUITE_P(Both, AmdLibraries,
                         ::testing::Values(JUMPER_FAKE_AMD_SMI, JUMPER_FAKE_ROCM_SMI));

TEST(AmdLibrary, ThatIsAnotherIsRefused) {
  // GIVEN each under the other's name
  const AmdLibraryFound found = open_amd_library(JUMPER_FAKE_ROCM_SMI, JUMPER_FAKE_AMD_SMI);
  EXPECT_EQ(found.library, nullptr);
  EXPECT_EQ(found.why_none, "libamd_smi lacks a function; librocm_smi64 lacks a function");
}

TEST(AmdLibrary, ThatIsNotThereIsNamed) {
  const AmdLibraryFound found = open_amd_library(kMissing, kMissing);
  EXPECT_EQ(found.library, nullptr);
  EXPECT_NE(found.why_none.find(kMissing), std::string::npos);
}

}  // namespace
}  // namespace jumper::gpu
