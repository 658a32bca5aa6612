// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/gpu/drm_clients.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

#include "jumper/base/clock.h"
#include "jumper/base/parse.h"

namespace jumper::gpu {
namespace {

// How often a process is looked at anew for files that it has opened since; less often where the
// number of its descriptors is known, because then only an exchange can be missed.
constexpr int64_t kLookAgainNs = 5 * base::kNanosPerSecond;
constexpr int64_t kLookAgainCountedNs = 60 * base::kNanosPerSecond;
// A process with more descriptors than this is not looked at whenever their number changes: a busy
// server's always does.
constexpr uint64_t kManyDescriptors = 1024;

std::string path_of(pid_t pid, std::string_view rest) {
  return std::to_string(pid) + "/" + std::string(rest);
}

// Where a symbolic link leads; empty where that cannot be said, or is no path of a device.
std::string_view target_of(int folder_fd, const std::string& path, std::span<char> space) {
  const ssize_t length = ::readlinkat(folder_fd, path.c_str(), space.data(), space.size());
  if (length <= 0 || static_cast<size_t>(length) >= space.size()) return {};
  return {space.data(), static_cast<size_t>(length)};
}

double share_of(uint64_t part, uint64_t whole, uint32_t capacity) {
  if (whole == 0) return 0;
  return static_cast<double>(part) / static_cast<double>(whole) / static_cast<double>(capacity);
}

bool tells_engines(const DrmFdinfo& info) {
  // amdgpu leaves out the engines that have not worked yet, so that none is an answer.
  if (info.driver == "amdgpu") return true;
  return std::ranges::any_of(info.engines, [](const DrmEngine& engine) {
    return engine.busy_ns || (engine.busy_cycles && engine.all_cycles);
  });
}

}  // namespace

void DrmClients::set_cards(std::span<const DrmCard> cards) {
  for (const DrmCard& card : cards) places_.push_back({card.bus_id, card.nodes});
  telling_.assign(places_.size(), {});
}

void DrmClients::read(Depth depth, std::span<const pid_t> processes, int64_t now_ns,
                      std::vector<ProcessReading>& found) {
  if (places_.empty()) return;
  ++round_;
  told_.clear();
  for (DrmTelling& telling : telling_) telling = {};
  for (const pid_t pid : processes) {
    Process& process = look_at(pid, now_ns);
    collect(pid, process);
    if (!process.is_hidden) continue;
    for (DrmTelling& telling : telling_) telling.has_hidden_processes = true;
  }
  choose_owners();
  sum_up(depth, now_ns, found);
  // At an edge fewer processes may have been asked for.
  if (depth != Depth::kFull) return;
  forget_the_gone();
  last_full_ns_ = now_ns;
}

// Since Linux 6.2 the size of the folder is the number of descriptors, which says at once whether
// there are others than before; until then it is 0, and time decides alone.
DrmClients::Process& DrmClients::look_at(pid_t pid, int64_t now_ns) {
  const auto [place, is_new] = processes_.try_emplace(pid);
  Process& process = place->second;
  process.round = round_;
  std::optional<uint64_t> count;
  struct stat status{};
  if (::fstatat(root_.proc_fd(), path_of(pid, "fd").c_str(), &status, 0) == 0) {
    count = static_cast<uint64_t>(status.st_size);
  }
  const bool is_counted = count && *count > 0 && *count <= kManyDescriptors && root_.is_live();
  const bool has_changed = is_counted && count != process.descriptor_count;
  process.descriptor_count = count;
  const int64_t period_ns = is_counted ? kLookAgainCountedNs : kLookAgainNs;
  if (is_new || has_changed || now_ns - process.looked_ns >= period_ns) {
    process.looked_ns = now_ns;
    find_descriptors(pid, process);
  }
  return process;
}

void DrmClients::find_descriptors(pid_t pid, Process& process) {
  process.descriptors.clear();
  process.has_rocm = false;
  const base::UniqueFd folder(
      ::openat(root_.proc_fd(), path_of(pid, "fd").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  process.is_hidden = !folder.valid() && (errno == EACCES || errno == EPERM);
  if (!folder.valid()) return;
  std::array<char, 64> space{};
  for (const std::string& name : names_in(folder.get(), ".")) {
    const auto number = base::parse_number<int>(name);
    if (!number) continue;
    const std::string_view target = target_of(folder.get(), name, space);
    if (target == "/dev/kfd") process.has_rocm = true;
    if (const auto card = card_of_node(target)) process.descriptors.push_back({*number, *card});
  }
}

std::optional<size_t> DrmClients::card_of_node(std::string_view path) const {
  constexpr std::string_view kFolder = "/dev/dri/";
  if (!path.starts_with(kFolder)) return std::nullopt;
  path.remove_prefix(kFolder.size());
  for (size_t place = 0; place < places_.size(); ++place) {
    if (std::ranges::find(places_[place].nodes, path) != places_[place].nodes.end()) return place;
  }
  return std::nullopt;
}

// The name of the file is a matter of whoever made the container; the driver's word is not.
std::optional<size_t> DrmClients::card_of(const DrmFdinfo& info, size_t by_name) const {
  if (info.bus_id.empty()) return by_name;
  const auto place = std::ranges::find(places_, info.bus_id, &Place::bus_id);
  if (place == places_.end()) return std::nullopt;
  return static_cast<size_t>(place - places_.begin());
}

void DrmClients::collect(pid_t pid, Process& process) {
  std::erase_if(process.descriptors,
                [&](const Descriptor& descriptor) { return !collect(pid, process, descriptor); });
}

bool DrmClients::collect(pid_t pid, Process& process, const Descriptor& descriptor) {
  const std::string number = std::to_string(descriptor.number);
  const auto file = kernfs::File::open(root_.proc_fd(), path_of(pid, "fdinfo/" + number).c_str());
  const auto text = file ? file->read(buffer_) : file.error();
  if (!text) {
    const bool is_forbidden = text.error().code == base::ErrorCode::kPermissionDenied;
    process.is_hidden = process.is_hidden || is_forbidden;
    return is_forbidden;  // else it is closed, or the process has ended
  }
  auto info = parse_drm_fdinfo(*text);
  if (!info || !info->client_id) {
    // Either the number is another file's by now, or the kernel is too old to tell.
    std::array<char, 64> space{};
    const auto target = target_of(root_.proc_fd(), path_of(pid, "fd/" + number), space);
    if (card_of_node(target) != descriptor.card) return false;
    telling_[descriptor.card].memory = false;
    telling_[descriptor.card].engines = false;
    return true;
  }
  const auto card = card_of(*info, descriptor.card);
  const bool has_rocm = process.has_rocm && info->driver == "amdgpu";
  if (card) told_.push_back({pid, *card, has_rocm, std::move(*info)});
  return true;
}

void DrmClients::choose_owners() {
  for (const Told& told : told_) {
    Client& client = clients_[{told.card, *told.info.client_id}];
    if (client.round != round_) client.next_owner = told.pid;
    if (told.pid == client.owner) client.next_owner = told.pid;
    client.round = round_;
  }
  // One file of each client, its owner's.
  std::erase_if(told_, [&](const Told& told) {
    Client& client = clients_[{told.card, *told.info.client_id}];
    client.owner = client.next_owner;
    if (told.pid != client.owner || client.counted_in == round_) return true;
    client.counted_in = round_;
    return false;
  });
}

void DrmClients::learn(const Told& told) {
  DrmTelling& telling = telling_[told.card];
  if (!memory_of(told.info)) telling.memory = false;
  if (!tells_engines(told.info)) telling.engines = false;
  if (told.has_rocm) telling.has_hidden_work = true;
}

// Since when the counters of the client count, or since when we know what they were.
std::optional<int64_t> DrmClients::begin_of(const Client& client, const DrmFdinfo& info,
                                            int64_t now_ns) const {
  if (client.read_ns) return client.read_ns;
  if (!last_full_ns_) return std::nullopt;
  const double elapsed_ns = static_cast<double>(now_ns - *last_full_ns_);
  for (const DrmEngine& engine : info.engines) {
    const double most_ns = elapsed_ns * engine.capacity;
    if (engine.busy_ns && static_cast<double>(*engine.busy_ns) > most_ns) return std::nullopt;
    if (!engine.busy_ns && engine.busy_cycles.value_or(0) > 0) return std::nullopt;
  }
  return last_full_ns_;
}

// A counter may be lower than before for a while, by the rules of the file: the larger one stays.
std::optional<DrmClients::Shares> DrmClients::advance(Client& client, const DrmFdinfo& info,
                                                      int64_t now_ns) {
  const auto begin_ns = begin_of(client, info, now_ns);
  client.read_ns = now_ns;
  const bool is_known = begin_ns && now_ns > *begin_ns;
  const auto elapsed_ns = is_known ? static_cast<uint64_t>(now_ns - *begin_ns) : 0;
  Shares shares;
  for (const DrmEngine& engine : info.engines) {
    Counters& counters = client.engines[engine.name];
    if (engine.busy_ns) {
      const uint64_t busy_ns = std::max(*engine.busy_ns, counters.busy_ns);
      // An engine of which nothing was told so far has not worked before, for a client that was
      // there.
      shares[engine.name] = share_of(busy_ns - counters.busy_ns, elapsed_ns, engine.capacity);
      counters.busy_ns = busy_ns;
    } else if (engine.busy_cycles && engine.all_cycles) {
      const uint64_t busy = std::max(*engine.busy_cycles, counters.busy_cycles);
      const uint64_t all = std::max(*engine.all_cycles, counters.all_cycles);
      if (counters.has_cycles) {
        shares[engine.name] =
            share_of(busy - counters.busy_cycles, all - counters.all_cycles, engine.capacity);
      }
      counters.busy_cycles = busy;
      counters.all_cycles = all;
      counters.has_cycles = true;
    }
  }
  if (!is_known) return std::nullopt;
  return shares;
}

void DrmClients::sum_up(Depth depth, int64_t now_ns, std::vector<ProcessReading>& found) {
  std::map<std::pair<pid_t, size_t>, size_t> places;
  std::vector<Sum> sums;
  for (const Told& told : told_) {
    learn(told);
    const auto [place, is_new] = places.try_emplace({told.pid, told.card}, sums.size());
    if (is_new) sums.push_back({{told.card, told.pid, {}, {}, {}}, {}, depth == Depth::kFull});
    Sum& sum = sums[place->second];
    if (const auto bytes = memory_of(told.info)) {
      sum.reading.memory_bytes = sum.reading.memory_bytes.value_or(0) + *bytes;
    }
    if (depth == Depth::kFull) add(told, now_ns, sum);
  }
  for (const Sum& sum : sums) {
    found.push_back(sum.reading);
    if (!sum.is_timed) continue;
    double busiest = 0;
    for (const auto& [name, share] : sum.shares) busiest = std::max(busiest, share);
    found.back().utilization = std::min(busiest, 1.0);
  }
}

void DrmClients::add(const Told& told, int64_t now_ns, Sum& sum) {
  const auto shares = advance(clients_[{told.card, *told.info.client_id}], told.info, now_ns);
  if (!shares) telling_[told.card].has_untimed_clients = true;
  if (!shares || !tells_engines(told.info) || told.has_rocm) {
    sum.is_timed = false;
    return;
  }
  for (const auto& [name, share] : *shares) sum.shares[name] += share;
}

void DrmClients::forget_the_gone() {
  std::erase_if(processes_, [&](const auto& entry) { return entry.second.round != round_; });
  std::erase_if(clients_, [&](const auto& entry) { return entry.second.round != round_; });
}

}  // namespace jumper::gpu
