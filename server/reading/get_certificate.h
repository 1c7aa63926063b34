// SPDX-License-Identifier: Apache-2.0
// Disclosing reads of an issued certificate: face, file and picture.
//
// The ACCESS entry, with the cause, is durable before anything is released.
// Errors of all: kInvalidArgument "USE_CAUSE_REQUIRED", "KEY_REQUIRED" it is empty; kNotFound
// "CERTIFICATE_UNKNOWN", also for an issuing institution that is not the certificate's; those of
// managing.h, of Freshness::MayAnswer and of the store.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "birthseal/storage/v1/record.pb.h"
#include "certs/face.h"
#include "server/reading/reading_room.h"
#include "server/use_case/certificate_view.h"

namespace birthseal::server {

struct CertificateRequest {
  std::string key;        // certificate number or licence identifier
  std::string use_cause;  // 1 to 200 bytes
};

absl::StatusOr<CertificateView> GetCertificate(const ReadingRoom& room, const Caller& caller,
                                               const CertificateRequest& request);

// What the three reads share: looks up, checks the caller's right, records the access.
absl::StatusOr<storage::v1::CertificateHead> OpenCertificate(const ReadingRoom& room,
                                                             const Caller& caller,
                                                             const CertificateRequest& request,
                                                             absl::string_view method);
// The face of an issued certificate, from the case that made it. Who releases it calls the above
// before.
absl::StatusOr<certs::FaceContent> ContentOf(const ReadingRoom& room,
                                             const storage::v1::CertificateHead& head);

}  // namespace birthseal::server
