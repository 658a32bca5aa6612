// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/gpu/nvml_processes.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

namespace jumper::gpu::nvml {
namespace {

// More processes than this on one card are no count. CUDA allows 48 clients of one MPS server.
constexpr size_t kMostProcesses = 16'384;
constexpr int kMostTries = 5;
constexpr uint64_t kMostMemoryBytes = 1ULL << 50U;
constexpr uint32_t kMostPercent = 100;
// What stands in a buffer that nobody wrote into.
constexpr unsigned char kUntouched = 0xA5;
// How far the driver's clock may be ahead of ours.
constexpr uint64_t kMostAheadUs = 10'000'000;
// Cards are sampled up to a second apart. Where the last sample is younger than this, that there is
// no new one does not mean that nobody ran.
constexpr uint64_t kLongestSampleUs = 1'500'000;

constexpr const char* kOtherNamespace = "the driver names them by pids of another namespace";

// Of what is asked for in any case: why it is absent, while it is.
void tell(Asker& asker, Item item, bool is_there, const char* why) {
  if (is_there) {
    asker.withdraw(item);
  } else {
    asker.refuse(item, why);
  }
}

size_t grown(size_t capacity, size_t wanted) {
  return std::min(std::max(capacity * 2, wanted + wanted / 4 + 16), kMostProcesses);
}

// Whether the library wrote entries of 32 bytes under the name of those of 24: behind the shorter
// ones something is written, and what would be the second one's pid is a part of a number of bytes.
bool is_wide(std::span<const unsigned char> bytes, size_t count) {
  const auto behind = bytes.subspan(count * sizeof(ProcessInfo),
                                    count * (sizeof(WideProcessInfo) - sizeof(ProcessInfo)));
  if (std::ranges::all_of(behind, [](unsigned char byte) { return byte == kUntouched; })) {
    return false;
  }
  if (count < 2) return true;
  uint32_t pid = 0;
  std::memcpy(&pid, bytes.data() + sizeof(ProcessInfo), sizeof(pid));
  return pid == kNone32 || pid % 4096 == 0;
}

}  // namespace

void Processes::read(Depth depth, size_t place, Asker& asker, Handle parent, int64_t wall_ns,
                     Reading& reading) {
  CardReading& card = reading.cards[place];
  const size_t first = reading.processes.size();
  entries_.clear();
  if (asker.may_ask(Item::kProcesses)) card.has_process_memory = list_all(depth, asker, parent);
  bool are_named = true;
  bool have_memory = true;
  for (const Entry& entry : entries_) {
    // Such is a process in a namespace that is not within ours.
    if (entry.pid == 0) continue;
    const std::optional<pid_t> ours = names_.ours(entry.pid);
    are_named = are_named && ours.has_value();
    if (!ours) continue;
    ProcessReading& process = reading.processes.emplace_back();
    process.card = place;
    process.pid = *ours;
    process.memory_bytes = entry.memory_bytes;
    have_memory = have_memory && entry.memory_bytes;
  }
  tell(asker, Item::kProcessMemory, have_memory, "the driver lists them without, as in containers");
  if (depth == Depth::kFull && asker.may_ask(Item::kProcessUtilization) && sample(asker, wall_ns)) {
    const bool are_told = tell_shares(place, first, reading);
    card.has_process_utilization = card.has_process_bandwidth = are_told;
    tell(asker, Item::kSampleNames, are_told, kOtherNamespace);
  }
  if (are_named) {
    if (card.has_process_memory) asker.withdraw(Item::kProcessNames);
    return;
  }
  // Ours may be among those.
  card.has_process_memory = card.has_process_utilization = card.has_process_bandwidth = false;
  asker.refuse(Item::kProcessNames, kOtherNamespace);
}

// Programs that compute, draw, or compute through an MPS server: who is in two lists has the same
// memory in both.
bool Processes::list_all(Depth depth, Asker& asker, Handle parent) {
  Device& device = asker.device();
  const Library& library = asker.library();
  Handle handle = device.is_listed_by_card ? parent : device.handle;
  Code code =
      list(library, &Functions::compute_processes, &Functions::compute_processes_v1, handle);
  const bool is_refused = code == Code::kNotSupported || code == Code::kInvalidArgument;
  if (is_refused && device.is_instance && !device.is_listed_by_card && parent != nullptr) {
    device.is_listed_by_card = true;
    handle = parent;
    code = list(library, &Functions::compute_processes, &Functions::compute_processes_v1, handle);
  }
  if (!asker.settle(Item::kProcesses, code)) return false;
  // Seldom is there anything in these: at edges, where every call delays what is exact, they are
  // asked only if there was.
  if (depth == Depth::kFull || device.has_graphics) {
    list_more(asker, Item::kGraphicsProcesses, &Functions::graphics_processes,
              &Functions::graphics_processes_v1, handle, device.has_graphics);
  }
  if (depth == Depth::kFull || device.has_mps) {
    list_more(asker, Item::kMpsProcesses, &Functions::mps_processes, &Functions::mps_processes_v1,
              handle, device.has_mps);
  }
  keep_own(device);
  merge_entries();
  return true;
}

void Processes::list_more(Asker& asker, Item item, List newer, List older, Handle handle,
                          bool& has_some) {
  if (!asker.may_ask(item)) return;
  const size_t before = entries_.size();
  asker.settle(item, list(asker.library(), newer, older, handle));
  has_some = entries_.size() > before;
}

Code Processes::list(const Library& library, List newer, List older, Handle handle) {
  const Code code = list_with(library, newer, sizeof(ProcessInfo), handle);
  if (code != Code::kFunctionNotFound) return code;
  return list_with(library, older, sizeof(ProcessInfoV1), handle);
}

Code Processes::list_with(const Library& library, List function, size_t size, Handle handle) {
  for (int tries = 0; tries < kMostTries; ++tries) {
    // Room for the widest entries there are, whatever is expected.
    bytes_.assign(capacity_ * sizeof(WideProcessInfo), kUntouched);
    auto count = static_cast<uint32_t>(capacity_);
    const Code code = library.call(function, handle, &count, bytes_.data());
    if (code == Code::kSuccess) {
      if (count > capacity_) return Code::kUnknown;
      take_entries(count, size);
      return code;
    }
    if (code != Code::kInsufficientSize || capacity_ == kMostProcesses) return code;
    capacity_ = grown(capacity_, count);
  }
  return Code::kInsufficientSize;
}

void Processes::take_entries(size_t count, size_t size) {
  if (size == sizeof(ProcessInfo) && is_wide(bytes_, count)) size = sizeof(WideProcessInfo);
  for (size_t place = 0; place < count; ++place) {
    const unsigned char* from = bytes_.data() + place * size;
    ProcessInfo info;
    if (size == sizeof(ProcessInfoV1)) {
      ProcessInfoV1 old;
      std::memcpy(&old, from, sizeof(old));
      info = ProcessInfo{.pid = old.pid, .memory_bytes = old.memory_bytes};
    } else {
      std::memcpy(&info, from, sizeof(info));
    }
    Entry entry{.pid = info.pid,
                .gpu_instance = info.gpu_instance,
                .compute_instance = info.compute_instance};
    // Who is on a card has some of its memory: in containers drivers say 0, who do not find their
    // own numbers of processes again.
    const bool is_told = info.memory_bytes > 0 && info.memory_bytes <= kMostMemoryBytes;
    if (is_told) entry.memory_bytes = info.memory_bytes;
    entries_.push_back(entry);
  }
}

// An instance's list, or its card's, may tell of other instances.
void Processes::keep_own(const Device& device) {
  if (!device.is_instance) return;
  const auto is_other = [&](uint32_t id, const std::optional<uint32_t>& own) {
    return id == kNone32 || !own ? device.is_listed_by_card : id != *own;
  };
  std::erase_if(entries_, [&](const Entry& entry) {
    return is_other(entry.gpu_instance, device.gpu_instance) ||
           is_other(entry.compute_instance, device.compute_instance);
  });
}

void Processes::merge_entries() {
  std::ranges::sort(entries_, {}, &Entry::pid);
  size_t kept = 0;
  for (const Entry entry : entries_) {
    if (kept > 0 && entries_[kept - 1].pid == entry.pid) {
      // An absent number is less than any.
      std::optional<uint64_t>& memory = entries_[kept - 1].memory_bytes;
      memory = std::max(memory, entry.memory_bytes);
    } else {
      entries_[kept++] = entry;
    }
  }
  entries_.resize(kept);
}

// The driver gives each process one sample or several, made since the last one seen.
bool Processes::sample(Asker& asker, int64_t wall_ns) {
  Device& device = asker.device();
  const auto now_us = static_cast<uint64_t>(wall_ns / 1'000);
  const uint64_t latest_us = now_us + kMostAheadUs;
  if (device.last_sample_us > latest_us) {
    // The wall clock was set back: to wait until it is there again would look like rest.
    device.last_sample_us = 0;
    device.has_sampled = false;
  }
  uint32_t count = 0;
  const Code code = call_samples(asker, count);
  shares_.clear();
  const bool is_first = !std::exchange(device.has_sampled, true);
  // Not found: no sample is new.
  if (!asker.settle(Item::kProcessUtilization, code == Code::kNotFound ? Code::kSuccess : code)) {
    device.has_sampled = false;
    device.last_sample_us = 0;
    return false;
  }
  take_samples(device, code == Code::kNotFound ? 0 : count, latest_us);
  if (is_first) {
    // All that the driver remembers, from before anybody asked.
    shares_.clear();
    return false;
  }
  return !shares_.empty() || now_us > device.last_sample_us + kLongestSampleUs;
}

Code Processes::call_samples(Asker& asker, uint32_t& count) {
  for (int tries = 0; tries < kMostTries; ++tries) {
    count = static_cast<uint32_t>(samples_.size());
    const Code code = asker.library().call(&Functions::process_utilization, asker.device().handle,
                                           samples_.data(), &count, asker.device().last_sample_us);
    if (code == Code::kSuccess && count > samples_.size()) return Code::kUnknown;
    if (code != Code::kInsufficientSize || samples_.size() == kMostProcesses) return code;
    samples_.resize(grown(samples_.size(), count));
  }
  return Code::kInsufficientSize;
}

void Processes::take_samples(Device& device, uint32_t count, uint64_t latest_us) {
  uint64_t newest_us = device.last_sample_us;
  for (const ProcessSample& one : std::span(samples_.data(), count)) {
    // Drivers are known to give entries that nobody filled: with old times, with any percentages.
    const bool is_new = one.time_us > device.last_sample_us && one.time_us <= latest_us;
    if (!is_new || one.pid == 0) continue;
    if (one.sm_percent > kMostPercent || one.memory_percent > kMostPercent) continue;
    newest_us = std::max(newest_us, one.time_us);
    auto at = std::ranges::find(shares_, one.pid, &Share::pid);
    if (at == shares_.end()) at = shares_.insert(at, Share{.pid = one.pid});
    ++at->samples;
    at->sm_percent += one.sm_percent;
    at->memory_percent += one.memory_percent;
  }
  device.last_sample_us = newest_us;
}

// `first` is where the processes of this card begin in the reading. False where it is not known
// whose the samples are: some drivers name a process in their lists by its pid in our namespace,
// and in its samples by that in the first.
bool Processes::tell_shares(size_t place, size_t first, Reading& reading) {
  for (const Share& share : shares_) {
    const bool has_run = share.sm_percent > 0 || share.memory_percent > 0;
    if (has_run && !names_.ours(share.pid)) return false;
  }
  // Who has no sample did not run.
  for (size_t at = first; at < reading.processes.size(); ++at) {
    reading.processes[at].utilization = 0;
    reading.processes[at].bandwidth_utilization = 0;
  }
  for (const Share& share : shares_) {
    const std::optional<pid_t> ours = names_.ours(share.pid);
    if (!ours) continue;
    const auto begin = reading.processes.begin() + static_cast<std::ptrdiff_t>(first);
    auto at = std::find_if(begin, reading.processes.end(),
                           [&](const ProcessReading& process) { return process.pid == *ours; });
    if (at == reading.processes.end()) {
      // It ended since: it has no memory any more.
      at = reading.processes.insert(at, ProcessReading{});
      at->card = place;
      at->pid = *ours;
      if (reading.cards[place].has_process_memory) at->memory_bytes = 0;
    }
    at->utilization = share.sm_percent / share.samples / 100;
    at->bandwidth_utilization = share.memory_percent / share.samples / 100;
  }
  return true;
}

}  // namespace jumper::gpu::nvml
