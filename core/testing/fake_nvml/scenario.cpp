// SPDX-License-Identifier: BSD-3-Clause
#include "testing/fake_nvml/scenario.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include "jumper/base/parse.h"

namespace jumper::testing::fake_nvml {
namespace {

using Words = std::vector<std::string>;
using Settings = std::vector<std::pair<std::string, std::string>>;

// Words are separated by blanks; blanks within quotes do not separate, # begins a comment.
Words words_of(std::string_view line) {
  Words words;
  std::string word;
  bool is_quoted = false;
  bool has_word = false;
  for (const char letter : line) {
    if (letter == '"') {
      is_quoted = !is_quoted;
      has_word = true;
    } else if (!is_quoted && letter == '#') {
      break;
    } else if (!is_quoted && base::is_blank(letter)) {
      if (has_word) words.push_back(std::exchange(word, {}));
      has_word = false;
    } else {
      word += letter;
      has_word = true;
    }
  }
  if (has_word) words.push_back(word);
  return words;
}

std::optional<double> number_of(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, double>, 4> kUnits{
      {{"KiB", 0x1p10}, {"MiB", 0x1p20}, {"GiB", 0x1p30}, {"TiB", 0x1p40}}};
  double factor = 1;
  for (const auto& [unit, bytes] : kUnits) {
    if (!text.ends_with(unit)) continue;
    text.remove_suffix(unit.size());
    factor = bytes;
  }
  const auto number = base::parse_number<double>(text);
  if (!number) return std::nullopt;
  return *number * factor;
}

std::optional<Curve> parse_curve(std::string_view text) {
  if (text == "na") return Curve{.kind = Curve::Kind::kNotAvailable};
  std::vector<std::string_view> parts;
  for (size_t start = 0; start <= text.size();) {
    const size_t end = std::min(text.find(':', start), text.size());
    parts.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  if (parts.size() == 1) {
    const auto number = number_of(text);
    if (!number) return std::nullopt;
    return Curve{.kind = Curve::Kind::kConstant, .low = *number, .high = *number};
  }
  if (parts.size() < 4 || parts.size() > 5) return std::nullopt;
  Curve curve;
  if (parts[0] != "wave" && parts[0] != "step") return std::nullopt;
  curve.kind = parts[0] == "wave" ? Curve::Kind::kWave : Curve::Kind::kStep;
  const auto low = number_of(parts[1]);
  const auto high = number_of(parts[2]);
  const auto period = number_of(parts[3]);
  const auto phase = parts.size() == 5 ? number_of(parts[4]) : 0.0;
  if (!low || !high || !period || !phase || *period <= 0) return std::nullopt;
  return Curve{curve.kind, *low, *high, *period, *phase};
}

std::optional<Code> code_of(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, Code>, 19> kNames{{
      {"UNINITIALIZED", Code::kUninitialized},
      {"INVALID_ARGUMENT", Code::kInvalidArgument},
      {"NOT_SUPPORTED", Code::kNotSupported},
      {"NO_PERMISSION", Code::kNoPermission},
      {"NOT_FOUND", Code::kNotFound},
      {"INSUFFICIENT_SIZE", Code::kInsufficientSize},
      {"DRIVER_NOT_LOADED", Code::kDriverNotLoaded},
      {"TIMEOUT", Code::kTimeout},
      {"IRQ_ISSUE", Code::kIrqIssue},
      {"FUNCTION_NOT_FOUND", Code::kFunctionNotFound},
      {"GPU_IS_LOST", Code::kGpuIsLost},
      {"RESET_REQUIRED", Code::kResetRequired},
      {"OPERATING_SYSTEM", Code::kOperatingSystem},
      {"LIB_RM_VERSION_MISMATCH", Code::kVersionMismatch},
      {"NO_DATA", Code::kNoData},
      {"ARGUMENT_VERSION_MISMATCH", Code::kArgumentVersionMismatch},
      {"DEPRECATED", Code::kDeprecated},
      {"GPU_NOT_FOUND", Code::kGpuNotFound},
      {"UNKNOWN", Code::kUnknown},
  }};
  for (const auto& [name, code] : kNames) {
    if (name == text) return code;
  }
  const auto number = base::parse_number<uint32_t>(text);
  if (!number) return std::nullopt;
  return static_cast<Code>(*number);
}

std::string uuid_of(std::string_view kind, size_t card, size_t instance) {
  std::string digits;
  uint64_t seed = 0x9E3779B97F4A7C15ULL * (card * 64 + instance + 1);
  for (int place = 0; place < 32; ++place) {
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    digits += "0123456789abcdef"[seed >> 60U];
    if (place == 7 || place == 11 || place == 15 || place == 19) digits += '-';
  }
  return std::string(kind) + "-" + digits;
}

Card default_card(size_t index) {
  Card card;
  card.name = "NVIDIA Fake 16GB";
  card.uuid = uuid_of("GPU", index, 0);
  card.bus = static_cast<uint32_t>(0x17 + index);
  const auto set = [&](const char* name, double value) {
    card.curves[name] = Curve{.low = value, .high = value};
  };
  set("memory", 0x1p34);
  set("reserved", 0x1p28);
  set("power", 100);
  set("energy", 5'000);
  set("sm_clock", 1'980);
  set("mem_clock", 2'619);
  set("temperature", 40);
  set("pcie_rx", 0);
  set("pcie_tx", 0);
  return card;
}

class Parser {
 public:
  Scenario take() { return std::move(scenario_); }

  void line(std::string_view text, size_t number) {
    Words words = words_of(text);
    if (words.empty() || !scenario_.mistake.empty()) return;
    const std::string verb = words[0];
    words.erase(words.begin());
    if (!statement(verb, words)) {
      scenario_.mistake =
          "line " + std::to_string(number) + ": cannot understand: " + std::string(text);
    }
  }

 private:
  bool statement(const std::string& verb, const Words& words) {
    if (verb == "driver") return words.size() == 1 && set(scenario_.driver, words[0]);
    if (verb == "clock") return words.size() == 1 && set(scenario_.clock, number_of(words[0]));
    if (verb == "wide_processes") return set(scenario_.has_wide_processes, true);
    if (verb == "separate_samples") return set(scenario_.has_separate_samples, true);
    if (verb == "wrong_counts") return set(scenario_.has_wrong_counts, true);
    if (verb == "garbage_samples") {
      const auto count = words.empty() ? std::nullopt : base::parse_number<uint32_t>(words[0]);
      return count && set(scenario_.garbage_samples, *count);
    }
    if (verb == "cards") return cards(words);
    if (verb == "card") return card(words);
    if (verb == "mig") return mig(words);
    if (verb == "process") return process(words);
    if (verb == "error" || verb == "hang" || verb == "slow") return rule(verb, words);
    if (verb == "missing")
      return words.size() == 1 && rule("error", {words[0], "FUNCTION_NOT_FOUND"});
    if (verb == "lost") {
      Words all{"*", "GPU_IS_LOST"};
      all.insert(all.end(), words.begin(), words.end());
      return rule("error", all);
    }
    return false;
  }

  template <typename To, typename From>
  static bool set(To& to, From from) {
    to = std::move(from);
    if constexpr (std::is_same_v<To, std::optional<double>>) return to.has_value();
    return true;
  }

  static bool settings(const Words& words, size_t first, Settings& settings) {
    for (size_t place = first; place < words.size(); ++place) {
      const size_t equals = words[place].find('=');
      if (equals == std::string::npos) return false;
      settings.emplace_back(words[place].substr(0, equals), words[place].substr(equals + 1));
    }
    return true;
  }

  static bool change(Card& card, const std::string& key, const std::string& value) {
    if (key == "name") return set(card.name, value);
    if (key == "uuid") return set(card.uuid, value);
    if (key == "gpm") return set(card.has_gpm, value == "yes");
    if (key == "mig") return set(card.is_mig, value == "yes");
    if (key == "throttle") {
      std::string_view text = value;
      if (text.starts_with("0x")) text.remove_prefix(2);
      const auto [end, error] =
          std::from_chars(text.data(), text.data() + text.size(), card.throttle, 16);
      return error == std::errc{} && end == text.data() + text.size();
    }
    const auto curve = parse_curve(value);
    return curve && set(card.curves[key], *curve);
  }

  bool cards(const Words& words) {
    const auto count = words.empty() ? std::nullopt : base::parse_number<uint32_t>(words[0]);
    Settings all;
    if (!count || !settings(words, 1, all)) return false;
    for (uint32_t one = 0; one < *count; ++one) {
      Card card = default_card(scenario_.cards.size());
      for (const auto& [key, value] : all) {
        if (!change(card, key, value)) return false;
      }
      scenario_.cards.push_back(std::move(card));
    }
    return true;
  }

  bool card(const Words& words) {
    const auto index = words.empty() ? std::nullopt : base::parse_number<size_t>(words[0]);
    Settings all;
    if (!index || *index > scenario_.cards.size() || !settings(words, 1, all)) return false;
    if (*index == scenario_.cards.size()) scenario_.cards.push_back(default_card(*index));
    return std::ranges::all_of(all, [&](const auto& one) {
      return change(scenario_.cards[*index], one.first, one.second);
    });
  }

  bool mig(const Words& words) {
    Settings all;
    if (!settings(words, 0, all)) return false;
    std::optional<size_t> at;
    Instance instance;
    for (const auto& [key, value] : all) {
      if (key == "card") at = base::parse_number<size_t>(value);
    }
    if (!at || *at >= scenario_.cards.size()) return false;
    Card& card = scenario_.cards[*at];
    instance.index = static_cast<uint32_t>(card.instances.size());
    instance.gpu_instance = instance.index + 1;
    instance.name = card.name + " MIG 1g.10gb";
    instance.curves["memory"] = Curve{.low = 0x1p33, .high = 0x1p33};
    for (const auto& [key, value] : all) {
      const auto number = base::parse_number<uint32_t>(value);
      bool is_good = true;
      if (key == "card") continue;
      if (key == "name")
        instance.name = value;
      else if (key == "uuid")
        instance.uuid = value;
      else if (key == "index")
        is_good = number && set(instance.index, *number);
      else if (key == "gi")
        is_good = number && set(instance.gpu_instance, *number);
      else if (key == "ci")
        is_good = number && set(instance.compute_instance, *number);
      else {
        const auto curve = parse_curve(value);
        is_good = curve && set(instance.curves[key], *curve);
      }
      if (!is_good) return false;
    }
    if (instance.uuid.empty()) instance.uuid = uuid_of("MIG", *at, instance.index + 1);
    card.is_mig = true;
    card.instances.push_back(std::move(instance));
    return true;
  }

  bool process(const Words& words) {
    Settings all;
    if (!settings(words, 0, all)) return false;
    Process process;
    uint32_t count = 1;
    for (const auto& [key, value] : all) {
      const auto number = base::parse_number<uint32_t>(value);
      const auto curve = parse_curve(value);
      bool is_good = false;
      if (key == "card")
        is_good = number && set(process.card, size_t{*number});
      else if (key == "mig")
        is_good = number && set(process.instance, *number);
      else if (key == "count")
        is_good = number && set(count, *number);
      else if (key == "pid" && value == "self")
        is_good = true;
      else if (key == "pid")
        is_good = number && set(process.pid, *number);
      else if (key == "memory")
        is_good = curve && set(process.memory, *curve);
      else if (key == "util")
        is_good = curve && set(process.util, *curve);
      else if (key == "band")
        is_good = curve && set(process.band, *curve);
      else if (key == "kind")
        is_good = kinds(value, process);
      if (!is_good) return false;
    }
    for (uint32_t one = 0; one < count; ++one) {
      scenario_.processes.push_back(process);
      if (process.pid) ++*process.pid;
    }
    return true;
  }

  static bool kinds(std::string_view value, Process& process) {
    process.computes = value == "compute" || value == "both";
    process.draws = value == "graphics" || value == "both";
    process.is_mps = value == "mps";
    return process.computes || process.draws || process.is_mps;
  }

  bool rule(const std::string& verb, const Words& words) {
    if (words.empty()) return false;
    Rule rule{.function = words[0]};
    size_t first = 1;
    if (verb == "hang") {
      rule.kind = Rule::Kind::kHang;
    } else if (words.size() < 2) {
      return false;
    } else if (verb == "error") {
      const auto code = code_of(words[first++]);
      if (!code) return false;
      rule.code = *code;
    } else {
      const auto milliseconds = number_of(words[first++]);
      if (!milliseconds) return false;
      rule.kind = Rule::Kind::kSlow;
      rule.milliseconds = *milliseconds;
    }
    Settings all;
    if (!settings(words, first, all)) return false;
    for (const auto& [key, value] : all) {
      const auto number = number_of(value);
      if (!number) return false;
      if (key == "card")
        rule.card = static_cast<size_t>(*number);
      else if (key == "mig")
        rule.instance = static_cast<uint32_t>(*number);
      else if (key == "after")
        rule.after = *number;
      else
        return false;
    }
    scenario_.rules.push_back(std::move(rule));
    return true;
  }

  Scenario scenario_;
};

}  // namespace

double Curve::at(double seconds) const {
  const double turn = (seconds + phase) / period;
  switch (kind) {
    case Kind::kNotAvailable:
      return 0;
    case Kind::kConstant:
      return low;
    case Kind::kWave:
      return low + (high - low) * (1 - std::cos(2 * std::numbers::pi * turn)) / 2;
    case Kind::kStep:
      return turn - std::floor(turn) < 0.5 ? low : high;
  }
  return 0;
}

double Curve::integral(double seconds) const {
  const double time = seconds + phase;
  const double turns = std::floor(time / period);
  const double rest = time - turns * period;
  switch (kind) {
    case Kind::kNotAvailable:
      return 0;
    case Kind::kConstant:
      return low * seconds;
    case Kind::kWave:
      return (low + high) / 2 * time - (high - low) * period / (4 * std::numbers::pi) *
                                           std::sin(2 * std::numbers::pi * rest / period);
    case Kind::kStep:
      return turns * (low + high) / 2 * period + low * std::min(rest, period / 2) +
             high * std::max(rest - period / 2, 0.0);
  }
  return 0;
}

double Curve::mean(double from, double to) const {
  return to > from ? (integral(to) - integral(from)) / (to - from) : at(to);
}

Curve curve_of(const Curves& curves, std::string_view name) {
  const auto found = curves.find(name);
  return found == curves.end() ? Curve{.kind = Curve::Kind::kNotAvailable} : found->second;
}

bool Rule::concerns(std::string_view name) const {
  if (function == "*" || function == name) return true;
  return name.size() == function.size() + 3 && name.starts_with(function) &&
         name.substr(function.size()).starts_with("_v");
}

Scenario parse_scenario(std::string_view text) {
  Parser parser;
  for (size_t number = 1; !text.empty(); ++number) parser.line(base::next_line(text), number);
  return parser.take();
}

}  // namespace jumper::testing::fake_nvml
