// SPDX-License-Identifier: Apache-2.0
#include "store/ledger/apply.h"

#include "absl/strings/str_cat.h"
#include "store/ledger/apply_parts.h"

namespace birthseal::store {

namespace {

// Who did it and to what, for the audit trail; read before a command is applied, as applying it
// takes its values.
struct Actor {
  std::string organisation, operator_id, cause;
  std::string subject;
};

Actor ActorOf(const AcceptDelivery& c) {
  return {c.organisation_code, "", "", IdKey(c.delivery_id)};
}
Actor ActorOf(const ResolveReview& c) {
  return {c.organisation_code, c.operator_id, c.reason, IdKey(c.delivery_id)};
}
Actor ActorOf(const SubmitApplication& c) {
  return {c.organisation_code, "", "", IdKey(c.case_id)};
}
Actor ActorOf(const Approve& c) {
  return {c.organisation_code, c.operator_id, "", IdKey(c.case_id)};
}
Actor ActorOf(const Misprint& c) {
  return {c.organisation_code, c.operator_id, c.reason, IdKey(c.case_id)};
}
Actor ActorOf(const Withdraw& c) { return {c.organisation_code, "", c.reason, IdKey(c.case_id)}; }
Actor ActorOf(const Reserve& c) {
  return {c.organisation_code, c.operator_id, "", IdKey(c.case_id)};
}
Actor ActorOf(const CommitIssue& c) { return {"", "", "", IndexKey(c.intent)}; }
Actor ActorOf(const CancelReservation& c) {
  return {c.organisation_code, absl::StrCat(c.first_operator, "+", c.second_operator), c.reason,
          IndexKey(c.intent)};
}
Actor ActorOf(const Revoke& c) {
  return {c.organisation_code, absl::StrCat(c.first_operator, "+", c.second_operator), c.reason,
          certs::Bytes(c.decision_sm3)};
}
template <typename Put>
Actor ActorOfRecord(const Put& c) {
  return {c.organisation_code, "", "", certs::Bytes(certs::Sm3Of(c.record))};
}
Actor ActorOf(const PutInstitution& c) { return ActorOfRecord(c); }
Actor ActorOf(const PutClient& c) { return ActorOfRecord(c); }
Actor ActorOf(const PutOperator& c) { return ActorOfRecord(c); }
Actor ActorOf(const PutSeal& c) { return ActorOfRecord(c); }
Actor ActorOf(const ReceiveStock& c) {
  return {c.organisation_code, "", absl::StrCat(c.first_number, "-", c.last_number),
          c.institution_code};
}
Actor ActorOf(const StoreReceipts& c) { return {"", "", "", IndexKey(PlaceOf(c.position))}; }
Actor ActorOf(const AnnounceProfile& c) {
  return {"", "", absl::StrCat(c.name, " ", c.version), certs::Bytes(c.digest)};
}
// The service itself, by hand of who runs it.
Actor ActorOf(const RecoverLeaves& c) {
  return {"", "", absl::StrCat(c.items.size(), " leaves"), ""};
}
Actor ActorOf(const OpenEpoch& c) {
  return {"", "", absl::StrCat("lost up to ", c.lost_size.value()), certs::Bytes(c.lost_root)};
}
Actor ActorOf(const ConfirmStock& c) {
  return {c.organisation_code, absl::StrCat(c.first_operator, "+", c.second_operator),
          absl::StrCat(c.first_number, " goes on with ", c.next_number), c.institution_code};
}
Actor ActorOf(const Access& c) {
  std::string subjects;
  for (const std::string& subject : c.subjects) subjects += subject;
  return {c.organisation_code, "", absl::StrCat(c.method, " ", c.use_cause), subjects};
}

// Rule I13: who, when, cause, result, and the hash of the entry before.
void Audit(absl::string_view action, Actor actor, const absl::Status& status, LedgerView& view,
           int64_t micros) {
  storage::v1::Meta& meta = view.meta();
  storage::v1::AuditEntry entry;
  entry.set_action(std::string(action));
  entry.set_organisation_code(std::move(actor.organisation));
  entry.set_operator_id(std::move(actor.operator_id));
  entry.set_subject(std::move(actor.subject));
  entry.set_cause(std::move(actor.cause));
  entry.set_result(status.ok() ? "OK" : certs::ReasonOf(status));
  entry.set_time(micros);
  entry.set_previous_sm3(meta.audit_head());
  std::string bytes = entry.SerializeAsString();
  meta.set_audit_head(certs::Bytes(certs::Sm3Of(bytes)));
  view.PutUnread(Family::kAudit, IndexKey(meta.next_audit()), std::move(bytes));
  meta.set_next_audit(meta.next_audit() + 1);
}

// Rule G9.
bool NeedsTrustedClock(const Command& command) {
  return std::holds_alternative<Approve>(command) || std::holds_alternative<Reserve>(command);
}

// The value that the command names, or why it is refused.
template <class C>
void ApplyInto(C& command, apply::Turn& turn, AnyAnswer& answer) {
  apply::Result<C> result = apply::Apply(command, turn);
  answer.status = result.status();
  if (result.ok()) answer.value.emplace<typename C::Answer>(*std::move(result));
}

}  // namespace

AnyAnswer Apply(Command& command, LedgerView& view, const ApplyContext& context) {
  const int64_t micros = absl::ToUnixMicros(context.time);
  Actor actor = std::visit([](const auto& c) { return ActorOf(c); }, command);
  AnyAnswer answer;
  if (context.clock != LedgerClock::kTrusted && NeedsTrustedClock(command)) {
    answer.status = certs::Error(absl::StatusCode::kUnavailable, "CLOCK_SUSPECT",
                                 "the ledger's clock waits for an operator's word");
  } else {
    view.Begin();
    const size_t leaves_before = view.leaves().size();
    apply::Turn turn{view, context, micros};
    std::visit([&](auto& c) { ApplyInto(c, turn, answer); }, command);
    if (answer.status.ok() && context.log != LogGrowth::kOpen &&
        view.leaves().size() > leaves_before) {
      turn.keep_refused = false;
      answer.status = certs::Error(absl::StatusCode::kUnavailable, "FRESHNESS_NOT_PROVEN",
                                   "the witnesses have not confirmed yet that the store is the "
                                   "newest state of the log: try again",
                                   "", "见证方尚未确认数据为最新状态，请稍后再试");
      answer.value = {};
    }
    if (!answer.status.ok() && !turn.keep_refused) view.Rollback();
  }
  Audit(NameOf(command), std::move(actor), answer.status, view, micros);
  return answer;
}

}  // namespace birthseal::store
