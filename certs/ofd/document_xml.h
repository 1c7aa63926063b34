// SPDX-License-Identifier: Apache-2.0
// The XML files of the certificate, as strings, elements in the order of the annex of GB/T 33190.
//
// Reader and writer share these functions: a record is right when writing it again gives the same
// bytes. Thread-safe: pure. Internal to certs/ofd.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "certs/ofd/certificate_document.h"
#include "certs/ofd/font_state.h"
#include "certs/ofd/layout.h"

namespace birthseal::certs::ofd {

// The object IDs of the page's text start here; the template's stay below.
inline constexpr int kFirstTextId = 10000;
inline constexpr int kPageId = 5, kTemplateId = 6, kMaxUnitId = 20000;

inline constexpr char kDocumentPath[] = "Doc_0/Document.xml";
inline constexpr char kPublicResPath[] = "Doc_0/PublicRes.xml";
inline constexpr char kTemplatePath[] = "Doc_0/Tpls/Tpl_0/Content.xml";
inline constexpr char kPagePath[] = "Doc_0/Pages/Page_0/Content.xml";
inline constexpr char kTagsPath[] = "Doc_0/Tags/CustomTags.xml";
inline constexpr char kTagPath[] = "Doc_0/Tags/Tag_Certificate.xml";
inline constexpr char kAttachmentsPath[] = "Doc_0/Attachs/Attachments.xml";
inline constexpr char kRecordPath[] = "Doc_0/Attachs/record.xml";
inline constexpr char kReceiptPath[] = "Doc_0/Attachs/receipt.bin";
inline constexpr char kRecordName[] = "birthseal-record";
inline constexpr char kReceiptName[] = "birthseal-receipt";

// Metadata items of GB/T 36903 and the 23 extension items, in order.
using CustomDatas = std::vector<std::pair<std::string, std::string>>;
CustomDatas CustomDatasOf(const DocumentInput& input, const std::vector<FaceLine>& lines);

std::string OfdXml(const DocumentInput& input, const CustomDatas& datas);
// The attached original record: canonical bytes in base64 and the same in readable elements.
std::string RecordXml(const DocumentInput& input, const std::vector<FaceLine>& lines);
// `first_id` is that of the first object; texts take consecutive IDs in order, then paths.
std::string PageXml(const Layout& layout, bool is_template);
std::string TagXml(const Layout& layout, const std::vector<FaceLine>& lines);
// Constant files.
std::string DocumentXml();
std::string PublicResXml(const FontSet::State& fonts, bool rare);
std::string TagsXml();
std::string AttachmentsXml();

void AppendEscaped(absl::string_view text, std::string* out);
// "1:<licence>:<status index>:<log epoch>:<intent index>", without personal data.
std::string QrPayload(const DocumentInput& input);
std::string FontPath(FontRole role);

}  // namespace birthseal::certs::ofd
