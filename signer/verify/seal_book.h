// SPDX-License-Identifier: Apache-2.0
// The public side of institutions' seals: what a seal looks like and whose certificate stands
// behind it. Opened on first use; start-up does not grow with their number.
//
// NewFileSealBook: <dir>/<institution code>/{seal.esl, signer.pem}. Thread-safe.
// Errors: kNotFound no seal of that institution; kDataLoss it cannot be read or is not its own.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "signer/verify/electronic_seal.h"

namespace birthseal::signer {

struct PublicSeal {
  ElectronicSeal seal;
  std::string signer_certificate;  // DER
};

class SealBook {
 public:
  virtual ~SealBook() = default;
  virtual absl::StatusOr<std::shared_ptr<const PublicSeal>> SealOf(
      absl::string_view institution_code) = 0;
};

std::unique_ptr<SealBook> NewFileSealBook(std::string directory);

}  // namespace birthseal::signer
