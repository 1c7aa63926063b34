// SPDX-License-Identifier: Apache-2.0
// Electronic seal (电子印章, SESeal): parse V1, V4 and V5; make V4 (GB/T 38540-2020).
//
// V4 and V5: the maker signs the DER of eSealInfo alone; V1: SEQUENCE{info, cert, algorithm}.
// Thread-safe: immutable values holding their own bytes.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace birthseal::signer {

struct ElectronicSeal {
  std::string bytes;       // the DER as it came
  int version = 0;         // 1, 4 or 5
  int header_version = 0;  // as written; V1 products also write 2
  std::string vendor_id, seal_id, name;
  int type = 0;
  std::vector<std::string> signer_certificates;  // certList, DER each
  std::vector<std::string> signer_digests;       // certListType 2
  absl::Time created, valid_from, valid_until;
  std::string picture_type, picture;
  int width_mm = 0, height_mm = 0;
  std::vector<std::string> critical_extensions;  // OIDs; none is defined
  std::string maker_certificate;                 // DER
  std::string algorithm;                         // dotted OID
  std::string signed_bytes;                      // what the maker signed
  std::string signature;                         // DER{r,s}
  std::string time_stamp;                        // V5, raw token; empty: none
};

// Strict DER. Errors: kInvalidArgument "SES_FORMAT: ...".
absl::StatusOr<ElectronicSeal> ParseElectronicSeal(absl::string_view der);

// The signature of the maker over the seal, by the certificate it carries. No trust decision.
bool SealSignatureHolds(const ElectronicSeal& seal);

// The eSealInfo DER of a new V4 seal, to be signed by the maker, and the finished seal.
struct SealDraft {
  std::string vendor_id, seal_id, name;
  int type = 1;
  std::vector<std::string> signer_certificates;
  absl::Time created, valid_from, valid_until;
  std::string picture_type = "PNG", picture;
  int width_mm = 40, height_mm = 40;
};
std::string SealInfo(const SealDraft& draft);
std::string FinishSeal(absl::string_view info, absl::string_view maker_certificate,
                       absl::string_view signature);

}  // namespace birthseal::signer
