// SPDX-License-Identifier: Apache-2.0
#include "server/feed/resolve_review.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "server/feed/delivery_facts.h"
#include "server/use_case/claim_labels.h"
#include "server/use_case/managing.h"
#include "server/use_case/random_ids.h"
#include "server/use_case/request_id.h"
#include "server/use_case/stated_reason.h"

namespace birthseal::server {
namespace {

absl::Status CheckOperator(const FeedRoom& room, const Caller& caller,
                           absl::string_view operator_id) {
  const auto who = room.operators.Find(operator_id);
  const bool unknown = absl::IsNotFound(who.status());
  if (!unknown && !who.ok()) return who.status();
  if (!unknown && who->active && who->institution_code == caller.organisation_code()) {
    return absl::OkStatus();
  }
  return certs::Error(absl::StatusCode::kPermissionDenied, "OPERATOR_UNKNOWN",
                      "no such active operator of the caller's organisation", "operator_id");
}

absl::Status CheckFacility(const FeedRoom& room, const Caller& caller, absl::string_view facility) {
  if (facility == caller.organisation_code()) return absl::OkStatus();
  if (caller.Has(Role::kManagingInstitution)) return CheckManages(room, caller, facility);
  return certs::Error(absl::StatusCode::kPermissionDenied, "FACILITY_NOT_YOURS",
                      "the record is of another facility", "delivery_id");
}

// What was decided, as it was asked: the record it is merged with may change.
certs::Digest ContentOf(const ResolveReviewInput& input) {
  const absl::string_view zero("\0", 1);
  return certs::Sm3()
      .Add("birthseal/resolve/v1")
      .Add(zero)
      .Add(certs::View(input.delivery_id))
      .Add(absl::StrCat(input.accept ? 1 : 0, " ", static_cast<int>(input.whose)))
      .Add(zero)
      .Add(input.operator_id)
      .Add(zero)
      .Add(input.reason)
      .Add(zero)
      .Add(certs::Canonical(input.delivery))
      .Finish();
}

}  // namespace

// Rule D21.
absl::StatusOr<certs::NewbornId> ResolveReview(const FeedRoom& room, const Caller& caller,
                                               const ResolveReviewInput& input) {
  RETURN_IF_ERROR(CheckRequestId(input.request_id));
  RETURN_IF_ERROR(CheckReason(input.reason));
  RETURN_IF_ERROR(CheckOperator(room, caller, input.operator_id));
  absl::StatusOr<store::StoredDelivery> stored = room.registry.Delivery(input.delivery_id);
  if (absl::IsNotFound(stored.status())) {
    return certs::Error(absl::StatusCode::kNotFound, "DELIVERY_UNKNOWN", "no such record",
                        "delivery_id");
  }
  RETURN_IF_ERROR(stored.status());
  RETURN_IF_ERROR(CheckFacility(room, caller, stored->head.facility_code()));
  // Whether it still waits is the ledger's to say, which knows the decisions that were taken.
  store::ResolveReview command;
  command.organisation_code = caller.organisation_code();
  command.request_key = RequestKey(caller.organisation_code(), input.request_id);
  command.content_sm3 = ContentOf(input);
  command.operator_id = input.operator_id;
  command.reason = input.reason;
  command.delivery_id = input.delivery_id;
  command.accept = input.accept;
  if (input.accept) {
    certs::Delivery record = MergeDelivery(stored->record, input.delivery, {});
    record.facility_code = stored->head.facility_code();  // whose record it is stays
    command.whose = input.whose;
    command.new_delivery_id = RandomId<certs::DeliveryId>();
    command.new_newborn_id = RandomId<certs::NewbornId>();
    RETURN_IF_ERROR(SetFacts(room.claims, record, &command));
    command.sealed_body = room.registry.SealDeliveryBody(command.new_delivery_id, record);
  }
  ASSIGN_OR_RETURN(const store::DeliveryAnswer answer, room.ledger.Call(std::move(command)));
  return answer.newborn_id;
}

}  // namespace birthseal::server
