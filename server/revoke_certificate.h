// Ends a valid certificate, or gives up a reservation: both by two people of one institution.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "certs/application.h"
#include "certs/digest.h"
#include "server/certificate_view.h"
#include "server/services.h"

namespace birthseal::server {

struct OperatorSignature {
  std::string operator_id, signature;  // DER over the 32 bytes of the digest
};

struct RevokeCertificateInput {
  std::string request_id;  // 1 to 64 bytes
  std::string number;
  certs::Evidence decision;          // the decision document
  OperatorSignature issuer, sealer;  // two different operators of the managing institution
};

// What both operators sign: SM3("birthseal/revoke/v1" 00 || number || SM3 of the decision).
certs::Digest RevocationDigest(absl::string_view number, const certs::Digest& decision);

// Errors: kInvalidArgument; kPermissionDenied "SAME_PERSON_MAY_NOT_SEAL", "NOT_MANAGING", the
// approvals; kUnauthenticated; those of store::Revoke.
absl::StatusOr<CertificateView> RevokeCertificate(const Services& services, const Caller& caller,
                                                  const RevokeCertificateInput& input);

struct CancelReservationInput {
  uint64_t intent_index = 0;  // leaf index
  std::string reason;         // 1 to 200 bytes
  OperatorSignature issuer, sealer;
};

// What both operators sign: SM3("birthseal/cancel/v1" 00 || intent index, 8 bytes || reason).
certs::Digest CancellationDigest(uint64_t intent_index, absl::string_view reason);

// Lawful only when seal or evidence no longer stand; the number goes to waste with the reason.
// Errors: as above; kNotFound "NO_SUCH_INTENT"; kAborted "ISSUE_IN_PROGRESS" it is being sealed.
absl::Status CancelReservation(const Services& services, const Caller& caller,
                               const CancelReservationInput& input);

}  // namespace birthseal::server
