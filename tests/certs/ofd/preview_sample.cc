// SPDX-License-Identifier: Apache-2.0
// Writes a sample certificate as PNG and OFD, for people to look at, and the time it takes.
// Usage: birthseal_preview_sample <directory> [dpi]
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "certs/ofd/certificate_document.h"
#include "tests/support/sample_certificate.h"
#include "tests/support/temp_dir.h"

namespace birthseal {
namespace {

int Run(const std::string& directory, int dpi) {
  const certs::ofd::Renderer renderer(tests::SampleFonts());
  certs::ofd::DocumentInput input = tests::SampleDocument();
  certs::ofd::DocumentInput hard = input;  // long values, no father, rare characters
  hard.face.content.father.reset();
  hard.face.content.newborn_name = "龴玘㐀·买合木提江·阿卜杜热合曼古丽尼萨";
  hard.face.content.mother.name = "Anna Maria Wilhelmina van der Fantasie-Testersdottir";
  for (int i = 0; i < 8; ++i) hard.face.content.mother.address += "虚构省幻想市云溪县翠竹镇";
  const auto hard_png = renderer.PreviewPng(hard, "", 0, "样张", dpi);
  if (hard_png.ok()) tests::WriteFile(directory + "/sample_hard.png", *hard_png);
  const auto draft = renderer.Render(input);
  const auto png = renderer.PreviewPng(input, "", 0, "", dpi);
  if (!draft.ok() || !png.ok()) {
    std::fprintf(stderr, "%s %s\n", draft.status().ToString().c_str(),
                 png.status().ToString().c_str());
    return 1;
  }
  const std::string file = certs::ofd::WritePackage(draft->parts());
  tests::WriteFile(directory + "/sample.ofd", file);
  tests::WriteFile(directory + "/sample.png", *png);
  for (const auto& part : draft->parts()) {
    std::printf("%-36s %7zu %7zu %s\n", part->path.c_str(), static_cast<size_t>(part->size),
                part->data.size(), part->constant ? "constant" : "");
  }
  constexpr int kRounds = 1000;
  const std::clock_t start = std::clock();  // processor time: other load does not count
  for (int i = 0; i < kRounds; ++i) {
    if (!renderer.Render(input).ok()) return 1;
  }
  const double took = 1e6 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  std::printf("file %zu bytes, Render %.0f us\n", file.size(), took / kRounds);
  return 0;
}

}  // namespace
}  // namespace birthseal

int main(int argc, char** argv) {
  if (argc < 2 || birthseal::tests::SampleFonts() == nullptr) {
    std::fprintf(stderr, "usage: %s <directory> [dpi]; needs the packaged fonts\n", argv[0]);
    return 2;
  }
  return birthseal::Run(argv[1], argc > 2 ? std::atoi(argv[2]) : 150);
}
