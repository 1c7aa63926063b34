// SPDX-License-Identifier: Apache-2.0
#include "store/ledger/apply_parts.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "certs/clock.h"
#include "certs/identifiers.h"

namespace birthseal::store::apply {

using storage::v1::CaseHead;
using storage::v1::CertificateHead;
using storage::v1::DeliveryHead;
using storage::v1::Newborn;
using storage::v1::NumberRecord;
using storage::v1::RequestAnswer;
using storage::v1::StockRange;

absl::StatusOr<Newborn> NewbornOf(const Turn& turn, const std::string& id) {
  ASSIGN_OR_RETURN(std::optional<Newborn> newborn, turn.view.Find<Newborn>(Family::kNewborns, id));
  if (!newborn) {
    return certs::Error(absl::StatusCode::kNotFound, "NEWBORN_UNKNOWN", "no such newborn");
  }
  return *std::move(newborn);
}

// Rule I14.
absl::Status CheckFree(const Turn& turn, Family family, const std::string& key,
                       absl::string_view field) {
  ASSIGN_OR_RETURN(const std::optional<std::string> taken, turn.view.Get(family, key));
  if (!taken) return absl::OkStatus();
  return certs::Error(absl::StatusCode::kAlreadyExists, "ID_TAKEN", "the id is in use", field);
}

absl::StatusOr<std::string> OwnerOf(const Turn& turn, const certs::Digest& claim) {
  ASSIGN_OR_RETURN(std::optional<std::string> owner,
                   turn.view.Get(Family::kClaims, DigestKey(claim)));
  return owner ? *std::move(owner) : std::string();
}

certs::Leaf LeafOf(certs::LeafKind kind, const Turn& turn,
                   const storage::v1::Reservation& reservation) {
  certs::Leaf leaf;
  leaf.kind = kind;
  leaf.log_minute = turn.micros / 60'000'000;
  leaf.institution_code = reservation.institution_code();
  leaf.status_index = reservation.status_index();
  return leaf;
}

void AddReporter(const std::string& facility_code, Newborn& newborn) {
  const auto& known = newborn.reporting_facilities();
  if (std::find(known.begin(), known.end(), facility_code) != known.end()) return;
  newborn.add_reporting_facilities(facility_code);
}

void RemoveReporter(const std::string& facility_code, Newborn& newborn) {
  auto& known = *newborn.mutable_reporting_facilities();
  known.erase(std::remove(known.begin(), known.end(), facility_code), known.end());
}

bool InReview(const Newborn& newborn) {
  return newborn.open_reviews_size() > 0 || newborn.conflicts_with_size() > 0;
}

namespace {

void AddOnce(google::protobuf::RepeatedPtrField<std::string>* list, const std::string& item) {
  if (std::find(list->begin(), list->end(), item) == list->end()) list->Add()->assign(item);
}

}  // namespace

void OpenReview(Turn& turn, const std::string& delivery_id, DeliveryHead& head, Newborn& newborn) {
  AddOnce(newborn.mutable_open_reviews(), delivery_id);
  if (head.in_review()) return;
  head.set_in_review(true);
  storage::v1::Meta& meta = turn.view.meta();
  meta.set_deliveries_in_review(meta.deliveries_in_review() + 1);
  turn.view.Put(
      Family::kReviews,
      ReviewKey(head.facility_code(), head.accepted_time(), IdFrom<DeliveryId>(delivery_id)), "");
}

void CloseReview(Turn& turn, const std::string& delivery_id, DeliveryHead& head, Newborn& newborn) {
  auto* open = newborn.mutable_open_reviews();
  if (auto it = std::find(open->begin(), open->end(), delivery_id); it != open->end()) {
    open->erase(it);
  }
  if (open->empty()) newborn.clear_conflicts_with();
  if (!head.in_review()) return;
  head.set_in_review(false);
  storage::v1::Meta& meta = turn.view.meta();
  meta.set_deliveries_in_review(meta.deliveries_in_review() - 1);
  turn.view.Erase(Family::kReviews, ReviewKey(head.facility_code(), head.accepted_time(),
                                              IdFrom<DeliveryId>(delivery_id)));
}

// Rule C6.
absl::Status HoldBoth(Turn& turn, const std::string& first_id, Newborn& first,
                      const std::string& other_id) {
  ASSIGN_OR_RETURN(Newborn other, NewbornOf(turn, other_id));
  AddOnce(first.mutable_conflicts_with(), other_id);
  AddOnce(other.mutable_conflicts_with(), first_id);
  if (!other.current_delivery().empty()) {
    ASSIGN_OR_RETURN(std::optional<DeliveryHead> head,
                     turn.view.Find<DeliveryHead>(Family::kDeliveries, other.current_delivery()));
    if (head) {
      OpenReview(turn, other.current_delivery(), *head, other);
      turn.view.PutRecord(Family::kDeliveries, other.current_delivery(), *head);
    }
  }
  turn.view.PutRecord(Family::kNewborns, other_id, other);
  if (first.valid_certificate() != 0 && other.valid_certificate() != 0) {
    turn.view.AddOutboxEvent("DOUBLE_CERTIFICATE_ALARM", first.valid_certificate(), first_id,
                             turn.micros);
    turn.view.AddOutboxEvent("DOUBLE_CERTIFICATE_ALARM", other.valid_certificate(), other_id,
                             turn.micros);
  }
  return absl::OkStatus();
}

absl::StatusOr<CaseHead> CaseOf(const Turn& turn, const CaseId& id) {
  ASSIGN_OR_RETURN(std::optional<CaseHead> head,
                   turn.view.Find<CaseHead>(Family::kCases, IdKey(id)));
  if (!head) return certs::Error(absl::StatusCode::kNotFound, "CASE_UNKNOWN", "no such case");
  return *std::move(head);
}

absl::Status Move(CaseHead& head, certs::CaseEvent event) {
  const std::optional<certs::CaseState> to =
      certs::Next(static_cast<certs::CaseState>(head.state()), event);
  if (!to) {
    return Refused(
        "CASE_STATE",
        absl::StrCat("the case is ", certs::Name(static_cast<certs::CaseState>(head.state()))));
  }
  head.set_state(static_cast<int>(*to));
  return absl::OkStatus();
}

CaseAnswer CaseAnswerOf(const Turn& turn, const CaseId& id, const CaseHead& head) {
  CaseAnswer answer;
  answer.case_id = id;
  answer.state = static_cast<certs::CaseState>(head.state());
  answer.certificate_number = head.certificate_number();
  answer.ledger_day = certs::LocalDay(turn.context.time);
  return answer;
}

namespace {

// A stored range of numbers.
struct Stock {
  std::string key;
  StockRange range;
};

// The first range that still has numbers and is not held.
// Rule S5.
absl::StatusOr<Stock> FindStock(const Turn& turn, absl::string_view institution_code) {
  Stock stock;
  StockRange& range = stock.range;
  bool found = false, held = false, unreadable = false;
  RETURN_IF_ERROR(
      turn.view.Scan(Family::kStock, StockPrefix(institution_code),
                     [&](absl::string_view key, absl::string_view value) {
                       if (!range.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
                         unreadable = true;
                         return false;
                       }
                       const bool left = !range.next_number().empty();
                       found = left && !range.held();
                       held = held || (left && range.held());
                       if (found) stock.key = std::string(key);
                       return !found;
                     }));
  if (unreadable) {
    return certs::Error(absl::StatusCode::kDataLoss, "RECORD_UNREADABLE", "reading a stock range");
  }
  if (found) return stock;
  if (!held) return Refused("STOCK_EMPTY", "the institution has no certificate numbers left");
  return Refused("STOCK_HELD",
                 "after a recovery, two people must say with which number the stock goes on");
}

// Takes the next number off the range.
absl::StatusOr<std::string> TakeNext(StockRange& range) {
  std::string number = range.next_number();
  if (number == range.last_number()) {
    range.clear_next_number();
    return number;
  }
  ASSIGN_OR_RETURN(certs::CertificateNumber parsed, certs::CertificateNumber::Parse(number));
  ASSIGN_OR_RETURN(certs::CertificateNumber next, parsed.Plus(1));
  range.set_next_number(next.value());
  return number;
}

}  // namespace

absl::StatusOr<std::string> AllotNumber(Turn& turn, absl::string_view institution_code,
                                        const CaseId& case_id, const std::string& newborn_id) {
  ASSIGN_OR_RETURN(Stock stock, FindStock(turn, institution_code));
  ASSIGN_OR_RETURN(std::string number, TakeNext(stock.range));
  turn.view.PutRecord(Family::kStock, std::move(stock.key), stock.range);
  // Rule I4: a number is used once, ever.
  ASSIGN_OR_RETURN(std::optional<std::string> used,
                   turn.view.Get(Family::kNumbers, NumberKey(number)));
  if (used) {
    return certs::Error(absl::StatusCode::kDataLoss, "NUMBER_USED",
                        "a number in stock has left it before");
  }
  NumberRecord record;
  record.set_state(static_cast<int>(certs::NumberState::kAllocated));
  record.set_newborn_id(newborn_id);
  record.set_case_id(IdKey(case_id));
  record.set_time(turn.micros);
  turn.view.PutRecord(Family::kNumbers, NumberKey(number), record);
  storage::v1::Meta& meta = turn.view.meta();
  meta.set_numbers_in_stock(meta.numbers_in_stock() - 1);
  return number;
}

absl::Status MoveNumber(Turn& turn, const std::string& number, certs::NumberState state,
                        absl::string_view reason) {
  ASSIGN_OR_RETURN(std::optional<NumberRecord> record,
                   turn.view.Find<NumberRecord>(Family::kNumbers, NumberKey(number)));
  if (!record || !certs::MayBecome(static_cast<certs::NumberState>(record->state()), state)) {
    return Refused("NUMBER_STATE", "the number is not allotted");
  }
  record->set_state(static_cast<int>(state));
  record->set_reason(std::string(reason));
  record->set_time(turn.micros);
  turn.view.PutRecord(Family::kNumbers, NumberKey(number), *record);
  if (state == certs::NumberState::kWaste) {
    storage::v1::Meta& meta = turn.view.meta();
    meta.set_numbers_wasted(meta.numbers_wasted() + 1);
  }
  return absl::OkStatus();
}

// Rule X3.
absl::Status CheckPredecessor(const Turn& turn, const Newborn& newborn, const std::string& number) {
  if (newborn.valid_certificate() != 0) {
    ASSIGN_OR_RETURN(std::optional<CertificateHead> head,
                     turn.view.Find<CertificateHead>(Family::kCertificates,
                                                     IndexKey(newborn.valid_certificate())));
    if (head && head->reservation().certificate_number() == number &&
        head->state() == static_cast<int>(certs::CertificateState::kValid)) {
      return absl::OkStatus();
    }
  }
  return Refused("PREDECESSOR_NOT_VALID",
                 "the certificate given up is not the valid one of this newborn");
}

// Rule E13.
absl::StatusOr<std::optional<RequestAnswer>> FirstAnswer(const Turn& turn,
                                                         const certs::Digest& request_key,
                                                         const certs::Digest& content) {
  ASSIGN_OR_RETURN(std::optional<RequestAnswer> first,
                   turn.view.Find<RequestAnswer>(Family::kRequests, DigestKey(request_key)));
  if (first && first->content_sm3() != certs::Bytes(content)) {
    return certs::Error(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED",
                        "the request id was used for other content");
  }
  return first;
}

void Remember(Turn& turn, const certs::Digest& request_key, const certs::Digest& content,
              const std::string& subject, const std::string& text) {
  RequestAnswer answer;
  answer.set_content_sm3(certs::Bytes(content));
  answer.set_subject(subject);
  answer.set_text(text);
  turn.view.PutRecord(Family::kRequests, DigestKey(request_key), answer);
}

absl::Status TwoPersons(absl::string_view first, absl::string_view second) {
  if (!first.empty() && !second.empty() && first != second) return absl::OkStatus();
  return certs::Error(absl::StatusCode::kInvalidArgument, "TWO_PERSONS_NEEDED",
                      "two different operators must order this");
}

}  // namespace birthseal::store::apply
