// SPDX-License-Identifier: Apache-2.0
// The part of the fixture that needs fonts and the renderer.
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "tests/support/sealed_fixture.h"
#include "tests/support/temp_dir.h"

namespace birthseal::tests {
namespace {

template <typename T>
T Require(absl::StatusOr<T> value) {
  if (value.ok()) return *std::move(value);
  std::fprintf(stderr, "rendered_fixture: %s\n", value.status().ToString().c_str());
  std::abort();
}

}  // namespace

std::shared_ptr<const certs::ofd::FontSet> TestFonts() {
  static const auto* const fonts = new std::shared_ptr<const certs::ofd::FontSet>(
      Require(certs::ofd::FontSet::Load({ReadFile("/usr/share/fonts/opentype/noto/"
                                                  "NotoSerifCJK-Regular.ttc"),
                                         ReadFile("/usr/share/fonts/truetype/arphic/ukai.ttc"),
                                         ReadFile("/usr/share/fonts/truetype/hanazono/"
                                                  "HanaMinB.ttf")})));
  return *fonts;
}

const certs::ofd::Renderer& SharedRenderer() {
  static const auto* const renderer = new certs::ofd::Renderer(TestFonts());
  return *renderer;
}

certs::ofd::Draft RenderedDraft(const signer::SealEvidence& evidence) {
  return Require(SharedRenderer().Render(InputFor(evidence)));
}

const SealedCertificate& SharedSealedCertificate() {
  static const SealedCertificate* const sealed = [] {
    const signer::SealEvidence evidence = CompleteEvidence(SharedPki(), SyntheticFace(SharedPki()));
    return new SealedCertificate{evidence, SealCertificate(SharedPki(), evidence)};
  }();
  return *sealed;
}

}  // namespace birthseal::tests
