// SPDX-License-Identifier: Apache-2.0
#include "certs/ofd/certificate_document.h"

#include "absl/strings/ascii.h"
#include "certs/errors.h"
#include "certs/ofd/document_xml.h"
#include "certs/ofd/font_state.h"
#include "certs/ofd/layout.h"
#include "certs/ofd/preview.h"
#include "certs/status_macros.h"

namespace birthseal::certs::ofd {
namespace {

constexpr size_t kMaxTexts = 4000;  // far above what the longest lawful face makes

absl::Status Refused(absl::string_view reason, absl::string_view message, absl::string_view field) {
  return Error(absl::StatusCode::kInvalidArgument, reason, message, field);
}

bool IsHexId(absl::string_view text) {
  if (text.size() != 32) return false;
  for (char c : text) {
    if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) return false;
  }
  return true;
}

// Characters that XML cannot hold or would not give back are refused with the missing glyphs.
absl::Status CheckLines(const TypeSetter& setter, const std::vector<FaceLine>& lines) {
  for (const FaceLine& line : lines) {
    if (line.text.empty()) return Refused("FIELD_EMPTY", "a field is empty", line.key);
    // XML readers trim or drop blanks at the ends of a text.
    if (line.text.front() == ' ' || line.text.back() == ' ') {
      return Refused("FIELD_BLANK", "a field begins or ends with a blank", line.key);
    }
    RETURN_IF_ERROR(setter.Check(line));
  }
  return absl::OkStatus();
}

}  // namespace

struct Renderer::State {
  explicit State(std::shared_ptr<const FontSet> set)
      : fonts(std::move(set)),
        setter(fonts->state().faces()),
        page_template(TemplateLayout(&setter)) {
    const FontSet::State& state = fonts->state();
    title_font = BuildFont(state.title->family(), setter.title_glyphs());
    label_font = BuildFont(state.value->family(), setter.label_glyphs());
    const auto constant = [](absl::string_view path, const std::string& content) {
      return MakePart(path, content, Method::kDeflated, true);
    };
    document = constant(kDocumentPath, DocumentXml());
    resources = constant(kPublicResPath, PublicResXml(state, false));
    resources_rare = constant(kPublicResPath, PublicResXml(state, true));
    template_page = constant(kTemplatePath, PageXml(page_template, true));
    tags = constant(kTagsPath, TagsXml());
    attachments = constant(kAttachmentsPath, AttachmentsXml());
    title = constant(FontPath(FontRole::kTitle), title_font);
    label = constant(FontPath(FontRole::kLabel), label_font);
  }

  // The fonts that hold what `layout` shows; an empty map of glyphs gives no font.
  std::string Subset(const Layout& layout, FontRole role) const;

  const std::shared_ptr<const FontSet> fonts;
  TypeSetter setter;
  const Layout page_template;
  std::string title_font, label_font;
  PartPtr document, resources, resources_rare, template_page, tags, attachments, title, label;
};

std::string Renderer::State::Subset(const Layout& layout, FontRole role) const {
  GlyphMap glyphs;
  for (const TextItem& item : layout.texts) {
    if (item.font != role) continue;
    for (char32_t c : item.text) glyphs.emplace(c, setter.Find(role, c));
  }
  if (glyphs.empty() && role == FontRole::kRare) return "";
  const GlyphSource& source =
      role == FontRole::kRare ? *fonts->state().rare : *fonts->state().value;
  return BuildFont(source.family(), glyphs);
}

Renderer::Renderer(std::shared_ptr<const FontSet> fonts)
    : state_(std::make_unique<State>(std::move(fonts))) {}
Renderer::~Renderer() = default;

absl::Status Renderer::CheckGlyphs(const Face& face) const {
  return CheckLines(state_->setter, FaceLines(face));
}

absl::StatusOr<Draft> Renderer::Render(const DocumentInput& input) const {
  const std::vector<FaceLine> lines = FaceLines(input.face);
  RETURN_IF_ERROR(CheckLines(state_->setter, lines));
  if (!IsHexId(input.document_id)) {
    return Refused("DOCUMENT_ID", "the document id is not 32 hexadecimal digits", "document_id");
  }
  const Layout layout = CertificateLayout(state_->setter, lines, QrPayload(input));
  for (const PathItem& path : layout.paths) {
    if (path.data.empty()) return Refused("LICENCE_ID", "not fit for a code", "licence_id");
  }
  if (layout.texts.size() > kMaxTexts) return Refused("FIELD_LENGTH", "too much text", "");
  const std::string rare = state_->Subset(layout, FontRole::kRare);
  Draft draft;
  draft.parts_ = {
      MakePart("OFD.xml", OfdXml(input, CustomDatasOf(input, lines))),
      state_->document,
      rare.empty() ? state_->resources : state_->resources_rare,
      state_->title,
      state_->label,
      MakePart(FontPath(FontRole::kValue), state_->Subset(layout, FontRole::kValue)),
      state_->template_page,
      MakePart(kPagePath, PageXml(layout, false)),
      state_->tags,
      MakePart(kTagPath, TagXml(layout, lines)),
      state_->attachments,
      MakePart(kRecordPath, RecordXml(input, lines)),
      MakePart(kReceiptPath, input.receipt, Method::kStored),
  };
  if (!rare.empty()) {
    draft.parts_.push_back(MakePart(FontPath(FontRole::kRare), rare));
  }
  draft.page_id_ = std::to_string(kPageId);
  draft.seal_x_ = kSealX;
  draft.seal_y_ = kSealY;
  draft.signing_time_ = input.signing_time;
  return draft;
}

absl::StatusOr<std::string> Renderer::PreviewPng(const DocumentInput& input,
                                                 absl::string_view seal_png, double seal_mm,
                                                 absl::string_view watermark, int dpi) const {
  const std::vector<FaceLine> lines = FaceLines(input.face);
  RETURN_IF_ERROR(CheckLines(state_->setter, lines));
  const Layout layout = CertificateLayout(state_->setter, lines, QrPayload(input));
  const std::string value = state_->Subset(layout, FontRole::kValue);
  const std::string rare = state_->Subset(layout, FontRole::kRare);
  GlyphMap watermark_glyphs;
  for (char32_t c : CodePoints(watermark)) {
    if (const Glyph* glyph = state_->setter.Find(FontRole::kValue, c)) {
      watermark_glyphs.emplace(c, glyph);
    }
  }
  const std::string watermark_font = BuildFont("watermark", watermark_glyphs);
  PreviewOptions options;
  options.fonts = {{FontRole::kTitle, state_->title_font},
                   {FontRole::kLabel, state_->label_font},
                   {FontRole::kValue, value}};
  if (!rare.empty()) options.fonts[FontRole::kRare] = rare;
  options.seal_png = seal_png;
  options.seal_mm = seal_mm;
  options.watermark = watermark;
  options.watermark_font = watermark_font;
  options.dpi = dpi;
  return DrawPng({&state_->page_template, &layout}, options);
}

}  // namespace birthseal::certs::ofd
