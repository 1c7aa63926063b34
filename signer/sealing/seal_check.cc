// SPDX-License-Identifier: Apache-2.0
#include "signer/sealing/seal_check.h"

#include <memory>

#include "certs/status_macros.h"
#include "signer/sealing/key_provider.h"

namespace birthseal::signer {

absl::StatusOr<certs::Digest> SealCheck::DigestOf(absl::string_view institution_code) const {
  ASSIGN_OR_RETURN(const std::shared_ptr<const InstitutionSeal> seal,
                   OpenSealOf(keys_, institution_code));
  return certs::Sm3Of(seal->seal.bytes);
}

}  // namespace birthseal::signer
