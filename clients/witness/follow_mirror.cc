// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "clients/witness/monitor.h"
#include "clients/witness/witness.h"

namespace birthseal::witness {
namespace {

absl::Status Short(uint64_t epoch, uint64_t at) {
  return certs::Error(absl::StatusCode::kDataLoss, "MIRROR_SHORT",
                      absl::StrCat("the mirror of epoch ", epoch, " ends at ", at));
}

absl::Status FollowEpoch(Storage* mirror, uint64_t epoch, uint64_t size, Monitor* monitor,
                         Findings* findings) {
  uint64_t at = epoch == monitor->epoch() ? monitor->size() : 0;
  while (at < size) {
    const int count = static_cast<int>(std::min<uint64_t>(size - at, kUpdatesAtOnce));
    ASSIGN_OR_RETURN(const std::vector<Update> updates, mirror->ReadMirror(epoch, at, count));
    if (updates.empty()) return Short(epoch, at);
    for (const Update& update : updates) monitor->Follow(epoch, update, findings);
    at += updates.size();
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status FollowMirror(Storage* mirror, uint64_t epoch, uint64_t size, Monitor* monitor,
                          Findings* findings) {
  // An old epoch ends in the mirror where its RECOVERY says; numbers may be left out.
  for (uint64_t old = monitor->epoch(); old < epoch; ++old) {
    ASSIGN_OR_RETURN(const uint64_t end, mirror->MirrorSize(old));
    RETURN_IF_ERROR(FollowEpoch(mirror, old, end, monitor, findings));
  }
  return FollowEpoch(mirror, epoch, size, monitor, findings);
}

}  // namespace birthseal::witness
