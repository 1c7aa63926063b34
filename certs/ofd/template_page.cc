// SPDX-License-Identifier: Apache-2.0
// The constant page: border, watermark, rules and labels; and the places of the 23 values.
#include <cmath>

#include "certs/ofd/layout.h"

namespace birthseal::certs::ofd {
namespace {

constexpr Colour kGreen = {18, 84, 60}, kGold = {184, 148, 74}, kRule = {172, 194, 176},
                 kPaper = {254, 252, 243}, kTint = {242, 247, 238}, kWatermark = {228, 234, 214},
                 kGrey = {104, 124, 112};
constexpr double kPi = 3.14159265358979323846;

constexpr double kBandOuter = 8, kBandInner = 17;  // guilloche band, from the edge of the page
constexpr double kBand = kBandInner - kBandOuter;
constexpr double kTableX = 24, kTableWidth = 162, kTableY = 75;
constexpr double kRow = 10, kAddressRow = 12.5, kGap = 2;
constexpr double kLabelWide = 40, kLabelNarrow = 24, kLeftWidth = 100;
constexpr double kLabelSize = 3.5, kEnglishSize = 2;

void Op(char op, std::initializer_list<double> values, std::string* data) {
  data->push_back(op);
  for (double v : values) {
    data->push_back(' ');
    AppendMm(v, data);
  }
  data->push_back(' ');
}

std::string RectangleData(double x, double y, double width, double height) {
  std::string data;
  Op('M', {x, y}, &data);
  Op('L', {x + width, y}, &data);
  Op('L', {x + width, y + height}, &data);
  Op('L', {x, y + height}, &data);
  data += "C ";
  return data;
}

// Adds to an earlier object of the same look: one object for all rules of a kind keeps the page
// small. Only where the order of drawing does not matter.
void Draw(const std::string& data, double line, Colour colour, Layout* out) {
  if (!out->paths.empty()) {
    PathItem& last = out->paths.back();
    if (last.line_width == line && last.colour == colour && last.width == kPageWidth &&
        last.height == kPageHeight) {
      last.data += data;
      return;
    }
  }
  out->paths.push_back({data, 0, 0, kPageWidth, kPageHeight, line, colour});
}

void Box(double x, double y, double width, double height, double line, Colour colour, Layout* out) {
  Draw(RectangleData(x, y, width, height), line, colour, out);
}

void Line(double x1, double y1, double x2, double y2, double line, Colour colour, Layout* out) {
  std::string data;
  Op('M', {x1, y1}, &data);
  Op('L', {x2, y2}, &data);
  Draw(data, line, colour, out);
}

// Ornament is written in tenths of a millimetre, a third of its line width: short coordinates.
double Tenth(double value) { return std::round(value * 10) / 10; }

// Sine waves across the band, along x or (swapped) along y, from 0 to `length`, which is a whole
// number of periods. One curve from each crest to the next trough. `kPad` keeps the line width
// inside the boundary.
constexpr double kPad = 0.5;
std::string WaveData(double period, double length, double amplitude, int waves, bool swapped) {
  std::string data;
  const double omega = 2 * kPi / period;
  for (int wave = 0; wave < waves; ++wave) {
    const double crest = period * (wave + 0.5) / waves;
    const auto y = [&](double x) { return kBand / 2 + amplitude * std::cos(omega * (x - crest)); };
    const auto slope = [&](double x) { return -amplitude * omega * std::sin(omega * (x - crest)); };
    const auto put = [&](char op, std::initializer_list<std::pair<double, double>> points) {
      data.push_back(op);
      for (const auto& [a, b] : points) {
        data.push_back(' ');
        AppendMm(Tenth((swapped ? b : a) + kPad), &data);
        data.push_back(' ');
        AppendMm(Tenth((swapped ? a : b) + kPad), &data);
      }
      data.push_back(' ');
    };
    put('M', {{0, y(0)}});
    const double half = period / 2;
    double a = 0, b = std::fmod(crest, half);  // one curve from crest to trough
    while (a < length - 1e-6) {
      const double third = (b - a) / 3;
      put('B',
          {{a + third, y(a) + slope(a) * third}, {b - third, y(b) - slope(b) * third}, {b, y(b)}});
      a = b;
      b = std::min(b + half, length);
    }
  }
  return data;
}

// `count` ovals about (cx, cy), turned evenly: the rosette of banknotes. Two curves for each.
std::string RosetteData(double cx, double cy, double a, double b, int count) {
  std::string data;
  for (int i = 0; i < count; ++i) {
    const double angle = kPi * i / count, c = std::cos(angle), s = std::sin(angle);
    const auto x = [&](double u, double v) { return Tenth(cx + u * a * c - v * b * s); };
    const auto y = [&](double u, double v) { return Tenth(cy + u * a * s + v * b * c); };
    constexpr double kReach = 4.0 / 3;  // passes through the ends of the short axis
    Op('M', {x(1, 0), y(1, 0)}, &data);
    for (double side : {1.0, -1.0}) {
      Op('B',
         {x(side, kReach * side), y(side, kReach * side), x(-side, kReach * side),
          y(-side, kReach * side), x(-side, 0), y(-side, 0)},
         &data);
    }
  }
  return data;
}

void Tile(const std::string& data, double x, double y, double width, double height, double line,
          Colour colour, Layout* out) {
  out->paths.push_back(
      {data, x - kPad, y - kPad, width + 2 * kPad, height + 2 * kPad, line, colour});
}

// A band of a few long tiles with the same path data each time.
void Band(Layout* out) {
  constexpr int kAcross = 2, kDown = 3, kPeriods = 5;  // tiles of a band, waves of a tile
  const double across = (kPageWidth - 2 * kBandInner) / kAcross;
  const double down = (kPageHeight - 2 * kBandInner) / kDown;
  const struct {
    double amplitude, line;
    int waves;
    Colour colour;
  } layers[] = {{3, 0.14, 6, kGreen}, {2, 0.12, 3, kGold}};
  for (const auto& layer : layers) {
    const auto data = [&](double length, bool swapped) {
      return WaveData(length / kPeriods, length, layer.amplitude, layer.waves, swapped);
    };
    const std::string h = data(across, false), v = data(down, true);
    for (int i = 0; i < kAcross; ++i) {
      for (double y : {kBandOuter, kPageHeight - kBandInner}) {
        Tile(h, kBandInner + i * across, y, across, kBand, layer.line, layer.colour, out);
      }
    }
    for (int i = 0; i < kDown; ++i) {
      for (double x : {kBandOuter, kPageWidth - kBandInner}) {
        Tile(v, x, kBandInner + i * down, kBand, down, layer.line, layer.colour, out);
      }
    }
  }
}

void Border(Layout* out) {
  Band(out);
  const std::string outer = RosetteData(kBand / 2 + kPad, kBand / 2 + kPad, 4, 1.7, 8);
  const std::string inner = RosetteData(kBand / 2 + kPad, kBand / 2 + kPad, 2.3, 1.3, 6);
  for (double x : {kBandOuter, kPageWidth - kBandInner}) {
    for (double y : {kBandOuter, kPageHeight - kBandInner}) {
      Tile(outer, x, y, kBand, kBand, 0.14, kGreen, out);
      Tile(inner, x, y, kBand, kBand, 0.12, kGold, out);
    }
  }
  const auto frame = [out](double inset, double line, Colour colour) {
    Box(inset, inset, kPageWidth - 2 * inset, kPageHeight - 2 * inset, line, colour, out);
  };
  frame(7.2, 0.7, kGreen);
  frame(8.2, 0.2, kGold);
  frame(16.8, 0.2, kGold);
  frame(17.8, 0.45, kGreen);
}

void Title(TypeSetter* setter, Layout* out) {
  const auto centred = [&](absl::string_view text, FontRole font, double baseline, double size,
                           double spacing, Colour colour) {
    const double width = setter->ConstantWidth(text, font, size, spacing);
    setter->Constant(text, font, (kPageWidth - width) / 2, baseline, size, spacing, colour, out);
  };
  centred("出生医学证明", FontRole::kTitle, 42, 13, 3.6, kGreen);
  centred("MEDICAL CERTIFICATE OF BIRTH", FontRole::kLabel, 50.5, 3.5, 0.9, kGold);
  for (int side : {-1, 1}) {
    const double inner = kPageWidth / 2 + side * 49, end = kPageWidth / 2 + side * 78;
    Line(inner, 49.3, end, 49.3, 0.25, kGold, out);
  }
  Line(30, 265.5, 180, 265.5, 0.25, kGold, out);
  for (int side : {-1, 1}) {
    const double tip = kPageWidth / 2 + side * (49 - 3.2);
    std::string diamond;
    Op('M', {tip, 49.3}, &diamond);
    Op('L', {tip + side, 48.5}, &diamond);
    Op('L', {tip + 2 * side, 49.3}, &diamond);
    Op('L', {tip + side, 50.1}, &diamond);
    Draw(diamond + "C ", 0, kGold, out);
  }
  centred("本证明盖有电子签章，改动即失效；扫码核验真伪与状态。", FontRole::kLabel, 270.2, 3, 0.1,
          kGreen);
  centred(
      "Sealed electronically: any change voids the seal. Scan the code or open this file to "
      "verify it and its present status.",
      FontRole::kLabel, 274, 2.1, 0.05, kGrey);
}

void Labels(TypeSetter* setter, Layout* out) {
  // All of one look after each other: they become one text object.
  for (const Cell& cell : Cells()) {
    setter->Constant(cell.label, FontRole::kLabel, cell.x + 3, cell.y + cell.height / 2 + 0.4,
                     kLabelSize, 0, kGreen, out);
  }
  for (const Cell& cell : Cells()) {
    setter->Constant(cell.english, FontRole::kLabel, cell.x + 3, cell.y + cell.height / 2 + 3.4,
                     kEnglishSize, 0.05, kGrey, out);
  }
  setter->Constant("扫码核验", FontRole::kLabel, 33.7, 257.5, 3, 0.8, kGreen, out);
  setter->Constant("Scan to verify", FontRole::kLabel, 34.6, 260.6, 2, 0.1, kGrey, out);
}

void Table(Layout* out) {
  const std::vector<Cell>& cells = Cells();
  // Tints lie under the watermark, rules above it.
  for (size_t i = 0; i < 20; ++i) {
    Box(cells[i].x, cells[i].y, cells[i].label_width, cells[i].height, 0, kTint, out);
  }
  const std::string rosette = RosetteData(70, 70, 66, 25, 18) + RosetteData(70, 70, 34, 13, 14);
  out->paths.push_back({rosette, 35, 75, 140, 140, 0.13, kWatermark});
  Layout boxes;
  double block = kTableY;
  for (size_t i = 0; i < 20; ++i) {
    const Cell& cell = cells[i];
    const double right = cell.x + cell.width, bottom = cell.y + cell.height;
    const bool last = i + 1 == 20 || cells[i + 1].y > bottom + 0.1;
    if (right > kTableX + kTableWidth - 1 && !last) {
      Line(kTableX, bottom, kTableX + kTableWidth, bottom, 0.15, kRule, out);
    }
    if (cell.x > kTableX) Line(cell.x, cell.y, cell.x, bottom, 0.15, kRule, out);
    const double split = cell.x + cell.label_width;
    Line(split, cell.y, split, bottom, 0.15, kRule, out);
    if (last) {
      Box(kTableX, block, kTableWidth, bottom - block, 0.4, kGreen, &boxes);
      block = bottom + kGap;
    }
  }
  // Lines to write on, below the table and beside the number.
  Line(64 + kLabelNarrow - 3, 232.4, 186, 232.4, 0.15, kRule, out);
  Line(64 + kLabelNarrow - 3, 244.4, 186, 244.4, 0.15, kRule, out);
  out->paths.insert(out->paths.end(), boxes.paths.begin(), boxes.paths.end());
}

std::vector<Cell> MakeCells() {
  std::vector<Cell> cells;
  double y = kTableY;
  const auto pair = [&](absl::string_view label, absl::string_view english,
                        absl::string_view label2, absl::string_view english2, double size) {
    cells.push_back({kTableX, y, kLeftWidth, kRow, kLabelWide, label, english, size});
    cells.push_back({kTableX + kLeftWidth, y, kTableWidth - kLeftWidth, kRow, kLabelNarrow, label2,
                     english2, 4.4});
    y += kRow;
  };
  const auto full = [&](absl::string_view label, absl::string_view english, double height) {
    cells.push_back({kTableX, y, kTableWidth, height, kLabelWide, label, english, 4.4});
    y += height;
  };
  pair("新生儿姓名", "Full name of newborn", "性别", "Sex", 5.4);
  pair("出生时间", "Time of birth", "出生孕周", "Gestation", 4.4);
  pair("出生体重", "Birth weight", "出生身长", "Birth length", 4.4);
  full("出生地点", "Place of birth", kRow);
  full("医疗机构名称", "Medical institution", kRow);
  y += kGap;
  pair("母亲姓名", "Full name of mother", "母亲年龄", "Age", 4.8);
  pair("母亲国籍", "Nationality", "母亲民族", "Ethnicity", 4.4);
  full("母亲住址", "Address", kAddressRow);
  full("母亲有效身份证件号码", "Identity document number", kRow);
  y += kGap;
  pair("父亲姓名", "Full name of father", "父亲年龄", "Age", 4.8);
  pair("父亲国籍", "Nationality", "父亲民族", "Ethnicity", 4.4);
  full("父亲住址", "Address", kAddressRow);
  full("父亲有效身份证件号码", "Identity document number", kRow);
  cells.push_back({64, 223, 122, kRow, kLabelNarrow, "签发机构", "Issued by", 4.4});
  cells.push_back({64, 235, 122, kRow, kLabelNarrow, "签发日期", "Date of issue", 4.4});
  cells.push_back(
      {kTableX - 3, 58.5, 100, kRow, 33, "出生医学证明编号", "Certificate number", 5.6});
  return cells;
}

}  // namespace

const std::vector<Cell>& Cells() {
  static const auto& cells = *new std::vector<Cell>(MakeCells());
  return cells;
}

Layout TemplateLayout(TypeSetter* setter) {
  Layout out;
  out.paths.push_back(
      {RectangleData(0, 0, kPageWidth, kPageHeight), 0, 0, kPageWidth, kPageHeight, 0, kPaper});
  Border(&out);
  Table(&out);
  Title(setter, &out);
  Labels(setter, &out);
  // What nearly every certificate shows, whatever its values.
  setter->AddCommon("年月日时分周克厘米岁男女中国汉族");
  return out;
}

Layout CertificateLayout(const TypeSetter& setter, const std::vector<FaceLine>& lines,
                         absl::string_view qr_payload) {
  constexpr double kMargin = 3, kQrSize = 30, kBarcodeWidth = 46, kBarcodeHeight = 9.5;
  Layout out;
  for (size_t i = 0; i < lines.size() && i < Cells().size(); ++i) {
    const Cell& cell = Cells()[i];
    setter.Fit(lines[i], cell.x + cell.label_width + kMargin, cell.y + 0.4,
               cell.width - cell.label_width - 2 * kMargin, cell.height - 0.8, cell.value_size,
               &out);
  }
  out.paths.push_back(Barcode(lines.back().text, kTableX + kTableWidth - kBarcodeWidth, 58.7,
                              kBarcodeWidth, kBarcodeHeight));
  out.paths.push_back(QrCode(qr_payload, 27, 222, kQrSize));
  return out;
}

}  // namespace birthseal::certs::ofd
