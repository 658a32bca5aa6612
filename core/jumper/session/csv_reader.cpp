// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/session/csv_reader.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "jumper/base/parse.h"
#include "jumper/base/text.h"
#include "jumper/metric/sample.h"

namespace jumper::session {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr size_t kShownColumns = 60;

std::string shown(std::string_view text) {
  return "'" + base::one_line(text, kShownColumns) + "'";
}

}  // namespace

base::Result<CsvReader> CsvReader::open(std::string_view text, const CsvLimits& limits) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  CsvReader reader(text, limits);
  const auto has_row = reader.read_row();
  if (!has_row) return has_row.error();
  if (!*has_row) return base::bad_input("it is empty");
  reader.fields_.resize(reader.count_);
  reader.names_ = reader.fields_;
  std::vector<std::string_view> sorted(reader.names_.begin(), reader.names_.end());
  std::ranges::sort(sorted);
  const auto twice = std::ranges::adjacent_find(sorted);
  if (twice != sorted.end()) return reader.error("two columns are named " + shown(*twice));
  return reader;
}

std::optional<size_t> CsvReader::column(std::string_view name) const {
  const auto found = std::ranges::find(names_, name);
  if (found == names_.end()) return std::nullopt;
  return static_cast<size_t>(found - names_.begin());
}

base::Result<bool> CsvReader::next() {
  auto has_row = read_row();
  if (!has_row || !*has_row) return has_row;
  if (count_ != names_.size()) {
    return error(base::count_of(count_, "field") + " where the first line names " +
                 base::count_of(names_.size(), "column"));
  }
  if (++rows_ > limits_.most_rows)
    return error("there are more than " + std::to_string(limits_.most_rows) + " rows");
  return true;
}

base::Result<double> CsvReader::number(size_t column) const {
  const std::string_view text = base::trim(fields_[column]);
  if (text.empty() || text == "NA" || text == "<NA>" || text == "None") return metric::kAbsent;
  const auto number = base::parse_number<double>(text);
  if (!number) {
    return error(shown(names_[column]) + " should be a number, and is " + shown(fields_[column]));
  }
  return std::isfinite(*number) ? *number : metric::kAbsent;
}

base::Error CsvReader::error(const std::string& what) const {
  return base::bad_input("line " + std::to_string(row_line_) + ": " + what);
}

base::Result<bool> CsvReader::read_row() {
  while (!left_.empty() && (left_.front() == '\n' || left_.front() == '\r')) end_line();
  row_line_ = line_;
  count_ = 0;
  if (left_.empty()) return false;
  for (;;) {
    if (count_ == limits_.most_columns) {
      return error("there are more than " + std::to_string(limits_.most_columns) + " fields");
    }
    if (count_ == fields_.size()) fields_.emplace_back();
    if (const char* wrong = read_field(fields_[count_++])) return error(wrong);
    if (left_.empty()) return true;
    if (left_.front() != ',') break;
    left_.remove_prefix(1);
  }
  end_line();
  return true;
}

// Up to the comma or the end of line behind the field; gives what is wrong, if anything.
const char* CsvReader::read_field(std::string& field) {
  field.clear();
  if (!left_.empty() && left_.front() == '"') return read_quoted(field);
  const size_t size = std::min(left_.find_first_of(",\r\n"), left_.size());
  const std::string_view text = left_.substr(0, size);
  if (size > limits_.most_field_bytes) return "a field is too long";
  if (text.find('"') != std::string_view::npos) return "a quote stands within a field";
  if (text.find('\0') != std::string_view::npos) return "there is a NUL: this is no text";
  field = text;
  left_.remove_prefix(size);
  return nullptr;
}

const char* CsvReader::read_quoted(std::string& field) {
  for (;;) {
    left_.remove_prefix(1);  // the opening quote, or the second of two
    const size_t size = left_.find('"');
    if (size == std::string_view::npos) return "a field begins with a quote that nothing closes";
    const std::string_view text = left_.substr(0, size);
    if (field.size() + size > limits_.most_field_bytes) return "a field is too long";
    if (text.find('\0') != std::string_view::npos) return "there is a NUL: this is no text";
    field += text;
    for (size_t i = 0; i < size; ++i) {
      const bool ends = text[i] == '\n' || (text[i] == '\r' && left_[i + 1] != '\n');
      if (ends) ++line_;
    }
    left_.remove_prefix(size + 1);
    if (left_.empty() || left_.front() != '"') break;
    field += '"';
  }
  const bool closed =
      left_.empty() || left_.front() == ',' || left_.front() == '\n' || left_.front() == '\r';
  return closed ? nullptr : "something follows the quote that closes a field";
}

void CsvReader::end_line() {
  left_.remove_prefix(left_.starts_with("\r\n") ? 2 : 1);
  ++line_;
}

}  // namespace jumper::session
