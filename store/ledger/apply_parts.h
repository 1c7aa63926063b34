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

struct Run {
  LedgerView& view;
  const ApplyContext& context;
  int64_t micros;             // ledger time
  bool keep_refused = false;  // the refusal's own effects stay (reviews of a conflict)
};

// What the command is answered with, or why it is refused.
template <class Command>
using Result = absl::StatusOr<typename Command::Answer>;

// Deliveries.
Result<AcceptDelivery> Do(AcceptDelivery& command, Run& run);
Result<ResolveReview> Do(ResolveReview& command, Run& run);
// Cases up to approval.
Result<SubmitApplication> Do(SubmitApplication& command, Run& run);
Result<Approve> Do(Approve& command, Run& run);
Result<Misprint> Do(Misprint& command, Run& run);
Result<Withdraw> Do(Withdraw& command, Run& run);
// From reservation to certificate, and its end.
Result<Reserve> Do(Reserve& command, Run& run);
Result<CommitIssue> Do(CommitIssue& command, Run& run);
Result<CancelReservation> Do(CancelReservation& command, Run& run);
Result<Revoke> Do(Revoke& command, Run& run);
// Administration and access.
Result<PutInstitution> Do(PutInstitution& command, Run& run);
Result<PutClient> Do(PutClient& command, Run& run);
Result<PutOperator> Do(PutOperator& command, Run& run);
Result<PutSeal> Do(PutSeal& command, Run& run);
Result<ReceiveStock> Do(ReceiveStock& command, Run& run);
Result<Access> Do(Access& command, Run& run);
Result<AnnounceProfile> Do(AnnounceProfile& command, Run& run);
// Receipts of witnessed checkpoints.
Result<StoreReceipts> Do(StoreReceipts& command, Run& run);
// Recovery.
Result<RecoverLeaves> Do(RecoverLeaves& command, Run& run);
Result<OpenEpoch> Do(OpenEpoch& command, Run& run);
Result<ConfirmStock> Do(ConfirmStock& command, Run& run);

// Ids as stored.
inline std::string Stored(const Id& id) { return Empty(id) ? std::string() : IdKey(id); }
Id IdFrom(absl::string_view bytes);

// Newborns and claims.
absl::StatusOr<storage::v1::Newborn> NewbornOf(const Run& run, const std::string& id);
// The newborn that owns the claim; empty: none.
absl::StatusOr<std::string> OwnerOf(const Run& run, const certs::Digest& claim);
// The claims, which no other newborn owns, and the labels of C1. A label that comes to a newborn
// with a valid certificate leads to it from now on: CLAIM_ADDED leaf. Errors: kInternal
// "LABEL_MISSING" a C1 without label, "LABEL_CHANGED" a known C1 with another one (the VRF key was
// changed); kDataLoss "MAP_DISAGREES".
absl::Status AddClaims(Run& run, const std::vector<certs::Claim>& claims,
                       const std::string& newborn_id, storage::v1::Newborn& newborn);
// The uniqueness map knows of no other certificate of these labels than the newborn's valid one.
// Reasons: CERTIFICATE_EXISTS.
absl::Status CheckMap(const Run& run, const storage::v1::Newborn& newborn,
                      const std::vector<certs::Claim>& more = {});
// What the ISSUED or VOIDED leaf at `leaf_index`, the newest, brings: the newborn's labels lead to
// the certificate, or those that did so to nothing. Errors: kDataLoss "MAP_DISAGREES" a label leads
// elsewhere, or there is none to change.
absl::Status MapIssued(Run& run, uint64_t leaf_index, const storage::v1::Newborn& newborn,
                       uint64_t status_index);
absl::Status MapVoided(Run& run, uint64_t leaf_index, const storage::v1::Newborn& newborn,
                       uint64_t status_index);
// A leaf about a certificate.
certs::Leaf LeafOf(certs::LeafKind kind, const Run& run,
                   const storage::v1::Reservation& reservation);
bool InReview(const storage::v1::Newborn& newborn);
// Opens a review of the delivery for its newborn; the caller puts both records.
void OpenReview(Run& run, const std::string& delivery_id, storage::v1::DeliveryHead& head,
                storage::v1::Newborn& newborn);
void CloseReview(Run& run, const std::string& delivery_id, storage::v1::DeliveryHead& head,
                 storage::v1::Newborn& newborn);
// The facility has, or no longer has, a record of this birth that stands.
void AddReporter(const std::string& facility_code, storage::v1::Newborn& newborn);
void RemoveReporter(const std::string& facility_code, storage::v1::Newborn& newborn);
// Holds both newborns until a person has decided. Alarms when both have certificates.
// `first` is changed in place and put by the caller, the other is put here.
absl::Status HoldBoth(Run& run, const std::string& first_id, storage::v1::Newborn& first,
                      const std::string& other_id);

// Cases and numbers.
absl::StatusOr<storage::v1::CaseHead> CaseOf(const Run& run, const Id& id);
absl::Status Move(storage::v1::CaseHead& head, certs::CaseEvent event);
CaseAnswer CaseAnswerOf(const Run& run, const Id& id, const storage::v1::CaseHead& head);
// The next number of the institution's stock, allotted to the case. Reasons: STOCK_EMPTY,
// STOCK_HELD what is left waits for two people after a recovery.
absl::StatusOr<std::string> AllotNumber(Run& run, absl::string_view institution_code,
                                        const Id& case_id, const std::string& newborn_id);
absl::Status MoveNumber(Run& run, const std::string& number, certs::NumberState state,
                        absl::string_view reason = "");
// The case, newborn, number and indexes of a reservation that is given up; its leaf is the
// caller's.
absl::Status EndReservation(Run& run, const storage::v1::Reservation& reservation,
                            absl::string_view reason);
// Why something ended, when only the log is known.
inline constexpr absl::string_view kRecoveredFromLog = "RECOVERED_FROM_LOG";
// Holds every range that has numbers left, of these institutions; null: of all.
absl::Status HoldStock(Run& run, const std::set<std::string>* institutions);
// The valid certificate of the newborn has this number. Reasons: PREDECESSOR_NOT_VALID.
absl::Status CheckPredecessor(const Run& run, const storage::v1::Newborn& newborn,
                              const std::string& number);
inline bool NeedsPredecessor(int kind) {
  return kind == static_cast<int>(certs::CaseKind::kExchange) ||
         kind == static_cast<int>(certs::CaseKind::kReplacement);
}

// Requests answered before. Nothing: new. Reasons: REQUEST_ID_REUSED.
absl::StatusOr<std::optional<storage::v1::RequestAnswer>> FirstAnswer(
    const Run& run, const certs::Digest& request_key, const certs::Digest& content);
void Remember(Run& run, const certs::Digest& request_key, const certs::Digest& content,
              const std::string& subject, const std::string& text);

inline absl::Status Refused(absl::string_view reason, absl::string_view message) {
  return certs::Error(absl::StatusCode::kFailedPrecondition, reason, message);
}
absl::Status TwoPersons(absl::string_view first, absl::string_view second);

}  // namespace birthseal::store::apply
