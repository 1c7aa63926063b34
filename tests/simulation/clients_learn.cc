// SPDX-License-Identifier: Apache-2.0
// What clients learn from the answers that reach them, late, twice or out of order.
#include <algorithm>

#include "store/keys.h"
#include "tests/simulation/clients.h"

namespace birthseal::simulation {

using store::Command;
constexpr auto kAnother = store::WhoseRecord::kAnotherNewborn;

void Clients::Learn(const Command& command, const store::AnyAnswer& answer) {
  if (!answer.status.ok()) return;
  std::visit([&](const auto& kind) { LearnOne(kind, answer); }, command);
}

void Clients::LearnOne(const store::AcceptDelivery& command, const store::AnyAnswer& answer) {
  const auto& said = std::get<store::DeliveryAnswer>(answer.value);
  const auto known = birth_of_delivery_.find(command.delivery_id);
  if (known == birth_of_delivery_.end() || said.newborn_id.empty()) return;
  Birth& birth = births_[known->second];
  const store::FeedVerdict verdict =
      said.verdict == store::FeedVerdict::kDuplicate ? said.first_verdict : said.verdict;
  if (verdict == store::FeedVerdict::kReview) reviews_.push_back({said.delivery_id, known->second});
  if (command.event != store::FeedEvent::kRecord) return;
  birth.newborn = said.newborn_id;
  birth_of_newborn_[said.newborn_id] = known->second;
  // A second source stands beside the record that is current.
  const bool update = command.facility_code == Institution(birth.facility) &&
                      verdict == store::FeedVerdict::kAccepted && said.defects.empty();
  if (said.accepted_time < birth.delivery_time) return;
  if (!update && !birth.delivery.empty()) return;
  birth.delivery = said.delivery_id;
  birth.delivery_time = said.accepted_time;
}

void Clients::LearnOne(const store::ResolveReview& command, const store::AnyAnswer& answer) {
  for (size_t i = 0; i < reviews_.size(); ++i) {
    if (reviews_[i].delivery != command.delivery_id) continue;
    const auto& said = std::get<store::DeliveryAnswer>(answer.value);
    const size_t index = reviews_[i].birth;
    Birth decided = births_[index];
    if (command.accept) {
      decided.delivery = said.delivery_id, decided.delivery_time = said.accepted_time;
      decided.order = command.birth.order, decided.plurality = command.birth.plurality;
      decided.c1 = command.claims[0].hash;
      if (decided.newborn != said.newborn_id && command.whose == kAnother) {
        // A sibling nobody had known of: from now on a birth of its own, under a number of its own.
        decided.newborn = said.newborn_id;
        decided.c3 = random_->NewDigest();
        decided.certificates.clear();
        births_.push_back(decided);
        birth_of_newborn_[said.newborn_id] = birth_of_delivery_[said.delivery_id] =
            births_.size() - 1;
      } else {
        births_[index] = decided;
      }
    }
    reviews_.erase(reviews_.begin() + static_cast<std::ptrdiff_t>(i));
    return;
  }
}

void Clients::LearnOne(const store::SubmitApplication& command, const store::AnyAnswer&) {
  cases_[case_of_id_[command.case_id]].accepted = true;
}

void Clients::LearnOne(const store::Approve& command, const store::AnyAnswer& answer) {
  cases_[case_of_id_[command.case_id]].number =
      std::get<store::CaseAnswer>(answer.value).certificate_number;
}

void Clients::LearnOne(const store::Misprint& command, const store::AnyAnswer& answer) {
  cases_[case_of_id_[command.case_id]].number =
      std::get<store::CaseAnswer>(answer.value).certificate_number;
}

void Clients::LearnOne(const store::Reserve& command, const store::AnyAnswer& answer) {
  Case& ordered = cases_[case_of_id_[command.case_id]];
  ordered.reserved = true;
  ordered.intent = std::get<store::ReservationAnswer>(answer.value).reservation.intent_index();
}

void Clients::LearnOne(const store::CommitIssue&, const store::AnyAnswer& answer) {
  const auto& head = std::get<store::CertificateAnswer>(answer.value).certificate;
  const auto newborn = certs::NewbornId::FromBytes(head.reservation().newborn_id());
  const auto known = birth_of_newborn_.find(newborn.value_or(certs::NewbornId()));
  if (known == birth_of_newborn_.end()) return;
  std::vector<std::string>& numbers = births_[known->second].certificates;
  const std::string& number = head.reservation().certificate_number();
  if (std::find(numbers.begin(), numbers.end(), number) == numbers.end()) numbers.push_back(number);
}

}  // namespace birthseal::simulation
