// SPDX-License-Identifier: Apache-2.0
// The certificate as an OFD document: from a face to the parts of a package, and back.
//
// One A4 page: 23 labelled fields, number, barcode, QR code, place of the seal; subset fonts
// embedded; metadata in CustomDatas, CustomTags and an attached XML, all from the one record.
// Same inputs and same binary give the same bytes. Thread-safe: a Renderer may be shared; each
// call works on its own memory. Errors: kInvalidArgument names the field whose character no font
// has (code point in U+ form, never the name).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "certs/digest.h"
#include "certs/face.h"
#include "certs/ofd/font.h"
#include "certs/ofd/package.h"
#include "certs/ofd/reader.h"
#include "certs/ofd/structure.h"

namespace birthseal::certs::ofd {

// Everything fixed at reservation; with the receipt, everything the document says.
struct DocumentInput {
  Face face;
  std::string licence_id;  // 证照标识
  std::string licence_type_code;
  std::string document_id;  // 32 hex
  absl::Time signing_time;  // whole seconds
  uint64_t status_index = 0;
  uint64_t log_epoch = 1;
  uint64_t intent_index = 0;  // leaf index
  std::string receipt;        // canonical bytes of R1
  std::string supersedes;     // number of the predecessor, or empty
};

// The unsealed document: what a Renderer made of its input, and nobody can alter. A document
// sealer seals those alone that it had drawn itself. Thread-safe: immutable but for assignment.
class Draft {
 public:
  // Where the signature files of a document stand; OFD.xml names their list.
  static constexpr char kSignatureDirectory[] = "Doc_0/Signs";

  const std::vector<PartPtr>& parts() const { return parts_; }  // starts with OFD.xml
  const std::string& page_id() const { return page_id_; }       // PageRef of the stamp
  // Top left corner of the stamp, mm.
  double seal_x() const { return seal_x_; }
  double seal_y() const { return seal_y_; }
  absl::Time signing_time() const { return signing_time_; }

 private:
  friend class Renderer;
  Draft() = default;
  std::vector<PartPtr> parts_;
  std::string page_id_;
  double seal_x_ = 0, seal_y_ = 0;
  absl::Time signing_time_;
};

class Renderer {
 public:
  // Fonts are read-only for the life of the renderer.
  explicit Renderer(std::shared_ptr<const FontSet> fonts);
  ~Renderer();
  absl::StatusOr<Draft> Render(const DocumentInput& input) const;
  // Before issue: does every character of the face have a glyph? Errors as above.
  absl::Status CheckGlyphs(const Face& face) const;
  // PNG of the page, drawn from the same layout model, with `seal_png` in its place when given
  // and a diagonal `watermark` text when given. `dpi` 72 to 300.
  absl::StatusOr<std::string> PreviewPng(const DocumentInput& input, absl::string_view seal_png,
                                         double seal_mm, absl::string_view watermark,
                                         int dpi = 150) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Has one of our attachments, readable or not: what the document claims to be.
bool CarriesOurMark(const Structure& structure);

// What a verifier reads back from one of our documents.
struct ReadBack {
  Face face;
  std::string licence_id, document_id, supersedes;
  std::string receipt;  // empty: the document carries none
  uint64_t status_index = 0, log_epoch = 0, intent_index = 0;
};
// Reads the attached record and cross-checks CustomDatas, tags and the visible text against it.
// Errors: kNotFound not one of our documents; kDataLoss "DATA_MISMATCH: <field key>".
absl::StatusOr<ReadBack> ReadCertificate(const OpenPackage& package);
// The same for a caller that has read the structure already.
absl::StatusOr<ReadBack> ReadCertificate(const OpenPackage& package, const Structure& structure);

}  // namespace birthseal::certs::ofd
