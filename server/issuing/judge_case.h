// SPDX-License-Identifier: Apache-2.0
// Loads what the rules need about a case and applies them: shared by filing and showing a case.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "certs/application.h"
#include "certs/face.h"
#include "certs/lifecycle.h"
#include "certs/rules/rules.h"
#include "server/issuing/issuing_room.h"
#include "store/commands.h"

namespace birthseal::server {

struct Judgement {
  std::vector<certs::Defect> defects;
  certs::CaseState state = certs::CaseState::kReturned;
  certs::FaceContent content;      // composed; meaningful when state is kSubmitted
  certs::Digest content_digest{};  // likewise
  certs::NewbornId newborn_id;
  certs::DeliveryId basis_delivery;
  const certs::Profile* profile = nullptr;
  std::vector<certs::Claim> claims;  // C1 of the application
};

// `profile` names that which judged the case when it was filed; empty: the institution's today.
// `delivery_id` zero: the newborn's current record. Errors: kNotFound "NEWBORN_UNKNOWN",
// "INSTITUTION_UNKNOWN", "PROFILE_UNKNOWN", "PREDECESSOR_UNKNOWN"; kInvalidArgument "ID_FORM";
// those of the store.
absl::StatusOr<Judgement> JudgeCase(const IssuingRoom& room, const certs::Application& application,
                                    absl::string_view profile,
                                    const certs::DeliveryId& delivery_id);

}  // namespace birthseal::server
