// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/nodes/agent.h"

#include <unistd.h>

#include <cmath>

#include "jumper/base/parse.h"
#include "jumper/gpu/detect.h"
#include "jumper/journal/liveness.h"
#include "jumper/journal/payload.h"
#include "jumper/source/group_levels.h"
#include "jumper/source/resources.h"
#include "jumper/source/slurm_job.h"

namespace jumper::nodes {

Agent::Agent(const kernfs::KernelRoot& root, const base::Clock& clock, journal::Writer& writer)
    : root_(root), clock_(clock), writer_(writer) {}

Agent::~Agent() {
  if (sampler_) sampler_->stop();
}

base::Status Agent::start(const AgentOptions& options) {
  journal::Facts facts;
  facts.origin = journal::origin_of_process(root_);
  facts.origin.version = options.program_version;
  facts.start_ns = clock_.monotonic_ns();
  facts.wall_start_ns = clock_.wall_ns();
  facts.interval_seconds = options.interval_seconds;
  facts.budget_percent = options.budget_percent;
  facts.resources = source::read_resources(root_);
  gpus_ = gpu::start_poller(root_);
  if (gpus_) {
    gpus_->wait_until_known(gpu::kLongestStartNs);
    facts.resources.gpu = gpus_->status();
  }
  facts.job = source::read_slurm_job();
  source::GroupLevels groups = source::find_group_levels(root_, facts.job);
  // Within a job the collectors are a step of their own: that is no container of the user's.
  if (groups.slurm) groups.container.reset();
  sampler::ProcessTable::Options followed;
  followed.root_pid = ::getpid();
  followed.self_pid = ::getpid();
  followed.root_counts = false;  // the collector is no work of the user's, and starts nothing
  followed.look_at_own_group = false;
  facts.levels = {metric::Scope::kSystem};
  // Of a job's node, the job is what counts: all of the user's processes would cost more than that.
  if (!groups.slurm) {
    followed.user = ::getuid();
    facts.levels.insert(facts.levels.begin(), metric::Scope::kUser);
  }
  sampler_ = std::make_unique<sampler::Sampler>(root_, clock_, process_clocks_, followed, writer_);
  if (groups.slurm) facts.levels.push_back(metric::Scope::kSlurm);
  if (groups.container) facts.levels.push_back(metric::Scope::kContainer);
  facts.level_limits = source::limits_of(groups);
  writer_.set_facts(facts);
  sampler::SamplerOptions sampling;
  sampling.interval_ns = std::llround(options.interval_seconds * 1e9);
  sampling.budget_share = options.budget_percent / 100;
  sampling.exact_peak = false;
  sampling.watch_limit = false;
  sampling.container = groups.container;
  sampling.slurm = groups.slurm;
  sampling.gpus = gpus_.get();
  return sampler_->start(sampling);
}

void Agent::take_command(std::string_view line, uint32_t rank) {
  const std::string_view verb = base::next_word(line);
  const std::string_view argument = base::next_word(line);
  if (verb == "ping") {
    const auto id = base::parse_number<uint64_t>(argument);
    if (!id) return;
    std::string payload;
    journal::put_number(payload, *id);
    journal::put_signed(payload, clock_.monotonic_ns());
    writer_.put(journal::FrameType::kPong, payload);
  } else if (verb == "key") {
    if (base::parse_number<uint32_t>(argument) == rank) writer_.repeat_header();
  } else if (verb == "tick") {
    const bool is_end = argument == "E";
    static_cast<void>(
        sampler_->tick_now(is_end ? metric::TickKind::kCellEnd : metric::TickKind::kCellStart));
  }
}

void Agent::stop() {
  sampler_->stop();
  const journal::Moment now{clock_.monotonic_ns(), clock_.wall_ns()};
  writer_.stop(now, sampler_->stats());
  writer_.end(now);
}

}  // namespace jumper::nodes
