// SPDX-License-Identifier: BSD-3-Clause
// The collector of one node: samples, and writes what it samples down as a journal, without a store
// and without cells. `jumper record` is this. Told to by whoever started it over standard input, it
// answers with its time, repeats its header, takes a tick more, and ends when that is closed.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "jumper/base/clock.h"
#include "jumper/base/result.h"
#include "jumper/gpu/poller.h"
#include "jumper/journal/writer.h"
#include "jumper/kernfs/kernel_root.h"
#include "jumper/sampler/sampler.h"

namespace jumper::nodes {

struct AgentOptions {
  double interval_seconds = 1;
  double budget_percent = 0.5;
  std::string program_version;
};

class Agent {
 public:
  // The referents must outlive the agent.
  Agent(const kernfs::KernelRoot& root, const base::Clock& clock, journal::Writer& writer);
  ~Agent();
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  base::Status start(const AgentOptions& options);
  // "ping N" is answered with a frame, "key R" repeats the header where R is our rank, "tick B" and
  // "tick E" take a tick, at the begin and the end of a cell; anything else is left alone.
  void take_command(std::string_view line, uint32_t rank);
  // With the frames that end a journal.
  void stop();

 private:
  const kernfs::KernelRoot& root_;
  const base::Clock& clock_;
  base::SystemProcessClocks process_clocks_;
  journal::Writer& writer_;
  std::unique_ptr<gpu::Poller> gpus_;
  std::unique_ptr<sampler::Sampler> sampler_;
};

}  // namespace jumper::nodes
