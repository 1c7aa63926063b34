// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "clients/witness/monitor.h"
#include "clients/witness/witness.h"

namespace birthseal::witness {
namespace {

absl::Status Short(certs::LogEpoch epoch, uint64_t at) {
  return certs::Error(absl::StatusCode::kDataLoss, "MIRROR_SHORT",
                      absl::StrCat("the mirror of epoch ", epoch.value(), " ends at ", at));
}

absl::Status FollowEpoch(Storage* mirror, const certs::LogPosition& to, Monitor* monitor,
                         Findings* findings) {
  const certs::LogPosition from = monitor->position();
  const certs::LogEpoch epoch = to.epoch;
  const uint64_t size = to.size.value();
  uint64_t at = epoch == from.epoch ? from.size.value() : 0;
  while (at < size) {
    const int count = static_cast<int>(std::min<uint64_t>(size - at, kUpdatesAtOnce));
    ASSIGN_OR_RETURN(const std::vector<Update> updates,
                     mirror->ReadMirror(epoch, certs::LeafIndex(at), count));
    if (updates.empty()) return Short(epoch, at);
    for (const Update& update : updates) monitor->Follow(epoch, update, findings);
    at += updates.size();
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status FollowMirror(Storage* mirror, const certs::LogPosition& to, Monitor* monitor,
                          Findings* findings) {
  // An old epoch ends in the mirror where its RECOVERY says; numbers may be left out.
  for (certs::LogEpoch old = monitor->position().epoch; old < to.epoch; old = old.Plus(1)) {
    ASSIGN_OR_RETURN(const certs::LogSize end, mirror->MirrorSize(old));
    RETURN_IF_ERROR(FollowEpoch(mirror, {old, end}, monitor, findings));
  }
  return FollowEpoch(mirror, to, monitor, findings);
}

}  // namespace birthseal::witness
