// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/report/python_code.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "jumper/base/text.h"

namespace jumper::report {
namespace {

// The source with each token that has a colour in brackets: its kind's letter first.
std::string marked(std::string_view source) {
  std::string text;
  for (const Token& token : python_tokens(source)) {
    const std::string piece(source.substr(0, token.size));
    source.remove_prefix(token.size);
    constexpr std::string_view kLetters = " kscnm";
    const char letter = kLetters[static_cast<size_t>(token.kind)];
    text += letter == ' ' ? piece : std::string("<") + letter + piece + ">";
  }
  EXPECT_TRUE(source.empty()) << "the tokens are not the whole source";
  return text;
}

TEST(PythonCode, KeywordsAreWholeWords) {
  EXPECT_EQ(marked("for i in range: pass"), "<kfor> i <kin> range: <kpass>");
  EXPECT_EQ(marked("format = information"), "format = information");
  EXPECT_EQ(marked("for\xC3\xA9t = 1"), "for\xC3\xA9t = <n1>");
  EXPECT_EQ(marked("None_ is None"), "None_ <kis> <kNone>");
}

TEST(PythonCode, StringsEndWhereTheyEnd) {
  EXPECT_EQ(marked("a = 'for' + b"), "a = <s'for'> + b");
  EXPECT_EQ(marked(R"('it\'s' # no)"), R"(<s'it\'s'> <c# no>)");
  EXPECT_EQ(marked("rb'x' Rf\"y\" bar'z'"), "<srb'x'> <sRf\"y\"> bar<s'z'>");
  EXPECT_EQ(marked("'''a\n'b' # c''' 1"), "<s'''a\n'b' # c'''> <n1>");
  EXPECT_EQ(marked("'' if x else \"\""), "<s''> <kif> x <kelse> <s\"\">");
}

TEST(PythonCode, StringsThatNothingClosesEndSomewhere) {
  EXPECT_EQ(marked("x = 'a\nif 1"), "x = <s'a>\n<kif> <n1>");
  EXPECT_EQ(marked("x = \"\"\"a\nif 1"), "x = <s\"\"\"a\nif 1>");
  EXPECT_EQ(marked("'\\"), "<s'\\>");
  EXPECT_EQ(marked("'"), "<s'>");
}

TEST(PythonCode, NumbersInTheirForms) {
  EXPECT_EQ(marked("1_000 0xFF 1.5e-3 .5 2j"), "<n1_000> <n0xFF> <n1.5e-3> <n.5> <n2j>");
  EXPECT_EQ(marked("x1 = 10**6-1"), "x1 = <n10>**<n6>-<n1>");
  EXPECT_EQ(marked("a.b"), "a.b");
}

TEST(PythonCode, MagicsBeginTheirLine) {
  EXPECT_EQ(marked("%load_ext if\n!ls 'x\nx = 5 % 2"),
            "<m%load_ext if>\n<m!ls 'x>\nx = <n5> % <n2>");
  EXPECT_EQ(marked("x = (a\n% b)\ny = a \\\n% b"), "x = (a\n% b)\ny = a \\\n% b");
  EXPECT_EQ(marked("if 1:\n  %time f()"), "<kif> <n1>:\n  <m%time f()>");
}

TEST(PythonCode, CellsInAnotherLanguageArePlain) {
  EXPECT_EQ(marked("%%bash\nfor x in 'a; do"), "<m%%bash>\nfor x in 'a; do");
  EXPECT_EQ(marked("\n%%timeit -n 1\nfor x in y"), "\n<m%%timeit -n 1>\n<kfor> x <kin> y");
  EXPECT_EQ(marked("x = 1\n%%bash\nfor"), "x = <n1>\n<m%%bash>\n<kfor>");
}

TEST(PythonCode, HtmlIsEscapedInEveryToken) {
  EXPECT_EQ(
      python_html("if '<b>': # <i>\n%a <u>\n1 < 2 & x"),
      "<span class=\"jumper-k\">if</span> <span class=\"jumper-s\">&#39;&lt;b&gt;&#39;</span>: "
      "<span class=\"jumper-c\"># &lt;i&gt;</span>\n"
      "<span class=\"jumper-m\">%a &lt;u&gt;</span>\n"
      "<span class=\"jumper-n\">1</span> &lt; <span class=\"jumper-n\">2</span> &amp; x");
}

TEST(PythonCode, NoTokenCutsACharacter) {
  for (const std::string& source :
       {std::string("'\\\xC3\xA9'"), std::string("x\xF0\x9F\x98\x80 = 1"),
        std::string("# \xC3\xA9"), std::string("'\\\xF0\x9F\x98\x80\n"),
        std::string("\xC3\xA9'\xC3\xA9'")}) {
    EXPECT_EQ(python_html(source).find("\xEF\xBF\xBD"), std::string::npos) << source;
  }
}

TEST(PythonCode, AnyBytesAreTakenWhole) {
  // GIVEN sources of the characters that decide something, in any order
  static constexpr char kCharacters[] = "'\"\\\n\r %!#()[]{}.0xeE+-_rbfa\xC3\xA9\xFF\0";
  constexpr std::string_view kAlphabet(kCharacters, sizeof(kCharacters));
  uint32_t state = 1;
  const auto random = [&state] { return (state = state * 1664525U + 1013904223U) >> 16U; };
  for (int round = 0; round < 2000; ++round) {
    std::string source;
    const size_t size = random() % 40;
    while (source.size() < size) source += kAlphabet[random() % kAlphabet.size()];
    // THEN the tokens are all of it, and none is empty
    size_t total = 0;
    for (const Token& token : python_tokens(source)) {
      EXPECT_GT(token.size, 0U);
      total += token.size;
    }
    EXPECT_EQ(total, source.size());
  }
}

}  // namespace
}  // namespace jumper::report
