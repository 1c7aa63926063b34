// SPDX-License-Identifier: Apache-2.0
// Files a case, or files a returned one again. All defects of the rules are answered at once; a
// character that no font has is looked for in a case that is fit otherwise.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "certs/application.h"
#include "certs/lifecycle.h"
#include "certs/rules/rules.h"
#include "server/issuing/issuing_room.h"
#include "store/commands.h"

namespace birthseal::server {

struct SubmitApplicationInput {
  std::string request_id;          // 1 to 64 bytes
  certs::Application application;  // newborn_id: 16 bytes
  std::string profile;             // empty, or the name of the one that judges its cases
  certs::CaseId case_id;           // not zero: file this returned case again
};
struct SubmitApplicationResult {
  certs::CaseId case_id;
  certs::CaseState state = certs::CaseState::kReturned;
  std::vector<certs::Defect> defects;
  certs::Digest content_digest{};  // what the issuer signs; zero unless kSubmitted
};

// Errors: kInvalidArgument, also "PROFILE_NOT_OF_INSTITUTION"; those of managing.h for a
// certificate that another institution issued; those of JudgeCase; kPermissionDenied
// "NOT_YOUR_INSTITUTION"; those of store::SubmitApplication ("CERTIFICATE_EXISTS" points to
// exchange and replacement), also kAborted "RECORD_MOVED_ON" when the record changed four times
// meanwhile.
absl::StatusOr<SubmitApplicationResult> SubmitApplication(const IssuingRoom& room,
                                                          const Caller& caller,
                                                          const SubmitApplicationInput& input);

}  // namespace birthseal::server
