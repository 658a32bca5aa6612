// SPDX-License-Identifier: BSD-3-Clause
// What processes have of the cards of graphics drivers, from the fdinfo of the files in /dev/dri
// that they have open.
//
// A client of a driver is one opening of the file; descriptors that were copied, inherited or sent
// to another process lead to the same one. Each client counts once, for the process that had it at
// the reading before, else for the first that has it.
//
// Utilization is the share of the time in which the busiest class of engines worked for the
// process. Not the sum of the classes: a card that copies while it computes would be at 200 %,
// while all others say of a card that it is busy or it is not. It is exact where a program uses one
// class at a time, and too low where it uses several in turns. Of a class with several engines,
// all of them busy is 100 %.
//
// A client that was not there at the reading before has come since, where all its time fits between
// the two; of others that are new to us, the time since is known from the next reading on.
//
// Memory is what is there of the card's own memory (memory_of). Buffers that clients share count
// in each of them.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "jumper/gpu/backend.h"
#include "jumper/gpu/card.h"
#include "jumper/gpu/drm_cards.h"
#include "jumper/gpu/drm_fdinfo.h"
#include "jumper/kernfs/file.h"
#include "jumper/kernfs/kernel_root.h"

namespace jumper::gpu {

// What is known of one card's driver from what its clients' files told so far.
struct DrmTelling {
  // Whether there is nothing that a process could have without its being told.
  bool memory = true;
  bool engines = true;
  // A process computes through ROCm, whose queues the driver does not time.
  bool has_hidden_work = false;
  // A client's time since the reading before is not known, this once.
  bool has_untimed_clients = false;
  // A process's files may not be looked at.
  bool has_hidden_processes = false;
};

class DrmClients {
 public:
  // The root must outlive this.
  explicit DrmClients(const kernfs::KernelRoot& root) : root_(root) {}

  // Once, before all else: their places are the numbers in what is read.
  void set_cards(std::span<const DrmCard> cards);

  // Adds what each of `processes` has to `found`, in their order. Utilization is since the reading
  // of kFull before, and absent at kEdge.
  void read(Depth depth, std::span<const pid_t> processes, int64_t now_ns,
            std::vector<ProcessReading>& found);

  // As long as the cards.
  [[nodiscard]] std::span<const DrmTelling> telling() const { return telling_; }

 private:
  struct Place {
    std::string bus_id;
    std::vector<std::string> nodes;
  };
  struct Descriptor {
    int number = 0;
    size_t card = 0;  // where the file's name leads; fdinfo's bus address goes before it
  };
  struct Process {
    std::vector<Descriptor> descriptors;
    bool has_rocm = false;
    bool is_hidden = false;
    int64_t looked_ns = 0;
    std::optional<uint64_t> descriptor_count;
    uint64_t round = 0;
  };
  struct Counters {
    uint64_t busy_ns = 0;
    uint64_t busy_cycles = 0;
    uint64_t all_cycles = 0;
    bool has_cycles = false;  // they were told before
  };
  struct Client {
    std::map<std::string, Counters> engines;
    std::optional<int64_t> read_ns;  // the last reading of kFull
    pid_t owner = 0;
    pid_t next_owner = 0;
    uint64_t round = 0;
    uint64_t counted_in = 0;  // the round in which its owner's file of it was found
  };
  // One client's file, as it was read in this round.
  struct Told {
    pid_t pid = 0;
    size_t card = 0;
    bool has_rocm = false;
    DrmFdinfo info;
  };
  using ClientKey = std::pair<size_t, uint64_t>;  // card and number
  using Shares = std::map<std::string, double>;   // of the time, per class of engines

  // What the clients of one process have of one card.
  struct Sum {
    ProcessReading reading;
    Shares shares;
    bool is_timed = true;
  };

  Process& look_at(pid_t pid, int64_t now_ns);
  void find_descriptors(pid_t pid, Process& process);
  [[nodiscard]] std::optional<size_t> card_of_node(std::string_view path) const;
  [[nodiscard]] std::optional<size_t> card_of(const DrmFdinfo& info, size_t by_name) const;
  void collect(pid_t pid, Process& process);
  // False where it is none of a card's any more.
  bool collect(pid_t pid, Process& process, const Descriptor& descriptor);
  void choose_owners();
  void learn(const Told& told);
  // Absent where it is not known since when the counters count.
  std::optional<Shares> advance(Client& client, const DrmFdinfo& info, int64_t now_ns);
  [[nodiscard]] std::optional<int64_t> begin_of(const Client& client, const DrmFdinfo& info,
                                                int64_t now_ns) const;
  void sum_up(Depth depth, int64_t now_ns, std::vector<ProcessReading>& found);
  void add(const Told& told, int64_t now_ns, Sum& sum);
  void forget_the_gone();

  const kernfs::KernelRoot& root_;
  std::vector<Place> places_;
  std::vector<DrmTelling> telling_;
  std::map<pid_t, Process> processes_;
  std::map<ClientKey, Client> clients_;
  std::vector<Told> told_;
  kernfs::ReadBuffer buffer_{4096};
  uint64_t round_ = 0;
  std::optional<int64_t> last_full_ns_;
};

}  // namespace jumper::gpu
