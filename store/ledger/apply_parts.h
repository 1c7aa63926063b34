// SPDX-License-Identifier: Apache-2.0
// What the command groups of Apply share. Private to store/ledger/apply*.cc.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "store/ledger/apply.h"

namespace birthseal::store::apply {

struct Turn {
  LedgerView& view;
  const ApplyContext& context;
  int64_t micros;             // ledger time
  bool keep_refused = false;  // the refusal's own effects stay (reviews of a conflict)
};

// What the command is answered with, or why it is refused.
template <class Command>
using Result = absl::StatusOr<typename Command::Answer>;

// Deliveries.
Result<AcceptDelivery> Apply(AcceptDelivery& command, Turn& turn);
Result<ResolveReview> Apply(ResolveReview& command, Turn& turn);
// Cases up to approval.
Result<SubmitApplication> Apply(SubmitApplication& command, Turn& turn);
Result<Approve> Apply(Approve& command, Turn& turn);
Result<Misprint> Apply(Misprint& command, Turn& turn);
Result<Withdraw> Apply(Withdraw& command, Turn& turn);
// From reservation to certificate, and its end.
Result<Reserve> Apply(Reserve& command, Turn& turn);
Result<CommitIssue> Apply(CommitIssue& command, Turn& turn);
Result<CancelReservation> Apply(CancelReservation& command, Turn& turn);
Result<Revoke> Apply(Revoke& command, Turn& turn);
// Administration and access.
Result<PutInstitution> Apply(PutInstitution& command, Turn& turn);
Result<PutClient> Apply(PutClient& command, Turn& turn);
Result<PutOperator> Apply(PutOperator& command, Turn& turn);
Result<PutSeal> Apply(PutSeal& command, Turn& turn);
Result<ReceiveStock> Apply(ReceiveStock& command, Turn& turn);
Result<Access> Apply(Access& command, Turn& turn);
Result<AnnounceProfile> Apply(AnnounceProfile& command, Turn& turn);
// Receipts of witnessed checkpoints.
Result<StoreReceipts> Apply(StoreReceipts& command, Turn& turn);
// Recovery.
Result<RecoverLeaves> Apply(RecoverLeaves& command, Turn& turn);
Result<OpenEpoch> Apply(OpenEpoch& command, Turn& turn);
Result<ConfirmStock> Apply(ConfirmStock& command, Turn& turn);

// Ids as stored.
template <class Id>
std::string Stored(const Id& id) {
  return id.empty() ? std::string() : IdKey(id);
}
// None of what is no id.
template <class Id>
Id IdFrom(absl::string_view bytes) {
  return Id::FromBytes(bytes).value_or(Id());
}

// Newborns and claims.
absl::StatusOr<storage::v1::Newborn> NewbornOf(const Turn& turn, const std::string& id);
// The newborn that owns the claim; empty: none.
absl::StatusOr<std::string> OwnerOf(const Turn& turn, const certs::Digest& claim);
// The claims, which no other newborn owns, and the labels of C1. A label that comes to a newborn
// with a valid certificate leads to it from now on: CLAIM_ADDED leaf. Errors: kInternal
// "LABEL_MISSING" a C1 without label, "LABEL_CHANGED" a known C1 with another one (the VRF key was
// changed); kDataLoss "MAP_DISAGREES".
absl::Status AddClaims(Turn& turn, const std::vector<certs::Claim>& claims,
                       const std::string& newborn_id, storage::v1::Newborn& newborn);
// The uniqueness map knows of no other certificate of these labels than the newborn's valid one.
// Reasons: CERTIFICATE_EXISTS.
absl::Status CheckMap(const Turn& turn, const storage::v1::Newborn& newborn,
                      const std::vector<certs::Claim>& more = {});
// What the ISSUED or VOIDED leaf at `leaf_index`, the newest, brings: the newborn's labels lead to
// the certificate, or those that did so to nothing. Errors: kDataLoss "MAP_DISAGREES" a label leads
// elsewhere, or there is none to change.
absl::Status MapIssued(Turn& turn, certs::LeafIndex leaf_index, const storage::v1::Newborn& newborn,
                       certs::StatusIndex status_index);
absl::Status MapVoided(Turn& turn, certs::LeafIndex leaf_index, const storage::v1::Newborn& newborn,
                       certs::StatusIndex status_index);
// A leaf about a certificate.
certs::Leaf LeafOf(certs::LeafKind kind, const Turn& turn,
                   const storage::v1::Reservation& reservation);
bool InReview(const storage::v1::Newborn& newborn);
// Opens a review of the delivery for its newborn; the caller puts both records.
void OpenReview(Turn& turn, const std::string& delivery_id, storage::v1::DeliveryHead& head,
                storage::v1::Newborn& newborn);
void CloseReview(Turn& turn, const std::string& delivery_id, storage::v1::DeliveryHead& head,
                 storage::v1::Newborn& newborn);
// The facility has, or no longer has, a record of this birth that stands.
void AddReporter(const std::string& facility_code, storage::v1::Newborn& newborn);
void RemoveReporter(const std::string& facility_code, storage::v1::Newborn& newborn);
// Holds both newborns until a person has decided. Alarms when both have certificates.
// `first` is changed in place and put by the caller, the other is put here.
absl::Status HoldBoth(Turn& turn, const std::string& first_id, storage::v1::Newborn& first,
                      const std::string& other_id);

// Cases and numbers.
absl::StatusOr<storage::v1::CaseHead> CaseOf(const Turn& turn, const CaseId& id);
absl::Status Move(storage::v1::CaseHead& head, certs::CaseEvent event);
CaseAnswer CaseAnswerOf(const Turn& turn, const CaseId& id, const storage::v1::CaseHead& head);
// The next number of the institution's stock, allotted to the case. Reasons: STOCK_EMPTY,
// STOCK_HELD what is left waits for two people after a recovery.
absl::StatusOr<std::string> AllotNumber(Turn& turn, absl::string_view institution_code,
                                        const CaseId& case_id, const std::string& newborn_id);
absl::Status MoveNumber(Turn& turn, const std::string& number, certs::NumberState state,
                        absl::string_view reason = "");
// The case, newborn, number and indexes of a reservation that is given up; its leaf is the
// caller's.
absl::Status EndReservation(Turn& turn, const storage::v1::Reservation& reservation,
                            absl::string_view reason);
// Why something ended, when only the log is known.
inline constexpr absl::string_view kRecoveredFromLog = "RECOVERED_FROM_LOG";
// Holds every range that has numbers left, of these institutions; null: of all.
absl::Status HoldStock(Turn& turn, const std::set<std::string>* institutions);
// The valid certificate of the newborn has this number. Reasons: PREDECESSOR_NOT_VALID.
absl::Status CheckPredecessor(const Turn& turn, const storage::v1::Newborn& newborn,
                              const std::string& number);
inline bool NeedsPredecessor(int kind) {
  return kind == static_cast<int>(certs::CaseKind::kExchange) ||
         kind == static_cast<int>(certs::CaseKind::kReplacement);
}

// Requests answered before. Nothing: new. Reasons: REQUEST_ID_REUSED.
absl::StatusOr<std::optional<storage::v1::RequestAnswer>> FirstAnswer(
    const Turn& turn, const certs::Digest& request_key, const certs::Digest& content);
void Remember(Turn& turn, const certs::Digest& request_key, const certs::Digest& content,
              const std::string& subject, const std::string& text);

inline absl::Status Refused(absl::string_view reason, absl::string_view message) {
  return certs::Error(absl::StatusCode::kFailedPrecondition, reason, message);
}
absl::Status TwoPersons(absl::string_view first, absl::string_view second);

}  // namespace birthseal::store::apply
