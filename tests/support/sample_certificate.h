// SPDX-License-Identifier: Apache-2.0
// A synthetic certificate and the fonts of the machine, for tests, samples and benchmarks.
#pragma once

#include <memory>

#include "certs/ofd/certificate_document.h"

namespace birthseal::tests {

// Invented people and places, valid check digits.
certs::Face SampleFace();
certs::ofd::DocumentInput SampleDocument();
// The packaged fonts, loaded once; null when they are not installed (the caller skips).
std::shared_ptr<const certs::ofd::FontSet> SampleFonts();

}  // namespace birthseal::tests
