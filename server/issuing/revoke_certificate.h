// SPDX-License-Identifier: Apache-2.0
// Ends a valid certificate, by two people of the managing institution whose area holds the issuing
// institution.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "certs/application.h"
#include "certs/digest.h"
#include "server/issuing/issuing_room.h"
#include "server/use_case/certificate_view.h"
#include "server/use_case/two_people.h"

namespace birthseal::server {

struct RevokeCertificateInput {
  std::string request_id;  // 1 to 64 bytes
  std::string number;
  certs::Evidence decision;          // the decision document
  OperatorSignature issuer, sealer;  // two different operators of the managing institution
};

// What both operators sign: SM3("birthseal/revoke/v1" 00 || number || SM3 of the decision).
certs::Digest RevocationDigest(absl::string_view number, const certs::Digest& decision);

// Errors: kInvalidArgument, also "DECISION_REQUIRED"; kNotFound "CERTIFICATE_UNKNOWN"; those of
// managing.h, CheckTwoPeople, Freshness::MayIssue and store::Revoke.
absl::StatusOr<CertificateView> RevokeCertificate(const IssuingRoom& room, const Caller& caller,
                                                  const RevokeCertificateInput& input);

}  // namespace birthseal::server
