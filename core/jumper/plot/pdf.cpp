// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/plot/pdf.h"

#include <cstddef>
#include <cstdint>
#include <set>
#include <string_view>
#include <vector>

#include "jumper/plot/decimals.h"
#include "jumper/plot/text_metrics.h"

namespace jumper::plot {
namespace {

constexpr double kPointsPerPx = 0.75;  // 72 points, or 96 pixels, are an inch

std::string numbers(std::initializer_list<double> values, std::string_view op) {
  std::string text;
  for (const double value : values) text += coordinate(value) + " ";
  text += op;
  return text + "\n";
}

// In parentheses, which backslashes keep apart from those within.
std::string pdf_string(std::string_view utf8) {
  std::string text = "(";
  for (const char byte : to_latin1(utf8)) {
    if (byte == '(' || byte == ')' || byte == '\\') text += '\\';
    text += byte;
  }
  return text + ")";
}

class Page {
 public:
  void operator()(const FillRect& item) {
    fill_colour(item.colour);
    const Rect& rect = item.rect;
    content_ += numbers({rect.left, rect.top, rect.width, rect.height}, "re f");
  }

  void operator()(const Polyline& item) {
    if (item.points.empty()) return;
    opacity(item.colour.alpha);
    content_ += rgb(item.colour, "RG") + numbers({item.width_px}, "w");
    content_ += item.dash_px > 0 ? "[" + coordinate(item.dash_px) + "] 0 d\n" : "[] 0 d\n";
    path(item.points);
    content_ += "S\n";
  }

  void operator()(const Polygon& item) {
    if (item.points.empty()) return;
    fill_colour(item.colour);
    path(item.points);
    content_ += "f\n";
  }

  void operator()(const Text& item) {
    fill_colour(item.colour);
    const double width = text_width(item.text, item.size_px) * (item.is_bold ? 1.06 : 1);
    const double back = item.anchor == Anchor::kStart    ? 0
                        : item.anchor == Anchor::kMiddle ? width / 2
                                                         : width;
    // The page's y axis is turned over: text has to be turned back.
    content_ += "BT\n" + std::string(item.is_bold ? "/B " : "/R ") + numbers({item.size_px}, "Tf");
    content_ += item.is_upward ? numbers({0, -1, -1, 0, item.at.x, item.at.y + back}, "Tm")
                               : numbers({1, 0, 0, -1, item.at.x - back, item.at.y}, "Tm");
    content_ += pdf_string(item.text) + " Tj\nET\n";
  }

  void operator()(const BeginClip& item) {
    const Rect& rect = item.rect;
    content_ += "q\n" + numbers({rect.left, rect.top, rect.width, rect.height}, "re W n");
  }
  // What was set within is forgotten with it.
  void operator()(const EndClip& /*item*/) { content_ += "Q\n"; }

  [[nodiscard]] const std::string& content() const { return content_; }

  // The graphics states for what is not opaque.
  [[nodiscard]] std::string states() const {
    std::string text;
    for (const uint8_t alpha : alphas_) {
      const std::string opacity = coordinate(alpha / 255.0);
      text += state_name(alpha);
      text += "<</ca " + opacity;
      text += "/CA " + opacity;
      text += ">>";
    }
    return text;
  }

 private:
  static std::string state_name(uint8_t alpha) { return "/A" + std::to_string(alpha); }

  static std::string rgb(Colour colour, std::string_view op) {
    return numbers({colour.red / 255.0, colour.green / 255.0, colour.blue / 255.0}, op);
  }

  void opacity(uint8_t alpha) {
    alphas_.insert(alpha);
    content_ += state_name(alpha) + " gs\n";
  }

  void fill_colour(Colour colour) {
    opacity(colour.alpha);
    content_ += rgb(colour, "rg");
  }

  void path(const std::vector<Point>& points) {
    std::string_view op = "m";
    for (const Point& point : points) {
      content_ += numbers({point.x, point.y}, op);
      op = "l";
    }
  }

  std::string content_;
  std::set<uint8_t> alphas_;
};

}  // namespace

std::string to_pdf(const DisplayList& list) {
  const double height = list.height_px * kPointsPerPx;
  Page page;
  for (const Item& item : list.items) std::visit(page, item);
  const std::string content =
      numbers({kPointsPerPx, 0, 0, -kPointsPerPx, 0, height}, "cm") + "1 j\n" + page.content();
  const auto font = [](std::string_view name) {
    return "<</Type/Font/Subtype/Type1/Encoding/WinAnsiEncoding/BaseFont/" + std::string(name) +
           ">>";
  };
  const std::vector<std::string> objects = {
      "<</Type/Catalog/Pages 2 0 R>>",
      "<</Type/Pages/Kids[3 0 R]/Count 1>>",
      "<</Type/Page/Parent 2 0 R/MediaBox[0 0 " + coordinate(list.width_px * kPointsPerPx) + " " +
          coordinate(height) + "]/Contents 4 0 R/Resources<</Font<</R 5 0 R/B 6 0 R>>/ExtGState<<" +
          page.states() + ">>>>>>",
      "<</Length " + std::to_string(content.size()) + ">>stream\n" + content + "endstream",
      font("Helvetica"),
      font("Helvetica-Bold"),
      "<</Producer(JUmPER)/Title" + pdf_string(fitted(list.title, 1, 1e6)) + ">>",
  };
  // The second line's bytes say that the file is not plain text.
  std::string pdf = "%PDF-1.4\n%\xE2\xE3\xCF\xD3\n";
  std::string table = "0000000000 65535 f \n";
  for (size_t i = 0; i < objects.size(); ++i) {
    const std::string offset = std::to_string(pdf.size());
    table += std::string(10 - offset.size(), '0') + offset + " 00000 n \n";
    pdf += std::to_string(i + 1) + " 0 obj\n" + objects[i] + "\nendobj\n";
  }
  const std::string table_at = std::to_string(pdf.size());
  const std::string count = std::to_string(objects.size() + 1);
  return pdf + "xref\n0 " + count + "\n" + table + "trailer\n<</Size " + count +
         "/Root 1 0 R/Info 7 0 R>>\nstartxref\n" + table_at + "\n%%EOF\n";
}

}  // namespace jumper::plot
