// SPDX-License-Identifier: Apache-2.0
#include "certs/ofd/document_xml.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "certs/clock.h"
#include "certs/ofd/font_state.h"

namespace birthseal::certs::ofd {
namespace {

constexpr char kHead[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
constexpr char kSpace[] = " xmlns:ofd=\"http://www.ofdspec.org/2016\"";
constexpr char kRecordSpace[] = "urn:birthseal:record:v1";
constexpr char kTagSpace[] = "urn:birthseal:tags:v1";
constexpr char kHolderCodeType[] = "999";  // 其他: at issue the newborn has no citizen number

std::string DayText(absl::CivilDay day) {
  return absl::StrFormat("%04d-%02d-%02d", day.year(), day.month(), day.day());
}

std::string SigningTimeText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%S+08:00", time, ShanghaiZone());
}

// <name>text</name>
void Element(absl::string_view name, absl::string_view text, std::string* out) {
  absl::StrAppend(out, "<", name, ">");
  AppendEscaped(text, out);
  absl::StrAppend(out, "</", name, ">");
}

void AppendColour(absl::string_view element, Colour colour, std::string* out) {
  absl::StrAppend(out, "<ofd:", element, " Value=\"", colour.red, " ", colour.green, " ",
                  colour.blue, "\"/>");
}

void AppendBox(double x, double y, double width, double height, std::string* out) {
  out->append(" Boundary=\"");
  for (double v : {x, y, width, height}) {
    AppendMm(v, out);
    out->push_back(' ');
  }
  out->back() = '"';
}

// n - 1 advances, runs of three or more as "g count value".
void AppendDeltas(const std::vector<double>& advances, std::string* out) {
  for (size_t i = 0; i + 1 < advances.size();) {
    size_t run = 1;
    while (i + run + 1 < advances.size() && advances[i + run] == advances[i]) ++run;
    if (run >= 3) {
      absl::StrAppend(out, "g ", run, " ");
    } else {
      run = 1;
    }
    AppendMm(advances[i], out);
    out->push_back(' ');
    i += run;
  }
  out->pop_back();
}

bool SameLook(const TextItem& a, const TextItem& b) {
  return a.font == b.font && a.size == b.size && a.colour == b.colour;
}

void AppendTextCode(const TextItem& item, double x, double y, std::string* out) {
  out->append("<ofd:TextCode X=\"");
  AppendMm(x, out);
  out->append("\" Y=\"");
  AppendMm(y, out);
  if (item.advances.size() > 1) {
    out->append("\" DeltaX=\"");
    AppendDeltas(item.advances, out);
  }
  out->append("\">");
  std::string text;
  for (char32_t c : item.text) AppendUtf8(c, &text);
  AppendEscaped(text, out);
  out->append("</ofd:TextCode>");
}

// One object for `count` items of the same look.
void AppendText(const TextItem* items, size_t count, int id, std::string* out) {
  // The box reaches beyond the characters: objects are clipped to it.
  const TextItem& first = items[0];
  const double pad = first.size * 0.15;
  double left = first.x, right = first.x, top = first.baseline, bottom = first.baseline;
  for (size_t i = 0; i < count; ++i) {
    double end = items[i].x;
    for (double advance : items[i].advances) end += advance;
    left = std::min(left, items[i].x);
    right = std::max(right, end);
    top = std::min(top, items[i].baseline);
    bottom = std::max(bottom, items[i].baseline);
  }
  left -= pad, right += pad, top -= first.size, bottom += first.size * 0.4;
  absl::StrAppend(out, "<ofd:TextObject ID=\"", id, "\"");
  AppendBox(left, top, right - left, bottom - top, out);
  absl::StrAppend(out, " Font=\"", static_cast<int>(first.font), "\" Size=\"");
  AppendMm(first.size, out);
  out->append("\">");
  // Text is black without it.
  if (!(first.colour == Colour())) AppendColour("FillColor", first.colour, out);
  for (size_t i = 0; i < count; ++i) {
    AppendTextCode(items[i], items[i].x - left, items[i].baseline - top, out);
  }
  out->append("</ofd:TextObject>\n");
}

void AppendPath(const PathItem& item, int id, std::string* out) {
  absl::StrAppend(out, "<ofd:PathObject ID=\"", id, "\"");
  AppendBox(item.x, item.y, item.width, item.height, out);
  if (item.line_width > 0) {
    out->append(" LineWidth=\"");
    AppendMm(item.line_width, out);
    out->append("\">");
    AppendColour("StrokeColor", item.colour, out);
  } else {
    out->append(" Stroke=\"false\" Fill=\"true\">");
    AppendColour("FillColor", item.colour, out);
  }
  absl::StrAppend(out, "<ofd:AbbreviatedData>",
                  absl::string_view(item.data).substr(0, item.data.size() - 1),
                  "</ofd:AbbreviatedData></ofd:PathObject>\n");
}

// Relative to the directory of Document.xml: readers that put this directory before every place
// they find there open nothing else.
absl::string_view BesideDocument(absl::string_view path) {
  constexpr absl::string_view kDocument = kDocumentPath;
  path.remove_prefix(kDocument.rfind('/') + 1);
  return path;
}

void AppendPositions(const DocumentInput& input, std::string* out) {
  Element("StatusIndex", absl::StrCat(input.status_index), out);
  Element("LogEpoch", absl::StrCat(input.log_epoch), out);
  Element("IntentIndex", absl::StrCat(input.intent_index), out);
}

}  // namespace

void AppendEscaped(absl::string_view text, std::string* out) {
  for (char c : text) {
    switch (c) {
      case '&':
        out->append("&amp;");
        break;
      case '<':
        out->append("&lt;");
        break;
      case '>':
        out->append("&gt;");
        break;
      case '"':
        out->append("&quot;");
        break;
      default:
        out->push_back(c);
    }
  }
}

std::string QrPayload(const DocumentInput& input) {
  return absl::StrCat("BS1:", input.licence_id, ":", input.status_index, ":", input.log_epoch, ":",
                      input.intent_index);
}

std::string FontPath(FontRole role) {
  return absl::StrCat("Doc_0/Res/font_", static_cast<int>(role), ".ttf");
}

CustomDatas CustomDatasOf(const DocumentInput& input, const std::vector<FaceLine>& lines) {
  const FaceContent& content = input.face.content;
  CustomDatas datas = {
      {"ZZMC", "出生医学证明"},
      {"ZZLXDM", input.licence_type_code},
      {"ZZBH", input.face.certificate_number},
      {"ZZBS", input.licence_id},
      {"ZZBFJG", content.issuing_institution_name},
      {"ZZBFJGDM", content.issuing_institution_code},
      {"ZZBFRQ", DayText(input.face.issue_date)},
      {"CZZT", content.newborn_name},
      {"CZZTDM", input.face.certificate_number},
      {"CZZTDMLX", "其他"},
      {"CZZTDMLXDM", kHolderCodeType},
      {"ZZYXQQSRQ", DayText(input.face.issue_date)},
      {"ZZYXQJZRQ", "长期"},
      {"CJSJ", SigningTimeText(input.signing_time)},
      {"KZ_ZTXH", absl::StrCat(input.status_index)},
      {"KZ_RZSQ", absl::StrCat(input.log_epoch)},
      {"KZ_YXXH", absl::StrCat(input.intent_index)},
  };
  if (!input.supersedes.empty()) datas.emplace_back("KZ_YZMBH", input.supersedes);
  for (const FaceLine& line : lines) datas.emplace_back(std::string(line.key), line.text);
  return datas;
}

std::string OfdXml(const DocumentInput& input, const CustomDatas& datas) {
  std::string out = absl::StrCat(kHead, "<ofd:OFD", kSpace, " DocType=\"OFD\" Version=\"1.1\">",
                                 "<ofd:DocBody><ofd:DocInfo>");
  Element("ofd:DocID", input.document_id, &out);
  Element("ofd:Title", "出生医学证明", &out);
  Element("ofd:CreationDate", DayText(absl::ToCivilDay(input.signing_time, ShanghaiZone())), &out);
  Element("ofd:Creator", "Birthseal", &out);
  out += "<ofd:CustomDatas>\n";
  for (const auto& [name, value] : datas) {
    absl::StrAppend(&out, "<ofd:CustomData Name=\"", name, "\">");
    AppendEscaped(value, &out);
    out += "</ofd:CustomData>\n";
  }
  absl::StrAppend(&out, "</ofd:CustomDatas></ofd:DocInfo><ofd:DocRoot>", kDocumentPath,
                  "</ofd:DocRoot><ofd:Signatures>/", Draft::kSignatureDirectory,
                  "/Signatures.xml</ofd:Signatures></ofd:DocBody></ofd:OFD>\n");
  return out;
}

std::string RecordXml(const DocumentInput& input, const std::vector<FaceLine>& lines) {
  std::string out = absl::StrCat(kHead, "<Record xmlns=\"", kRecordSpace, "\">\n");
  Element("Face", absl::Base64Escape(Canonical(input.face)), &out);
  Element("LicenceId", input.licence_id, &out);
  Element("LicenceTypeCode", input.licence_type_code, &out);
  Element("DocumentId", input.document_id, &out);
  Element("SigningTime", SigningTimeText(input.signing_time), &out);
  AppendPositions(input, &out);
  Element("Supersedes", input.supersedes, &out);
  out.push_back('\n');
  for (const FaceLine& line : lines) {
    absl::StrAppend(&out, "<Field Key=\"", line.key, "\" Label=\"", line.label, "\">");
    AppendEscaped(line.text, &out);
    out += "</Field>\n";
  }
  out += "</Record>\n";
  return out;
}

std::string PageXml(const Layout& layout, bool is_template) {
  std::string out = absl::StrCat(kHead, "<ofd:Page", kSpace, ">");
  out.reserve(16384);
  if (!is_template) {
    absl::StrAppend(&out, "<ofd:Template TemplateID=\"", kTemplateId, "\" ZOrder=\"Background\"/>");
  }
  absl::StrAppend(&out, "<ofd:Area><ofd:PhysicalBox>0 0 ", kPageWidth, " ", kPageHeight,
                  "</ofd:PhysicalBox></ofd:Area>");
  // The page's layer bears the highest ID, so that MaxUnitID is exact in every certificate.
  int id = is_template ? 10 : kFirstTextId;
  absl::StrAppend(&out, "<ofd:Content><ofd:Layer Type=\"", is_template ? "Background" : "Body",
                  "\" ID=\"", is_template ? 9 : kMaxUnitId, "\">\n");
  // In the template the rules lie below the labels; on the page the order is of no effect, and
  // texts first gives them IDs that do not depend on anything else.
  if (is_template) {
    for (const PathItem& item : layout.paths) AppendPath(item, id++, &out);
  }
  // A text of the page is an object of its own, because tags point at it.
  for (size_t from = 0, to; from < layout.texts.size(); from = to) {
    for (to = from + 1; is_template && to < layout.texts.size() &&
                        SameLook(layout.texts[from], layout.texts[to]);) {
      ++to;
    }
    AppendText(&layout.texts[from], to - from, id++, &out);
  }
  if (!is_template) {
    for (const PathItem& item : layout.paths) AppendPath(item, id++, &out);
  }
  out += "</ofd:Layer></ofd:Content></ofd:Page>\n";
  return out;
}

std::string TagXml(const Layout& layout, const std::vector<FaceLine>& lines) {
  std::string out = absl::StrCat(kHead, "<Certificate xmlns=\"", kTagSpace, "\"", kSpace, ">\n");
  size_t text = 0;
  for (const FaceLine& line : lines) {
    absl::StrAppend(&out, "<", line.key, ">");
    for (; text < layout.texts.size() && layout.texts[text].key == line.key; ++text) {
      absl::StrAppend(&out, "<ofd:ObjectRef PageRef=\"", kPageId, "\">",
                      kFirstTextId + static_cast<int>(text), "</ofd:ObjectRef>");
    }
    absl::StrAppend(&out, "</", line.key, ">\n");
  }
  out += "</Certificate>\n";
  return out;
}

std::string DocumentXml() {
  return absl::StrCat(kHead, "<ofd:Document", kSpace, "><ofd:CommonData><ofd:MaxUnitID>",
                      kMaxUnitId, "</ofd:MaxUnitID><ofd:PageArea><ofd:PhysicalBox>0 0 ", kPageWidth,
                      " ", kPageHeight, "</ofd:PhysicalBox></ofd:PageArea><ofd:PublicRes>",
                      BesideDocument(kPublicResPath), "</ofd:PublicRes><ofd:TemplatePage ID=\"",
                      kTemplateId, "\" Name=\"birthseal-8\" ZOrder=\"Background\" BaseLoc=\"",
                      BesideDocument(kTemplatePath),
                      "\"/></ofd:CommonData><ofd:Pages><ofd:Page ID=\"", kPageId, "\" BaseLoc=\"",
                      BesideDocument(kPagePath), "\"/></ofd:Pages><ofd:CustomTags>",
                      BesideDocument(kTagsPath), "</ofd:CustomTags><ofd:Attachments>",
                      BesideDocument(kAttachmentsPath), "</ofd:Attachments></ofd:Document>\n");
}

std::string PublicResXml(const FontSet::State& fonts, bool rare) {
  std::string out = absl::StrCat(kHead, "<ofd:Res", kSpace, " BaseLoc=\"Res\"><ofd:Fonts>");
  const auto font = [&out](FontRole role, const std::string& family) {
    const int id = static_cast<int>(role);
    absl::StrAppend(&out, "<ofd:Font ID=\"", id, "\" FontName=\"");
    AppendEscaped(family, &out);
    out += "\" FamilyName=\"";
    AppendEscaped(family, &out);
    absl::StrAppend(&out, "\"><ofd:FontFile>font_", id, ".ttf</ofd:FontFile></ofd:Font>");
  };
  font(FontRole::kTitle, fonts.title->family());
  font(FontRole::kLabel, fonts.value->family());
  font(FontRole::kValue, fonts.value->family());
  if (rare) font(FontRole::kRare, fonts.rare->family());
  out += "</ofd:Fonts></ofd:Res>\n";
  return out;
}

std::string TagsXml() {
  return absl::StrCat(kHead, "<ofd:CustomTags", kSpace, "><ofd:CustomTag TypeID=\"cert\">",
                      "<ofd:FileLoc>/", kTagPath, "</ofd:FileLoc></ofd:CustomTag>",
                      "</ofd:CustomTags>\n");
}

std::string AttachmentsXml() {
  return absl::StrCat(kHead, "<ofd:Attachments", kSpace, "><ofd:Attachment ID=\"1\" Name=\"",
                      kRecordName, "\" Format=\"xml\" Visible=\"false\"><ofd:FileLoc>/",
                      kRecordPath,
                      "</ofd:FileLoc></ofd:Attachment><ofd:Attachment ID=\"2\" Name=\"",
                      kReceiptName, "\" Format=\"bin\" Visible=\"false\"><ofd:FileLoc>/",
                      kReceiptPath, "</ofd:FileLoc></ofd:Attachment></ofd:Attachments>\n");
}

}  // namespace birthseal::certs::ofd
