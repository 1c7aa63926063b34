// SPDX-License-Identifier: Apache-2.0
// Every change of state, as data. Identifiers, salts and sealed values are made by the caller, so
// that applying a command is a pure function of command, view and context (ledger/apply.h).
//
// Each command names the type of its answer (store/answers.h has them). Longer than a header should
// be: Command is the variant of them all, so whoever includes one includes every one.
// Errors carry a reason code (certs/errors.h); each command lists those its caller must know.
// Besides: "CLOCK_SUSPECT" of Approve and Reserve, "FRESHNESS_NOT_PROVEN" of whatever adds a leaf
// to the log, both kUnavailable.
#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "certs/application.h"
#include "certs/digest.h"
#include "certs/ids.h"
#include "certs/lifecycle.h"
#include "certs/newborn.h"
#include "certs/proof/leaf.h"
#include "certs/proof/log_place.h"

namespace birthseal::store {

using certs::CaseId;
using certs::DeliveryId;
using certs::NewbornId;

// An INTENT's place in all log epochs (keys.h, PlaceOf): the key of its reservation. No number
// becomes one: an index is right in the first epoch alone, and 0 is a place. Made by IntentKeyAt
// and ParseIntentKey (keys.h) and by IntentKeyOf (meta.h).
class IntentKey {
 public:
  constexpr uint64_t value() const { return place_; }

  friend IntentKey IntentKeyAt(certs::LogEpoch epoch, certs::LeafIndex index);
  friend std::optional<IntentKey> ParseIntentKey(absl::string_view key);
  friend constexpr bool operator==(IntentKey a, IntentKey b) { return a.place_ == b.place_; }
  friend constexpr bool operator!=(IntentKey a, IntentKey b) { return a.place_ != b.place_; }
  friend constexpr bool operator<(IntentKey a, IntentKey b) { return a.place_ < b.place_; }
  friend std::ostream& operator<<(std::ostream& out, IntentKey key) { return out << key.place_; }

 private:
  constexpr explicit IntentKey(uint64_t place) : place_(place) {}

  uint64_t place_;
};

struct Done;
struct DeliveryAnswer;
struct CaseAnswer;
struct ReservationAnswer;
struct CertificateAnswer;

struct FeedDefect {
  std::string code, location;
  bool fatal = false;
};
// Values are those of birthseal.v1.FeedEvent and FeedVerdict; persisted.
enum class FeedEvent { kRecord = 1, kWithdraw = 2, kAlias = 3, kIgnored = 4, kRejected = 5 };
enum class FeedVerdict {
  kAccepted = 1,
  kReview = 2,
  kDuplicate = 3,
  kRejected = 4,
  kRetryLater = 5,
  kIgnored = 6,
};

// A feed message (spec: ARCHITECTURE.md "Identity of a newborn").
// The caller merged the record with the current one of the same baby (`base`); if that has changed
// since, kAborted "RECORD_MOVED_ON": read again and retry. A repeat gets the first answer.
struct AcceptDelivery {
  using Answer = DeliveryAnswer;
  std::string organisation_code, facility_code;
  certs::Digest message_key{};  // SM3 of organisation, facility, source id, content digest
  FeedEvent event = FeedEvent::kRecord;
  DeliveryId delivery_id;
  NewbornId new_newborn_id;
  DeliveryId base;  // current record of the same baby that was merged; zero: none
  std::vector<certs::Claim> claims;
  std::optional<certs::Digest> mother_key;
  std::optional<certs::Digest> alias_claim;  // kAlias: C3 of the number that goes
  certs::BirthFacts birth;
  std::vector<FeedDefect> defects;  // of the connector and of CheckDelivery
  absl::Time event_time;
  std::string sealed_body, sealed_raw, raw_format;
};

// Values are those of birthseal.v1.WhoseRecord.
enum class WhoseRecord { kUnsaid = 0, kSameNewborn = 1, kAnotherNewborn = 2 };

// A person's decision about a record in review. A record that would take the place of another one
// of its newborn says whose it is, unless number, day and order agree with that one.
// Reasons: DELIVERY_UNKNOWN, NOT_IN_REVIEW, CLAIM_CONFLICT, WHOSE_RECORD it must be said,
// OWN_RECORD another newborn for the newborn's own current record, REQUEST_ID_REUSED. Repeating it
// gives the first answer.
struct ResolveReview {
  using Answer = DeliveryAnswer;
  std::string organisation_code, operator_id, reason;
  certs::Digest request_key{}, content_sm3{};
  DeliveryId delivery_id;
  bool accept = true;  // false: withdraw
  WhoseRecord whose = WhoseRecord::kUnsaid;
  // accept: the record as decided, a new version of the same delivery.
  DeliveryId new_delivery_id;
  NewbornId new_newborn_id;
  std::string sealed_body;
  std::vector<certs::Claim> claims;
  std::optional<certs::Digest> mother_key;
  certs::BirthFacts birth;
};

// Reasons: NEWBORN_UNKNOWN, REQUEST_ID_REUSED, RECORD_MOVED_ON (kAborted), CERTIFICATE_EXISTS
// (first issue for a newborn with a valid one), PREDECESSOR_NOT_VALID, CASE_KIND, ID_TAKEN; of a
// case that is filed again CASE_UNKNOWN, CASE_STATE, CASE_IDENTITY, NOT_A_CASE_OF_YOURS.
struct SubmitApplication {
  using Answer = CaseAnswer;
  std::string organisation_code;
  certs::Digest request_key{}, content_sm3{};
  CaseId case_id;  // new, or the returned case that is filed again
  bool resubmission = false;
  NewbornId newborn_id;
  DeliveryId basis_delivery;
  std::string institution_code, predecessor_number, profile;
  int profile_version = 0;
  certs::CaseKind kind = certs::CaseKind::kFirstIssue;
  certs::ExchangeGround ground = certs::ExchangeGround::kNone;
  certs::CaseState state = certs::CaseState::kReturned;  // as the rules judged
  std::vector<std::string> defect_codes;
  certs::Digest content_digest{};    // of a fit case
  std::vector<certs::Claim> claims;  // of the application (C1), added when the case is approved
  std::string sealed_body;
};

// Takes the newborn's slot and allots the next number of the institution's stock.
// Reasons: CASE_STATE, CONTENT_CHANGED, NEWBORN_IN_REVIEW, CERTIFICATE_EXISTS, SLOT_TAKEN,
// MOTHER_CLAIM_MISSING, STOCK_EMPTY, STOCK_HELD, DELIVERY_CHANGED, NEWBORN_WITHDRAWN,
// PREDECESSOR_NOT_VALID, CLAIM_CONFLICT (both newborns then wait for a person),
// NOT_A_CASE_OF_YOURS. Repeating it gives the same number.
struct Approve {
  using Answer = CaseAnswer;
  std::string organisation_code, institution_code, operator_id, signature;
  CaseId case_id;
  certs::Digest content_digest{};
  std::vector<certs::Claim> claims;  // C1 of the case; checked again under the writer
};

// Reasons: CASE_UNKNOWN, CASE_STATE, NUMBER_NOT_ALLOTTED, STOCK_EMPTY, STOCK_HELD,
// REQUEST_ID_REUSED.
struct Misprint {
  using Answer = CaseAnswer;
  std::string organisation_code, operator_id, number, reason;
  certs::Digest request_key{};
  CaseId case_id;
};

// Reasons: CASE_UNKNOWN, CASE_STATE. Repeating it succeeds.
struct Withdraw {
  using Answer = CaseAnswer;
  std::string organisation_code, reason;
  CaseId case_id;
};

// INTENT. Reasons: CASE_STATE, SAME_PERSON_MAY_NOT_SEAL, ISSUE_DATE_PASSED (sign again with the
// ledger's day), CONTENT_CHANGED (signed over another face), SEAL_UNKNOWN, SEAL_SUSPENDED,
// SLOT_TAKEN, NOT_A_CASE_OF_YOURS, NEWBORN_IN_REVIEW, NEWBORN_WITHDRAWN, ID_TAKEN (licence
// identifier), PREDECESSOR_NOT_VALID, CERTIFICATE_EXISTS (also when the uniqueness map says so),
// LOG_EPOCH_ENDED (the first reservation is of an ended log epoch). Repeating it gives the first
// reservation, or the certificate once issued.
struct Reserve {
  using Answer = ReservationAnswer;
  std::string organisation_code, institution_code, operator_id, signature;
  CaseId case_id;
  absl::CivilDay issue_date;
  certs::Digest face_digest{};
  std::string licence_id, document_id;  // document id: 32 hex, random
  std::string salt;                     // 16 bytes
  // A note: what would be drawn with now. Whoever finishes draws with its own.
  int template_version = 1;
  std::string font_version;
};

// The version, its document, the heads, the voiding of the predecessor, ISSUED and VOIDED leaves,
// outbox and audit, in one. Repeating it gives the certificate of the first.
// Reasons: NO_SUCH_INTENT, LOG_EPOCH_ENDED (it can only be cancelled).
struct CommitIssue {
  using Answer = CertificateAnswer;
  explicit CommitIssue(IntentKey of) : intent(of) {}
  IntentKey intent;
  certs::Digest file_sm3{}, to_be_signed_sm3{};
  int64_t file_size = 0;
  std::string sealed_recipe;
  std::vector<std::pair<certs::Digest, std::string>> constants;  // parts not yet stored
  std::string salt;  // of the ISSUED and VOIDED commitments
};

// Ends a reservation, ordered by two people for a reason of theirs. Number to waste.
// Reasons: TWO_PERSONS_NEEDED, NO_SUCH_INTENT.
struct CancelReservation {
  using Answer = CaseAnswer;
  std::string organisation_code, first_operator, second_operator, reason;
  IntentKey intent;
  std::string salt;
};

// Reasons: CERTIFICATE_UNKNOWN, CERTIFICATE_NOT_VALID, TWO_PERSONS_NEEDED, ISSUE_IN_PROGRESS
// (kAborted: its successor is reserved), REQUEST_ID_REUSED.
struct Revoke {
  using Answer = CertificateAnswer;
  std::string organisation_code, first_operator, second_operator, number, reason;
  certs::Digest request_key{}, decision_sm3{};
  std::string salt;
};

struct PutInstitution {
  using Answer = Done;
  std::string organisation_code;
  std::string record;
};  // storage.v1 bytes
struct PutClient {
  using Answer = Done;
  std::string organisation_code;
  std::string record;
};
struct PutOperator {
  using Answer = Done;
  std::string organisation_code;
  std::string record;
  std::string salt;
};
struct PutSeal {
  using Answer = Done;
  std::string organisation_code;
  std::string record;
  std::string salt;
};
// Reasons: STOCK_OVERLAP, STOCK_RANGE, REQUEST_ID_REUSED, INSTITUTION_UNKNOWN.
struct ReceiveStock {
  using Answer = Done;
  std::string organisation_code, institution_code, first_number, last_number;
  certs::Digest request_key{};
};

// The first witnessed checkpoint that covers these certificates, and their map proofs under it.
// Certificates that have a receipt already keep it; the checkpoint is kept when one of them is new.
// Writes no leaf. Signatures are the caller's to check. Reasons: CHECKPOINT_NOT_OF_LOG,
// CERTIFICATE_UNKNOWN, RECEIPT_NOT_COVERED (issued after the checkpoint), MAP_PROOF_MISMATCH,
// LABEL_OF_ANOTHER.
struct StoreReceipts {
  using Answer = Done;
  certs::LogPosition position;
  std::string checkpoint;  // signed note with its quorum
  struct Item {
    certs::StatusIndex status_index;
    std::string map_proof;  // canonical MapProof
  };
  std::vector<Item> items;
};

// The service has loaded a profile: PROFILE_CHANGED leaf, unless the newest one of that name says
// the same.
// Reasons: RECORD_WITHOUT_ID (no name).
struct AnnounceProfile {
  using Answer = Done;
  std::string name;
  uint64_t version = 0;
  certs::Digest digest{};  // of the file
};

// Recovery (store/restore/recovery.h). Leaves that a mirror has and the store lost, with their map
// changes, in order, from Meta.log_size on; their status, slots and the hold on numbers follow from
// them. A RECOVERY, which begins the next log epoch, may only be the first one. Reasons:
// MIRROR_DOES_NOT_CONTINUE (an INTENT or status index that cannot be), LEAF_FORM.
struct RecoverLeaves {
  using Answer = Done;
  struct Item {
    std::string leaf;                  // canonical bytes
    std::vector<std::string> changes;  // canonical MapChange
    // ISSUED: the newborn that has one of the labels, as the caller found; zero: none has. Checked.
    NewbornId newborn;
  };
  std::vector<Item> items;
};
// `lost_size` is more than Meta.log_size. Ends the log epoch and begins the next with a RECOVERY
// leaf. `lost_size` and `lost_root`: the newest state that was signed for. Status indexes of the
// lost range are never used again; open reservations of the old epoch wait for CancelReservation;
// stock is held.
struct OpenEpoch {
  using Answer = Done;
  certs::LogSize lost_size;
  certs::Digest lost_root{};
};
// Two people say where a held range of numbers goes on. Reasons: TWO_PERSONS_NEEDED,
// STOCK_UNKNOWN, STOCK_NOT_HELD, NUMBER_NOT_IN_RANGE, REQUEST_ID_REUSED.
struct ConfirmStock {
  using Answer = Done;
  std::string organisation_code, institution_code, first_number, next_number;
  std::string first_operator, second_operator;
  certs::Digest request_key{};
};

// A disclosing read, recorded before it is released.
struct Access {
  using Answer = Done;
  std::string organisation_code, method, use_cause;
  std::vector<std::string> subjects;  // ids, status indexes or map labels, as bytes
};

using Command =
    std::variant<AcceptDelivery, ResolveReview, SubmitApplication, Approve, Misprint, Withdraw,
                 Reserve, CommitIssue, CancelReservation, Revoke, PutInstitution, PutClient,
                 PutOperator, PutSeal, ReceiveStock, Access, StoreReceipts, AnnounceProfile,
                 RecoverLeaves, OpenEpoch, ConfirmStock>;

// Order in which the ledger takes what waits.
enum class Lane { kFinishing = 0, kApprovals = 1, kFeeds = 2, kAccess = 3 };
inline constexpr size_t kLanes = 4;
Lane LaneOf(const Command& command);
absl::string_view NameOf(const Command& command);

}  // namespace birthseal::store
