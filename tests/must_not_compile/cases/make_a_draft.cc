// SPDX-License-Identifier: Apache-2.0
// A draft comes from a renderer alone.
// Refused with: calling a private constructor
#include "certs/ofd/certificate_document.h"

namespace birthseal::certs::ofd {

absl::StatusOr<Draft> Try(const Renderer& renderer, const DocumentInput& input) {
#ifdef RIGHT
  return renderer.Render(input);
#else
  return Draft();
#endif
}

}  // namespace birthseal::certs::ofd
