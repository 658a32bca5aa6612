// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/journal/records.h"

#include <algorithm>

#include "jumper/base/text.h"
#include "jumper/journal/gpu_codec.h"
#include "jumper/journal/limit_codec.h"
#include "jumper/journal/payload.h"
#include "jumper/journal/tick_codec.h"

namespace jumper::journal {
namespace {

// Sources of cells beyond this are cut: a frame has to fit, and a journal to stay small.
constexpr size_t kMostSource = size_t{1} << 20;
constexpr size_t kMostMagics = 1000;
constexpr size_t kMostLevels = 16;
constexpr double kMostCpus = 1 << 20;
constexpr size_t kMostParts = 64;
constexpr size_t kMostNote = 1000;
constexpr size_t kMostGpus = 256;

// The numbers are what stands in files: never change one, never use one again.
enum class Tag : uint8_t {
  kSeries = 1,
  kId = 2,
  kHost = 3,
  kBootId = 4,
  kNotebook = 5,
  kFolder = 6,
  kProgramVersion = 7,
  kPid = 8,
  kUid = 9,
  kPidStartTicks = 10,
  kStart = 11,  // monotonic and wall clock
  kInterval = 12,
  kBudget = 13,
  kLevels = 14,
  kUsableCpus = 15,
  kOnlineCpus = 16,
  kPhysicalBytes = 17,
  kAvailableBytes = 18,
  kSwapBytes = 19,
  kAddressSpaceBytes = 20,
  kMemoryLimitBytes = 21,
  kMemoryLimitReason = 22,
  kKernel = 23,
  kNotes = 24,
  kCpuLimits = 25,
  kMemoryLimits = 26,
  kGpuChoices = 27,
  kGpus = 28,
  // 29: limits
  kJob = 30,
  kLevelLimits = 31,
};

std::string numbers(auto... values) {
  std::string bytes;
  (put_number(bytes, static_cast<uint64_t>(values)), ...);
  return bytes;
}
std::string real(double value) {
  std::string bytes;
  put_double(bytes, value);
  return bytes;
}

class FieldWriter {
 public:
  explicit FieldWriter(std::string& bytes) : bytes_(bytes) {}
  void put(Tag tag, std::string_view content) {
    put_number(bytes_, static_cast<uint64_t>(tag));
    put_text(bytes_, content);
  }
  void put_if(Tag tag, const std::optional<uint64_t>& value) {
    if (value) put(tag, numbers(*value));
  }

 private:
  std::string& bytes_;
};

std::string encode_series(const metric::Schema& schema) {
  std::string bytes = numbers(schema.size());
  for (const metric::SeriesKey& key : schema.series()) {
    put_text(bytes, metric::info(key.metric).name);
    put_text(bytes, metric::scope_name(key.scope));
    put_signed(bytes, key.instance);
    put_number(bytes, quantum_of(key));
  }
  return bytes;
}

std::optional<metric::Metric> find_metric(std::string_view name) {
  for (const metric::MetricInfo& info : metric::catalog()) {
    if (info.name == name) return info.metric;
  }
  return std::nullopt;
}

bool decode_series(std::string_view content, Header& header) {
  PayloadReader reader(content);
  const uint64_t count = reader.number();
  if (count > kMostSeries) return false;
  std::vector<metric::SeriesKey> series;
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    const auto metric = find_metric(reader.text());
    const auto scope = metric::find_scope(reader.text());
    const int64_t instance = reader.signed_number();
    const uint64_t quantum = reader.number();
    if (instance < metric::kWhole || instance > 1'000'000 || quantum == 0 || quantum > 1U << 30U)
      return false;
    const bool is_known = metric && scope;
    header.quanta.push_back(static_cast<uint32_t>(quantum));
    if (is_known) series.push_back({*metric, *scope, static_cast<int32_t>(instance)});
    header.is_known.push_back(is_known);
  }
  header.schema = std::make_shared<const metric::Schema>(std::move(series));
  return reader.ok();
}

std::string encode_cpus(const std::vector<int>& cpus) {
  std::string bytes = numbers(cpus.size());
  for (const int cpu : cpus) put_number(bytes, static_cast<uint64_t>(cpu));
  return bytes;
}

template <typename Number>
void take_number(PayloadReader& reader, Number& into) {
  into = static_cast<Number>(reader.number());
}

// Each of these is false where the tag is none of its own.
bool decode_origin(Tag tag, std::string_view content, Origin& origin) {
  PayloadReader reader(content);
  switch (tag) {
    case Tag::kId:
      origin.id = content;
      return true;
    case Tag::kHost:
      origin.host = content;
      return true;
    case Tag::kBootId:
      origin.boot_id = content;
      return true;
    case Tag::kNotebook:
      origin.notebook = content;
      return true;
    case Tag::kFolder:
      origin.folder = content;
      return true;
    case Tag::kProgramVersion:
      origin.version = content;
      return true;
    case Tag::kPid:
      take_number(reader, origin.pid);
      return true;
    case Tag::kUid:
      take_number(reader, origin.uid);
      return true;
    case Tag::kPidStartTicks:
      take_number(reader, origin.pid_start_ticks);
      return true;
    default:
      return false;
  }
}

bool decode_resources(Tag tag, std::string_view content, source::Resources& resources) {
  PayloadReader reader(content);
  switch (tag) {
    case Tag::kUsableCpus:
      for (uint64_t count = reader.number();
           count > 0 && !reader.at_end() && resources.usable_cpus.size() < kMostSeries; --count)
        resources.usable_cpus.push_back(static_cast<int>(reader.number() & 0xFFFFFU));
      return true;
    case Tag::kOnlineCpus:
      take_number(reader, resources.online_cpus);
      return true;
    case Tag::kPhysicalBytes:
      resources.physical_bytes = reader.number();
      return true;
    case Tag::kAvailableBytes:
      resources.available_bytes = reader.number();
      return true;
    case Tag::kSwapBytes:
      resources.swap_bytes = reader.number();
      return true;
    case Tag::kAddressSpaceBytes:
      resources.address_space_bytes = reader.number();
      return true;
    case Tag::kMemoryLimitBytes:
      resources.memory_limit_bytes = reader.number();
      return true;
    case Tag::kMemoryLimitReason:
      resources.memory_limit_reason = base::one_line(content, kMostNote);
      return true;
    case Tag::kCpuLimits:
      resources.cpu_limits = decode_limits(content);
      return true;
    case Tag::kMemoryLimits:
      resources.memory_limits = decode_limits(content);
      return true;
    case Tag::kGpuChoices:
      resources.gpu_choices = decode_gpu_choices(content);
      return true;
    case Tag::kGpus:
      resources.gpu = decode_gpus(content);
      return true;
    case Tag::kKernel:
      resources.kernel = base::one_line(content, kMostNote);
      return true;
    default:
      return false;
  }
}

// What is no number, or none that a monitor takes, leaves what was there.
void take_real(PayloadReader& reader, double most, double& into) {
  const double value = reader.real();
  if (reader.ok() && value >= 0 && value <= most) into = value;
}

std::string encode_job(const source::SlurmJob& job) {
  std::string bytes;
  put_text(bytes, job.id);
  put_text(bytes, job.node_name);
  put_text(bytes, job.node_list);
  put_number(bytes, job.nodes);
  const auto put_if = [&](const auto& value) {
    put_number(bytes, value ? uint64_t{*value} + 1 : 0);
  };
  put_if(job.cpus_on_node);
  put_if(job.cpus_per_task);
  put_if(job.tasks);
  put_if(job.memory_per_node_bytes);
  put_if(job.memory_per_cpu_bytes);
  put_number(bytes, job.is_step ? 1 : 0);
  put_number(bytes, job.gpus.size());
  for (const std::string& gpu : job.gpus) put_text(bytes, gpu);
  return bytes;
}

std::optional<source::SlurmJob> decode_job(std::string_view content) {
  PayloadReader reader(content);
  const auto line = [&] { return base::one_line(reader.text(), kMostNote); };
  const auto take_if = [&](auto& into) {
    if (const uint64_t value = reader.number(); value != 0)
      into = static_cast<std::remove_cvref_t<decltype(*into)>>(value - 1);
  };
  source::SlurmJob job;
  job.id = line();
  job.node_name = line();
  job.node_list = line();
  take_number(reader, job.nodes);
  take_if(job.cpus_on_node);
  take_if(job.cpus_per_task);
  take_if(job.tasks);
  take_if(job.memory_per_node_bytes);
  take_if(job.memory_per_cpu_bytes);
  job.is_step = reader.number() != 0;
  for (uint64_t count = reader.number(); count > 0 && reader.ok() && job.gpus.size() < kMostGpus;
       --count)
    job.gpus.push_back(line());
  return reader.ok() ? std::optional(job) : std::nullopt;
}

std::string encode_level_limits(const std::vector<source::LevelLimits>& all) {
  std::string bytes;
  for (const source::LevelLimits& limits : all) {
    put_text(bytes, metric::scope_name(limits.scope));
    put_double(bytes, limits.cpus.value_or(0));
    put_number(bytes, limits.memory_bytes ? *limits.memory_bytes + 1 : 0);
    put_text(bytes, limits.memory_reason);
  }
  return bytes;
}

std::vector<source::LevelLimits> decode_level_limits(std::string_view content) {
  PayloadReader reader(content);
  std::vector<source::LevelLimits> all;
  while (!reader.at_end() && all.size() < kMostLevels) {
    const auto scope = metric::find_scope(reader.text());
    source::LevelLimits limits;
    const double cpus = reader.real();
    const uint64_t memory = reader.number();
    limits.memory_reason = base::one_line(reader.text(), kMostNote);
    if (!reader.ok()) break;
    if (cpus > 0 && cpus <= kMostCpus) limits.cpus = cpus;
    if (memory > 0) limits.memory_bytes = memory - 1;
    if (!scope) continue;
    limits.scope = *scope;
    all.push_back(std::move(limits));
  }
  return all;
}

void decode_fact(Tag tag, std::string_view content, Facts& facts) {
  PayloadReader reader(content);
  switch (tag) {
    case Tag::kInterval:
      return take_real(reader, 86'400, facts.interval_seconds);
    case Tag::kBudget:
      return take_real(reader, 100, facts.budget_percent);
    case Tag::kStart:
      facts.start_ns = reader.signed_number();
      facts.wall_start_ns = reader.signed_number();
      return;
    case Tag::kJob:
      facts.job = decode_job(content);
      return;
    case Tag::kLevelLimits:
      facts.level_limits = decode_level_limits(content);
      return;
    case Tag::kLevels:
      while (!reader.at_end() && facts.levels.size() < kMostLevels) {
        if (const auto scope = metric::find_scope(reader.text())) facts.levels.push_back(*scope);
      }
      return;
    case Tag::kNotes:
      while (!reader.at_end() && facts.notes.size() < kMostParts)
        facts.notes.push_back(base::one_line(reader.text(), kMostNote));
      return;
    default:
      return;
  }
}

void decode_field(Tag tag, std::string_view content, Facts& facts) {
  if (decode_origin(tag, content, facts.origin)) return;
  if (decode_resources(tag, content, facts.resources)) return;
  decode_fact(tag, content, facts);
}

void put_origin(FieldWriter& fields, const Origin& origin) {
  fields.put(Tag::kId, origin.id);
  fields.put(Tag::kHost, origin.host);
  fields.put(Tag::kBootId, origin.boot_id);
  fields.put(Tag::kNotebook, origin.notebook);
  fields.put(Tag::kFolder, origin.folder);
  fields.put(Tag::kProgramVersion, origin.version);
  fields.put(Tag::kPid, numbers(origin.pid));
  fields.put(Tag::kUid, numbers(origin.uid));
  fields.put(Tag::kPidStartTicks, numbers(origin.pid_start_ticks));
}

void put_resources(FieldWriter& fields, const source::Resources& resources) {
  fields.put(Tag::kUsableCpus, encode_cpus(resources.usable_cpus));
  fields.put(Tag::kOnlineCpus, numbers(resources.online_cpus));
  fields.put_if(Tag::kPhysicalBytes, resources.physical_bytes);
  fields.put_if(Tag::kAvailableBytes, resources.available_bytes);
  fields.put_if(Tag::kSwapBytes, resources.swap_bytes);
  fields.put_if(Tag::kAddressSpaceBytes, resources.address_space_bytes);
  fields.put_if(Tag::kMemoryLimitBytes, resources.memory_limit_bytes);
  fields.put(Tag::kMemoryLimitReason, resources.memory_limit_reason);
  fields.put(Tag::kKernel, resources.kernel);
  if (!resources.cpu_limits.empty())
    fields.put(Tag::kCpuLimits, encode_limits(resources.cpu_limits));
  if (!resources.memory_limits.empty())
    fields.put(Tag::kMemoryLimits, encode_limits(resources.memory_limits));
  if (!resources.gpu_choices.empty())
    fields.put(Tag::kGpuChoices, encode_gpu_choices(resources.gpu_choices));
  if (resources.gpu.is_known) fields.put(Tag::kGpus, encode_gpus(resources.gpu));
}

}  // namespace

std::string encode_header(const Facts& facts, const metric::Schema& schema) {
  std::string bytes;
  bytes += static_cast<char>(kFormatVersion);
  FieldWriter fields(bytes);
  fields.put(Tag::kSeries, encode_series(schema));
  put_origin(fields, facts.origin);
  if (facts.start_ns && facts.wall_start_ns) {
    std::string start;
    put_signed(start, *facts.start_ns);
    put_signed(start, *facts.wall_start_ns);
    fields.put(Tag::kStart, start);
  }
  fields.put(Tag::kInterval, real(facts.interval_seconds));
  fields.put(Tag::kBudget, real(facts.budget_percent));
  std::string levels;
  for (const metric::Scope scope : facts.levels) put_text(levels, metric::scope_name(scope));
  fields.put(Tag::kLevels, levels);
  put_resources(fields, facts.resources);
  if (!facts.level_limits.empty())
    fields.put(Tag::kLevelLimits, encode_level_limits(facts.level_limits));
  if (facts.job) fields.put(Tag::kJob, encode_job(*facts.job));
  std::string notes;
  for (const std::string& note : facts.notes) put_text(notes, note);
  fields.put(Tag::kNotes, notes);
  return bytes;
}

base::Result<Header> decode_header(std::string_view payload) {
  PayloadReader reader(payload);
  if (const uint8_t version = reader.byte(); version > kFormatVersion) {
    return base::Error{base::ErrorCode::kUnsupported,
                       "it is of format " + std::to_string(version) + ", and this version reads " +
                           std::to_string(kFormatVersion) + ": update jumper-extension",
                       0};
  }
  Header header;
  header.schema = std::make_shared<const metric::Schema>(std::vector<metric::SeriesKey>{});
  while (!reader.at_end() && reader.ok()) {
    const uint64_t tag = reader.number();
    const std::string_view content = reader.text();
    if (tag > 255) continue;
    if (static_cast<Tag>(tag) == Tag::kSeries) {
      if (header.is_known.empty() && decode_series(content, header)) continue;
      return base::Error{base::ErrorCode::kParse, "its list of series is damaged", 0};
    }
    decode_field(static_cast<Tag>(tag), content, header.facts);
  }
  if (!reader.ok()) return base::Error{base::ErrorCode::kParse, "its header is damaged", 0};
  return header;
}

// ---- cells ---------------------------------------------------------------------------------

std::string encode_cell_start(const cells::Cell& cell, bool keeps_source) {
  std::string bytes = numbers(cell.index);
  put_signed(bytes, cell.start_ns);
  put_signed(bytes, cell.wall_start_ns);
  put_text(bytes, keeps_source ? std::string_view(cell.source).substr(0, kMostSource)
                               : std::string_view());
  const size_t magics = keeps_source ? std::min(cell.magics.size(), kMostMagics) : 0;
  put_number(bytes, magics);
  for (size_t i = 0; i < magics; ++i)
    put_text(bytes, std::string_view(cell.magics[i]).substr(0, 1000));
  return bytes;
}

std::optional<cells::Cell> decode_cell_start(std::string_view payload) {
  PayloadReader reader(payload);
  cells::Cell cell;
  cell.index = reader.number();
  cell.start_ns = reader.signed_number();
  cell.wall_start_ns = reader.signed_number();
  cell.source = reader.text();
  const uint64_t magics = std::min<uint64_t>(reader.number(), kMostMagics);
  for (uint64_t i = 0; i < magics && reader.ok(); ++i) cell.magics.emplace_back(reader.text());
  if (!reader.ok()) return std::nullopt;
  return cell;
}

namespace {

constexpr unsigned kHasPeak = 1;
constexpr unsigned kHasChildPeak = 2;
constexpr unsigned kHasWall = 4;
constexpr unsigned kHasRunDelay = 8;
constexpr unsigned kHasDiskWait = 16;
constexpr unsigned kHasThrottled = 32;

unsigned what_it_has(const cells::CellReadings& readings) {
  unsigned has = 0;
  if (readings.peak_resident_bytes) has |= kHasPeak;
  if (readings.child_peak_bytes) has |= kHasChildPeak;
  if (!readings.wall_times) return has;
  has |= kHasWall;
  if (readings.wall_times->run_delay_ns) has |= kHasRunDelay;
  if (readings.wall_times->disk_wait_ns) has |= kHasDiskWait;
  if (readings.wall_times->throttled_ns) has |= kHasThrottled;
  return has;
}

source::WallTimes decode_wall(PayloadReader& reader, unsigned has) {
  source::WallTimes wall;
  wall.thread_id = static_cast<pid_t>(reader.number());
  wall.user_ns = reader.signed_number();
  wall.system_ns = reader.signed_number();
  if ((has & kHasRunDelay) != 0) wall.run_delay_ns = reader.signed_number();
  if ((has & kHasDiskWait) != 0) wall.disk_wait_ns = reader.signed_number();
  if ((has & kHasThrottled) != 0) wall.throttled_ns = reader.signed_number();
  wall.major_faults = reader.number();
  wall.voluntary_switches = reader.number();
  wall.involuntary_switches = reader.number();
  return wall;
}

}  // namespace

std::string encode_cell_end(const cells::Cell& cell) {
  const cells::CellReadings& readings = cell.readings;
  std::string bytes = numbers(cell.index);
  put_signed(bytes, cell.start_ns);
  put_signed(bytes, cell.end_ns);
  put_signed(bytes, cell.wall_end_ns);
  put_number(bytes, static_cast<uint64_t>(cell.status));
  put_number(bytes, what_it_has(readings));
  if (readings.peak_resident_bytes) put_number(bytes, *readings.peak_resident_bytes);
  if (readings.child_peak_bytes) put_number(bytes, *readings.child_peak_bytes);
  if (!readings.wall_times) return bytes;
  const source::WallTimes& wall = *readings.wall_times;
  put_number(bytes, static_cast<uint64_t>(wall.thread_id));
  for (const std::optional<int64_t>& part :
       {std::optional(wall.user_ns), std::optional(wall.system_ns), wall.run_delay_ns,
        wall.disk_wait_ns, wall.throttled_ns}) {
    if (part) put_signed(bytes, *part);
  }
  bytes += numbers(wall.major_faults, wall.voluntary_switches, wall.involuntary_switches);
  return bytes;
}

bool decode_cell_end(std::string_view payload, cells::Cell& cell) {
  PayloadReader reader(payload);
  if (reader.number() != cell.index) return false;
  cells::Cell ended = cell;
  ended.start_ns = reader.signed_number();
  ended.end_ns = reader.signed_number();
  ended.wall_end_ns = reader.signed_number();
  const uint64_t status = reader.number();
  const auto has = static_cast<unsigned>(reader.number() & 255U);
  if ((has & kHasPeak) != 0) ended.readings.peak_resident_bytes = reader.number();
  if ((has & kHasChildPeak) != 0) ended.readings.child_peak_bytes = reader.number();
  if ((has & kHasWall) != 0) ended.readings.wall_times = decode_wall(reader, has);
  if (!reader.ok() || status > static_cast<uint64_t>(cells::CellStatus::kKilled)) return false;
  ended.status = static_cast<cells::CellStatus>(status);
  cell = std::move(ended);
  return true;
}

// ---- the rest ------------------------------------------------------------------------------

std::string encode_cost(const sampler::SamplerStats& stats) {
  std::string bytes =
      numbers(stats.ticks, stats.curve_ticks, stats.edge_ticks, stats.missed_ticks,
              stats.stretched_ticks, stats.cpu_ns, stats.running_ns, stats.wake_ups,
              stats.late_sum_ns, stats.late_max_ns, stats.io_unreadable, stats.user_io_unreadable,
              stats.page_walks, stats.shared_in_full, stats.user_shared_in_full);
  const size_t parts = std::min(stats.left_out.size(), kMostParts);
  put_number(bytes, parts);
  for (size_t i = 0; i < parts; ++i) {
    put_text(bytes, stats.left_out[i].what);
    put_number(bytes, stats.left_out[i].ticks);
  }
  return bytes;
}

std::optional<sampler::SamplerStats> decode_cost(std::string_view payload) {
  PayloadReader reader(payload);
  sampler::SamplerStats stats;
  for (uint64_t* const count : {&stats.ticks, &stats.curve_ticks, &stats.edge_ticks,
                                &stats.missed_ticks, &stats.stretched_ticks})
    *count = reader.number();
  stats.cpu_ns = static_cast<int64_t>(reader.number());
  stats.running_ns = static_cast<int64_t>(reader.number());
  stats.wake_ups = reader.number();
  stats.late_sum_ns = static_cast<int64_t>(reader.number());
  stats.late_max_ns = static_cast<int64_t>(reader.number());
  stats.io_unreadable = static_cast<uint32_t>(reader.number());
  stats.user_io_unreadable = static_cast<uint32_t>(reader.number());
  stats.page_walks = reader.number();
  stats.shared_in_full = static_cast<uint32_t>(reader.number());
  stats.user_shared_in_full = static_cast<uint32_t>(reader.number());
  const uint64_t parts = std::min<uint64_t>(reader.number(), kMostParts);
  for (uint64_t i = 0; i < parts && reader.ok(); ++i) {
    std::string what(reader.text());
    stats.left_out.push_back({std::move(what), reader.number()});
  }
  if (!reader.ok()) return std::nullopt;
  return stats;
}

std::string encode_moment(const Moment& moment) {
  std::string bytes;
  put_signed(bytes, moment.time_ns);
  put_signed(bytes, moment.wall_ns);
  return bytes;
}

std::optional<Moment> decode_moment(std::string_view payload) {
  PayloadReader reader(payload);
  Moment moment;
  moment.time_ns = reader.signed_number();
  moment.wall_ns = reader.signed_number();
  if (!reader.ok()) return std::nullopt;
  return moment;
}

std::string encode_note(const Note& note) {
  std::string bytes;
  put_signed(bytes, note.time_ns);
  put_text(bytes, note.text);
  return bytes;
}

std::optional<Note> decode_note(std::string_view payload) {
  PayloadReader reader(payload);
  Note note;
  note.time_ns = reader.signed_number();
  note.text = reader.text();
  if (!reader.ok()) return std::nullopt;
  return note;
}

}  // namespace jumper::journal
