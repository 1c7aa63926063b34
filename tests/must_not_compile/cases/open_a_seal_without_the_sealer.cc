// SPDX-License-Identifier: Apache-2.0
// An opened seal comes from a sealer alone.
// Refused with: calling a private constructor
#include "signer/sealing/document_sealer.h"

namespace birthseal::signer {

absl::StatusOr<OpenedSeal> Try(const DocumentSealer& sealer) {
#ifdef RIGHT
  return sealer.Open("");
#else
  return OpenedSeal(nullptr, MakerMark());
#endif
}

}  // namespace birthseal::signer
