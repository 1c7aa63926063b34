// SPDX-License-Identifier: Apache-2.0
// Status without personal data: the fast path. Reads where the log stands first, then the state,
// which so is at least as new. Enters nothing, never waits for a commit; may run on a network
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "certs/lifecycle.h"
#include "certs/proof/log_place.h"
#include "server/reading/reading_room.h"

namespace birthseal::server {

struct GetStatusResult {
  bool known = false;
  certs::CertificateState state = certs::CertificateState::kValid;  // when known
  certs::LogPosition position;  // the answer is at least as new as the log there
  absl::Time log_time;
  // Set: the witnesses have not confirmed since then that this is the newest state.
  std::optional<absl::Time> not_proven_since;
};

// One of the two: `licence_id` not empty, or `status_index` not zero.
// Errors: kInvalidArgument "KEY_REQUIRED"; those of Freshness::MayAnswer and of the store.
absl::StatusOr<GetStatusResult> GetStatus(const ReadingRoom& room, absl::string_view licence_id,
                                          certs::StatusIndex status_index);

}  // namespace birthseal::server
