// SPDX-License-Identifier: Apache-2.0
#include "server/reading/get_status.h"

#include "certs/errors.h"
#include "certs/status_macros.h"
#include "server/use_case/access_book.h"
#include "store/durable_root.h"

namespace birthseal::server {

absl::StatusOr<GetStatusResult> GetStatus(const ReadingRoom& room, absl::string_view licence_id,
                                          certs::StatusIndex status_index) {
  if (licence_id.empty() == (status_index == certs::StatusIndex())) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "KEY_REQUIRED",
                        "one of licence identifier and status index is required", "key");
  }
  RETURN_IF_ERROR(room.freshness.MayAnswer());
  // The position first: the state read afterwards is at least as new.
  const store::DurableRoot root = room.accesses.Head();
  GetStatusResult result;
  result.position = {root.epoch, root.size};
  result.log_time = root.time;
  result.not_proven_since = room.freshness.NotProvenSince();
  if (!licence_id.empty()) {
    const absl::StatusOr<certs::StatusIndex> found = room.registry.StatusIndexOf(licence_id);
    if (absl::IsNotFound(found.status())) return result;
    RETURN_IF_ERROR(found.status());
    status_index = *found;
  }
  const auto head = room.registry.Certificate(status_index);
  if (absl::IsNotFound(head.status())) return result;
  RETURN_IF_ERROR(head.status());
  result.known = true;
  result.state = static_cast<certs::CertificateState>(head->state());
  return result;
}

}  // namespace birthseal::server
