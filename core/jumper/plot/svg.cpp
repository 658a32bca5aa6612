// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/plot/svg.h"

#include <array>
#include <string_view>
#include <vector>

#include "jumper/base/text.h"
#include "jumper/plot/decimals.h"

namespace jumper::plot {
namespace {

std::string hex_colour(Colour colour) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text = "#";
  for (const unsigned part : {colour.red, colour.green, colour.blue}) {
    text += kDigits[part >> 4U];
    text += kDigits[part & 15U];
  }
  return text;
}

// ` name="value"`; the value needs no escaping.
std::string attribute(std::string_view name, std::string_view value) {
  std::string text = " ";
  text += name;
  text += "=\"";
  text += value;
  text += '"';
  return text;
}
std::string attribute(std::string_view name, double value) {
  return attribute(name, coordinate(value));
}

// As fill or stroke.
std::string paint(std::string_view name, Colour colour) {
  std::string text = attribute(name, hex_colour(colour));
  if (colour.alpha < 255) {
    text += attribute(std::string(name) + "-opacity", coordinate(colour.alpha / 255.0));
  }
  return text;
}

std::string rect_attributes(const Rect& rect) {
  return attribute("x", rect.left) + attribute("y", rect.top) + attribute("width", rect.width) +
         attribute("height", rect.height);
}

// XML allows neither U+FFFE nor U+FFFF, not even as references.
std::string xml_text(std::string_view text) {
  std::string escaped = base::escape_html(text);
  for (const std::string_view wrong : {"\xEF\xBF\xBE", "\xEF\xBF\xBF"}) {
    for (size_t at = escaped.find(wrong); at != std::string::npos; at = escaped.find(wrong, at)) {
      escaped.replace(at, wrong.size(), "\xEF\xBF\xBD");
    }
  }
  return escaped;
}

std::string path_of(const std::vector<Point>& points) {
  std::string path;
  for (const Point& point : points) {
    // After M, pairs of numbers are lines.
    path += path.empty() ? "M" : " ";
    path += coordinate(point.x) + "," + coordinate(point.y);
  }
  return path;
}

class Writer {
 public:
  explicit Writer(std::string& svg) : svg_(svg) {}

  void operator()(const FillRect& item) {
    element("rect", rect_attributes(item.rect) + paint("fill", item.colour));
  }

  void operator()(const Polyline& item) {
    std::string attributes = attribute("d", path_of(item.points)) + attribute("fill", "none") +
                             paint("stroke", item.colour);
    if (item.width_px != 1) attributes += attribute("stroke-width", item.width_px);
    if (item.dash_px > 0) attributes += attribute("stroke-dasharray", item.dash_px);
    if (item.points.size() > 2) attributes += attribute("stroke-linejoin", "round");
    element("path", attributes);
  }

  void operator()(const Polygon& item) {
    element("path", attribute("d", path_of(item.points) + "Z") + paint("fill", item.colour));
  }

  void operator()(const Text& item) {
    constexpr std::array<std::string_view, 3> kAnchors = {"start", "middle", "end"};
    svg_ += "<text" + attribute("x", item.at.x) + attribute("y", item.at.y) +
            attribute("font-size", item.size_px);
    if (item.anchor != Anchor::kStart) {
      svg_ += attribute("text-anchor", kAnchors.at(static_cast<size_t>(item.anchor)));
    }
    if (item.is_bold) svg_ += attribute("font-weight", "600");
    if (item.is_upward) {
      svg_ += attribute("transform",
                        "rotate(-90 " + coordinate(item.at.x) + " " + coordinate(item.at.y) + ")");
    }
    svg_ += paint("fill", item.colour) + ">" + xml_text(item.text) + "</text>\n";
  }

  // An SVG within an SVG shows nothing outside its rectangle; a clip path would need an id, and
  // ids of several pictures on one page get mixed up.
  void operator()(const BeginClip& item) {
    const Rect& rect = item.rect;
    svg_ += "<svg" + rect_attributes(rect) +
            attribute("viewBox", coordinate(rect.left) + " " + coordinate(rect.top) + " " +
                                     coordinate(rect.width) + " " + coordinate(rect.height)) +
            ">\n";
  }
  void operator()(const EndClip& /*item*/) { svg_ += "</svg>\n"; }

 private:
  void element(std::string_view name, const std::string& attributes) {
    svg_ += '<';
    svg_ += name;
    svg_ += attributes + "/>\n";
  }

  std::string& svg_;
};

}  // namespace

std::string to_svg(const DisplayList& list) {
  const std::string width = std::to_string(list.width_px);
  const std::string height = std::to_string(list.height_px);
  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\"" + attribute("width", width) +
                    attribute("height", height) +
                    attribute("viewBox", "0 0 " + width + " " + height) + attribute("role", "img") +
                    attribute("font-family", "Helvetica,Arial,sans-serif") + ">\n";
  svg += "<title>" + xml_text(list.title) + "</title>\n";
  svg += "<desc>" + xml_text(list.description) + "</desc>\n";
  Writer writer(svg);
  for (const Item& item : list.items) std::visit(writer, item);
  return svg + "</svg>\n";
}

}  // namespace jumper::plot
