// SPDX-License-Identifier: Apache-2.0
// A case of the caller's institution, or one that the caller filed: the content to approve and the
// digests to sign.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "certs/face.h"
#include "certs/lifecycle.h"
#include "certs/rules/rules.h"
#include "server/issuing/issuing_room.h"
#include "store/commands.h"

namespace birthseal::server {

struct GetCaseInput {
  certs::CaseId case_id;
  std::string use_cause;  // 1 to 200 bytes
};
struct GetCaseResult {
  certs::CaseId case_id;
  certs::CaseState state = certs::CaseState::kReturned;
  certs::FaceContent content;
  certs::Digest content_digest{};
  std::string certificate_number;  // once approved
  // Once approved: the day to sign (the ledger's today, or the one reserved) and its face digest.
  absl::CivilDay issue_date;
  std::optional<certs::Digest> face_digest;
  std::vector<certs::Defect> defects;
};

// Disclosed after its ACCESS entry is durable. Errors: kInvalidArgument "USE_CAUSE_REQUIRED";
// kNotFound "CASE_UNKNOWN", also for a case that is neither; those of JudgeCase where defects are
// told; those of the ledger.
absl::StatusOr<GetCaseResult> GetCase(const IssuingRoom& room, const Caller& caller,
                                      const GetCaseInput& input);

}  // namespace birthseal::server
