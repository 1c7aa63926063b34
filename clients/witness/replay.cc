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

// To this place of an epoch that the follower is in or enters with the first leaf.
absl::Status FollowEpoch(Storage* mirror, const certs::LogPosition& to, LogFollower* follower) {
  const certs::LogEpoch epoch = to.epoch;
  const uint64_t size = to.size.value();
  uint64_t at = 0;
  while (at < size) {
    const int count = static_cast<int>(std::min<uint64_t>(size - at, kUpdatesAtOnce));
    ASSIGN_OR_RETURN(const std::vector<Update> updates,
                     mirror->ReadMirror(epoch, certs::LeafIndex(at), count));
    if (updates.empty()) {
      return certs::Error(absl::StatusCode::kDataLoss, "MIRROR_SHORT",
                          absl::StrCat("the mirror of epoch ", epoch.value(), " ends at ", at));
    }
    for (const Update& update : updates) {
      const absl::Status held = epoch == follower->state().epoch
                                    ? follower->Follow(update.leaf, update.changes)
                                    : follower->StartEpoch(epoch, update.leaf);
      if (!held.ok()) {
        return certs::Error(
            held.code(), certs::ReasonOf(held),
            absl::StrCat("epoch ", epoch.value(), " leaf ", at, ": ", held.message()));
      }
      ++at;
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<certs::LogState> Replay(Storage* mirror, const certs::LogPosition& to) {
  LogFollower follower{certs::LogState{}};
  for (certs::LogEpoch old(1); old < to.epoch; old = old.Plus(1)) {  // numbers may be left out
    ASSIGN_OR_RETURN(const certs::LogSize end, mirror->MirrorSize(old));
    RETURN_IF_ERROR(FollowEpoch(mirror, {old, end}, &follower));
  }
  RETURN_IF_ERROR(FollowEpoch(mirror, to, &follower));
  return follower.state();
}

}  // namespace birthseal::witness
