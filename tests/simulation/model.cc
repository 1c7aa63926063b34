// SPDX-License-Identifier: Apache-2.0
// What was said: commands, answers, published roots and the clock.
#include "tests/simulation/model.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "certs/proof/merkle.h"

namespace birthseal::simulation {

using certs::Digest;

namespace {

constexpr size_t kEnough = 20;  // violations worth keeping

template <class Tag>
std::string Text(const certs::Id<Tag>& id) {
  return std::string(View(id));
}

template <typename Value>
const Value* ValueOf(const store::AnyAnswer& answer) {
  return std::get_if<Value>(&answer.value);
}

}  // namespace

void Model::Fail(std::string what) {
  if (!what.empty() && violations_.size() < kEnough) violations_.push_back(std::move(what));
}

void Model::SameAnswer(const std::string& key, const std::string& answer) {
  const auto [first, added] = answers_.emplace(key, answer);
  if (!added && first->second != answer) {
    Fail(absl::StrCat("a repeat was answered differently: ", absl::CHexEscape(key.substr(0, 12)),
                      " first ", absl::CHexEscape(first->second), " now ",
                      absl::CHexEscape(answer)));
  }
}

void Model::SentClaims(const std::vector<certs::Claim>& claims) {
  for (const certs::Claim& claim : claims) {
    if (claim.kind == certs::ClaimKind::kMother) mother_claims_.insert(certs::Bytes(claim.hash));
  }
}

void Model::Settled(const std::string& key, const store::AnyAnswer& answer) {
  if (answer.status.ok()) {
    settled_.insert(key);
  } else if (settled_.count(key) > 0 && !absl::IsUnavailable(answer.status) &&
             !absl::IsAborted(answer.status) && !absl::IsResourceExhausted(answer.status)) {
    Fail(absl::StrCat("a repeat was refused: ", answer.status.message()));
  }
}

void Model::Sent(const store::Command& command) {
  if (const auto* delivery = std::get_if<store::AcceptDelivery>(&command)) {
    messages_.insert(delivery->message_key);
    SentClaims(delivery->claims);
  } else if (const auto* decided = std::get_if<store::ResolveReview>(&command)) {
    SentClaims(decided->claims);
    SentDecision(*decided);
  } else if (const auto* approve = std::get_if<store::Approve>(&command)) {
    SentClaims(approve->claims);
    std::string claims;
    for (const certs::Claim& claim : approve->claims) claims += certs::Bytes(claim.hash);
    cases_[Text(approve->case_id)].claims_sent.insert(claims);
  } else if (const auto* issue = std::get_if<store::CommitIssue>(&command)) {
    commits_[issue->file_sm3] = {issue->intent.value(), issue->sealed_recipe};
  } else if (const auto* misprint = std::get_if<store::Misprint>(&command)) {
    cases_[Text(misprint->case_id)].may_waste = true;
  } else if (const auto* withdraw = std::get_if<store::Withdraw>(&command)) {
    cases_[Text(withdraw->case_id)].may_waste = true;
  } else if (const auto* cancel = std::get_if<store::CancelReservation>(&command)) {
    const auto known = reservations_.find(cancel->intent.value());
    if (known == reservations_.end()) return;
    storage::v1::Reservation reservation;
    reservation.ParseFromString(known->second);
    cases_[reservation.case_id()].may_waste = true;
  } else if (const auto* revoke = std::get_if<store::Revoke>(&command)) {
    revocations_.insert(revoke->number);
  }
}

void Model::Answered(const store::Command& command, const store::AnyAnswer& answer) {
  std::visit([&](const auto& kind) { AnsweredOne(kind, answer); }, command);
}

void Model::AnsweredOne(const store::AcceptDelivery& command, const store::AnyAnswer& answer) {
  Settled(certs::Bytes(command.message_key), answer);
  if (!answer.status.ok()) return;
  const auto* said = ValueOf<store::DeliveryAnswer>(answer);
  if (said == nullptr) return Fail("a delivery without an answer");
  const bool repeat = said->verdict == store::FeedVerdict::kDuplicate;
  const std::string key(certs::View(command.message_key));
  const store::FeedVerdict first = repeat ? said->first_verdict : said->verdict;
  SameAnswer("delivery " + key,
             absl::StrCat(View(said->delivery_id), " ", View(said->newborn_id), " ",
                          static_cast<int>(first), " ", absl::ToUnixMicros(said->accepted_time)));
  // The first answer is given once for a batch that is there; after that it is a repeat.
  if (!repeat) SameAnswer("made " + key, answers_.count("made " + key) ? "twice" : "once");
  if (said->newborn_id.empty() || said->delivery_id.empty()) return;
  deliveries_[Text(said->delivery_id)] = Text(said->newborn_id);
  newborns_.insert(Text(said->newborn_id));
  fresh_newborns_.insert(Text(said->newborn_id));
  LearnBirth(command, *said);
  // Only a record taken without a doubt makes its claims.
  if (first != store::FeedVerdict::kAccepted || !said->defects.empty()) return;
  if (command.event != store::FeedEvent::kRecord) return;
  const bool made = said->newborn_id == command.new_newborn_id;
  for (const certs::Claim& claim : command.claims) {
    if (claim.kind == certs::ClaimKind::kBabyRecord && !made)
      continue;  // a number may be a sibling's, too
    const auto [known, added] = claims_.emplace(certs::Bytes(claim.hash), Text(said->newborn_id));
    if (!added && known->second != Text(said->newborn_id)) Fail("one birth has two newborns");
  }
}

void Model::AnsweredOne(const store::SubmitApplication& command, const store::AnyAnswer& answer) {
  Settled(certs::Bytes(command.request_key), answer);
  if (!answer.status.ok()) return;
  const auto* said = ValueOf<store::CaseAnswer>(answer);
  if (said == nullptr) return Fail("an application without an answer");
  SameAnswer("submit " + certs::Bytes(command.request_key), Text(said->case_id));
  Case& filed = cases_[Text(said->case_id)];
  filed.acknowledged = true;
  filed.newborn = Text(command.newborn_id);
  fresh_cases_.insert(Text(said->case_id));
}

void Model::AnsweredOne(const store::Approve& command, const store::AnyAnswer& answer) {
  if (!answer.status.ok()) return;
  const auto* said = ValueOf<store::CaseAnswer>(answer);
  if (said == nullptr || said->certificate_number.empty()) return Fail("approved without a number");
  const std::string id = Text(command.case_id);
  Case& approved = cases_[id];
  if (!approved.may_waste) SameAnswer("approve " + id, said->certificate_number);
  approved.number = said->certificate_number;
  const auto [number, added] = numbers_.emplace(said->certificate_number, Number());
  if (added) {
    number->second = {static_cast<int>(certs::NumberState::kAllocated), approved.newborn, id};
  }
  if (number->second.application != id) Fail("one number for two cases: " + number->first);
  fresh_numbers_.insert(said->certificate_number);
  fresh_cases_.insert(id);
  if (approved.claims_sent.size() > 1) return;  // nobody knows which of them was judged
  for (const certs::Claim& claim : command.claims) {
    const auto [known, is_new] = claims_.emplace(certs::Bytes(claim.hash), approved.newborn);
    if (!is_new && known->second != approved.newborn) Fail("approved over another's claim");
  }
}

void Model::AnsweredOne(const store::Misprint& command, const store::AnyAnswer& answer) {
  Settled(certs::Bytes(command.request_key), answer);
  if (!answer.status.ok()) return;
  const auto* said = ValueOf<store::CaseAnswer>(answer);
  if (said == nullptr) return Fail("a misprint without an answer");
  SameAnswer("misprint " + certs::Bytes(command.request_key), said->certificate_number);
  if (said->certificate_number == command.number) Fail("a misprinted number is given again");
  fresh_numbers_.insert(command.number);
  fresh_cases_.insert(Text(command.case_id));
}

void Model::AnsweredOne(const store::Reserve& command, const store::AnyAnswer& answer) {
  if (!answer.status.ok()) return;
  const auto* said = ValueOf<store::ReservationAnswer>(answer);
  if (said == nullptr) return Fail("a seal order without an answer");
  const std::string id = Text(command.case_id);
  fresh_cases_.insert(id);
  if (said->issued_status_index) {
    fresh_certificates_.insert(said->issued_status_index->value());
    return SameAnswer("reserved as " + id, absl::StrCat(said->issued_status_index->value()));
  }
  const storage::v1::Reservation& reservation = said->reservation;
  SameAnswer("reserve " + id, reservation.SerializeAsString());
  SameAnswer("reserved as " + id, absl::StrCat(reservation.status_index()));
  reservations_[reservation.intent_index()] = reservation.SerializeAsString();
  Published(said->tree_size.value(), said->root);
  if (!certs::CheckInclusion(certs::LeafHash(reservation.leaf()), reservation.intent_index(),
                             said->tree_size.value(), said->path, said->root)
           .ok()) {
    Fail("the inclusion proof of a receipt does not hold");
  }
}

void Model::AnsweredOne(const store::CommitIssue& command, const store::AnyAnswer& answer) {
  if (!answer.status.ok()) {
    // Finishing is never refused, but by a writer that is none any more.
    const uint64_t status = log_.StatusOfIntent(command.intent.value());
    const LogModel::Life* life = log_.Find(status);
    if (life != nullptr && !life->is_cancelled && !absl::IsUnavailable(answer.status) &&
        !absl::IsAborted(answer.status)) {
      Fail(absl::StrCat("finishing was refused: ", answer.status.message()));
    }
    return;
  }
  const auto* said = ValueOf<store::CertificateAnswer>(answer);
  if (said == nullptr) return Fail("issued without a certificate");
  const storage::v1::CertificateHead& head = said->certificate;
  const std::string key = absl::StrCat("issue ", command.intent.value());
  SameAnswer(key, absl::StrCat(head.reservation().status_index(), " ", head.file_sm3(), " ",
                               head.issued_leaf(), " ", head.issued_time()));
  if (said->first) SameAnswer("first " + key, answers_.count("first " + key) ? "twice" : "once");
  if (head.reservation().intent_index() != command.intent.value())
    Fail("issued for another INTENT");
  fresh_certificates_.insert(head.reservation().status_index());
}

void Model::AnsweredOne(const store::CancelReservation& command, const store::AnyAnswer& answer) {
  if (!answer.status.ok()) return;
  if (command.first_operator == command.second_operator) Fail("one person cancelled alone");
  SameAnswer(absl::StrCat("ended ", command.intent.value()), "cancelled");
}

void Model::AnsweredOne(const store::Revoke& command, const store::AnyAnswer& answer) {
  Settled(certs::Bytes(command.request_key), answer);
  if (!answer.status.ok()) return;
  if (command.first_operator == command.second_operator) Fail("one person revoked alone");
  const auto* said = ValueOf<store::CertificateAnswer>(answer);
  if (said == nullptr) return Fail("revoked without a certificate");
  const storage::v1::CertificateHead& head = said->certificate;
  SameAnswer("revoke " + certs::Bytes(command.request_key),
             absl::StrCat(head.reservation().status_index(), " ", head.voided_leaf()));
  revoked_.insert(command.number);
  fresh_certificates_.insert(head.reservation().status_index());
}

void Model::AnsweredOne(const store::ReceiveStock& command, const store::AnyAnswer& answer) {
  Settled(certs::Bytes(command.request_key), answer);
  if (!answer.status.ok()) return;
  const std::string key = store::StockKey(command.institution_code, command.first_number);
  Range& range = ranges_[key];
  range.range.set_institution_code(command.institution_code);
  range.range.set_first_number(command.first_number);
  range.range.set_last_number(command.last_number);
}

void Model::AnsweredOne(const store::Access& command, const store::AnyAnswer& answer) {
  if (answer.status.ok()) accesses_.insert(absl::StrCat(command.method, " ", command.use_cause));
}

void Model::Published(uint64_t size, const Digest& root) { Fail(log_.Published(size, root)); }

void Model::ClockRead(size_t writer, absl::Time wall, absl::Duration monotonic) {
  Clock& clock = clocks_[writer];
  if (clock.wall.has_value()) {
    const absl::Duration jump = (wall - *clock.wall) - (monotonic - clock.monotonic);
    if (absl::AbsDuration(jump) > absl::Minutes(5)) clock.bad = true;
  }
  const bool behind = wall < absl::FromUnixMicros(meta_.ledger_time()) - absl::Seconds(2);
  if (!behind) clock.behind_confirmed = false;
  if (behind && !clock.behind_confirmed) clock.bad = true;
  clock.wall = wall;
  clock.monotonic = monotonic;
  clock_bad_ = clock.bad;
}

void Model::ClockConfirmed(size_t writer) {
  clocks_[writer] = Clock();  // compared with nothing before
  clocks_[writer].behind_confirmed = true;
}

void Model::Restarted(size_t writer) {
  clocks_[writer] = Clock();
  clock_bad_ = false;
}

}  // namespace birthseal::simulation
