// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "clients/witness/witness.h"

namespace birthseal::witness {
namespace {

using certs::LogFollower;

// To `size` leaves of `epoch`, which the follower is in or enters with the first of them.
absl::Status FollowEpoch(Storage* mirror, uint64_t epoch, uint64_t size, LogFollower* follower) {
  uint64_t at = 0;
  while (at < size) {
    const int count = static_cast<int>(std::min<uint64_t>(size - at, kUpdatesAtOnce));
    ASSIGN_OR_RETURN(const std::vector<Update> updates, mirror->ReadMirror(epoch, at, count));
    if (updates.empty()) {
      return certs::Error(absl::StatusCode::kDataLoss, "MIRROR_SHORT",
                          absl::StrCat("the mirror of epoch ", epoch, " ends at ", at));
    }
    for (const Update& update : updates) {
      const absl::Status held = epoch == follower->state().epoch
                                    ? follower->Follow(update.leaf, update.changes)
                                    : follower->StartEpoch(epoch, update.leaf);
      if (!held.ok()) {
        return certs::Error(held.code(), certs::ReasonOf(held),
                            absl::StrCat("epoch ", epoch, " leaf ", at, ": ", held.message()));
      }
      ++at;
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<certs::LogState> Replay(Storage* mirror, uint64_t epoch, uint64_t size) {
  LogFollower follower{certs::LogState{}};
  for (uint64_t old = 1; old < epoch; ++old) {  // numbers may be left out
    ASSIGN_OR_RETURN(const uint64_t end, mirror->MirrorSize(old));
    RETURN_IF_ERROR(FollowEpoch(mirror, old, end, &follower));
  }
  RETURN_IF_ERROR(FollowEpoch(mirror, epoch, size, &follower));
  return follower.state();
}

}  // namespace birthseal::witness
