// SPDX-License-Identifier: Apache-2.0
#include "server/feed/get_delivery.h"

#include <utility>

#include "certs/errors.h"
#include "certs/newborn.h"
#include "certs/status_macros.h"
#include "server/use_case/access_book.h"
#include "server/use_case/managing.h"
#include "server/use_case/stated_reason.h"
#include "server/use_case/stored_ids.h"

namespace birthseal::server {
namespace {

absl::Status DeliveryUnknown() {
  return certs::Error(absl::StatusCode::kNotFound, "DELIVERY_UNKNOWN",
                      "no such record of a facility of the caller");
}

// The newborn that `input` names by key or by its number in a facility.
absl::StatusOr<certs::NewbornId> NewbornOf(const FeedRoom& room, const GetDeliveryInput& input) {
  if (!input.newborn_id.empty()) return input.newborn_id;
  if (input.baby_record_no.empty()) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "KEY_REQUIRED",
                        "a delivery id, a newborn id or a baby number is required", "delivery_id");
  }
  absl::StatusOr<certs::NewbornId> found = room.registry.NewbornByClaim(
      certs::BabyRecordClaim(room.claims.index_key, input.facility_code, input.baby_record_no));
  if (absl::IsNotFound(found.status())) return DeliveryUnknown();
  return found;
}

absl::StatusOr<certs::DeliveryId> NewestOf(const FeedRoom& room,
                                           const certs::NewbornId& newborn_id) {
  const absl::StatusOr<storage::v1::Newborn> newborn = room.registry.Newborn(newborn_id);
  if (absl::IsNotFound(newborn.status())) return DeliveryUnknown();
  RETURN_IF_ERROR(newborn.status());
  if (newborn->current_delivery().empty()) return DeliveryUnknown();
  return StoredId<certs::DeliveryId>(newborn->current_delivery(), "current_delivery");
}

absl::StatusOr<store::StoredDelivery> Find(const FeedRoom& room, const GetDeliveryInput& input) {
  certs::DeliveryId id = input.delivery_id;
  if (id.empty()) {
    ASSIGN_OR_RETURN(const certs::NewbornId newborn_id, NewbornOf(room, input));
    ASSIGN_OR_RETURN(id, NewestOf(room, newborn_id));
  }
  absl::StatusOr<store::StoredDelivery> stored = room.registry.Delivery(id);
  if (absl::IsNotFound(stored.status())) return DeliveryUnknown();
  return stored;
}

// `facility` is empty when there is no such record.
// Rule U4.
absl::Status MaySee(const FeedRoom& room, const Caller& caller, absl::string_view facility) {
  const bool own = caller.MayPushFor(facility) || caller.organisation_code() == facility;
  if (!facility.empty() && own) return absl::OkStatus();
  if (!caller.Has(Role::kManagingInstitution)) return DeliveryUnknown();
  return facility.empty() ? CheckManaging(room, caller) : CheckManages(room, caller, facility);
}

}  // namespace

absl::StatusOr<GetDeliveryResult> GetDelivery(const FeedRoom& room, const Caller& caller,
                                              const GetDeliveryInput& input) {
  RETURN_IF_ERROR(CheckUseCause(input.use_cause));
  absl::StatusOr<store::StoredDelivery> stored = Find(room, input);
  if (absl::IsNotFound(stored.status())) {
    RETURN_IF_ERROR(MaySee(room, caller, ""));
  }
  RETURN_IF_ERROR(stored.status());
  RETURN_IF_ERROR(MaySee(room, caller, stored->head.facility_code()));
  const certs::DeliveryId id = stored->id;
  RETURN_IF_ERROR(room.accesses.Record(caller, "GetDelivery", input.use_cause, Bytes(id)));
  GetDeliveryResult result;
  result.delivery = std::move(stored->record);
  result.delivery_id = id;
  if (!stored->head.newborn_id().empty()) {
    ASSIGN_OR_RETURN(result.newborn_id,
                     StoredId<certs::NewbornId>(stored->head.newborn_id(), "newborn_id"));
  }
  result.in_review = stored->head.in_review();
  result.withdrawn = stored->head.withdrawn();
  return result;
}

}  // namespace birthseal::server
