// SPDX-License-Identifier: Apache-2.0
// One issued certificate as use cases answer it.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "birthseal/storage/v1/record.pb.h"
#include "certs/digest.h"
#include "certs/face.h"
#include "certs/lifecycle.h"
#include "certs/proof/log_place.h"
#include "store/commands.h"

namespace birthseal::server {

struct CertificateView {
  std::string number, licence_id, institution_code;
  certs::CertificateState state = certs::CertificateState::kValid;
  std::optional<absl::CivilDay> issue_date;  // nothing: known from the log alone, after a recovery
  std::string supersedes, superseded_by;     // numbers; empty: none
  certs::NewbornId newborn_id;               // zero: none is known to have it
  certs::StatusIndex status_index;
  absl::Time issued_time;
  std::optional<certs::Digest> file_sm3;  // nothing: the document is lost, and with it its digest
  int64_t file_size = 0;
  // A tree of this size of this epoch holds its newest leaf; an epoch after it stands on that leaf.
  certs::LogPosition position;
  std::optional<certs::FaceContent> content;  // only where the use case discloses it
};

CertificateView ViewOf(const storage::v1::CertificateHead& head);

// "YYYY-MM-DD" both ways, as records keep days. Errors: kInvalidArgument.
std::string DayText(absl::CivilDay day);
absl::StatusOr<absl::CivilDay> DayFrom(absl::string_view text);

}  // namespace birthseal::server
