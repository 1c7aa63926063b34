// SPDX-License-Identifier: Apache-2.0
// Cases, delivery records, numbers and stock; sealed values; the registry.
#include <libdeflate.h>

#include <optional>

#include "absl/strings/match.h"
#include "certs/delivery.h"
#include "certs/identifiers.h"
#include "certs/lifecycle.h"
#include "certs/proof/leaf.h"
#include "store/fsck/fsck_parts.h"
#include "store/meta.h"
#include "store/reads/registry.h"
#include "store/sealed_value.h"

namespace birthseal::store::fsck {
namespace {

using certs::CaseState;
using certs::NumberState;
using storage::v1::CaseHead;
using storage::v1::CertificateHead;
using storage::v1::DeliveryHead;
using storage::v1::Newborn;
using storage::v1::NumberRecord;
using storage::v1::StockRange;

constexpr size_t kMaxConstant = 64u << 20;  // fonts are some megabytes

std::string Body(BodyKind kind, absl::string_view id) {
  return std::string(1, static_cast<char>(kind)).append(id.data(), id.size());
}

// What holds the newborn's slot holds a number and, once reserved, a reservation.
void CheckHolder(Checker& check, const Place& place, const CaseHead& head) {
  const auto newborn = check.Find<Newborn>(Family::kNewborns, head.newborn_id());
  if (newborn && newborn->slot_case() != place.key) check.Bad(place, "SLOT_NOT_HELD");
  const std::string number = NumberKey(head.certificate_number());
  const auto record = check.Needed<NumberRecord>(Family::kNumbers, number, place);
  if (record && (record->state() != static_cast<int>(NumberState::kAllocated) ||
                 record->case_id() != place.key)) {
    check.Bad(Family::kNumbers, number, "NUMBER_NOT_AS_CASE", &place);
  }
  if (head.state() == static_cast<int>(CaseState::kReserved)) {
    const std::optional<IntentKey> intent = IntentKeyOf(head);
    check.Need(Family::kReservations, intent ? IndexKey(*intent) : "", place);
  }
}

void CheckCase(Checker& check, const Place& place, const CaseHead& head) {
  if (head.state() < static_cast<int>(CaseState::kReturned) ||
      head.state() > static_cast<int>(CaseState::kWithdrawn)) {
    check.Bad(place, "STATE");
  }
  check.Need(Family::kNewborns, head.newborn_id(), place);
  check.Need(Family::kBodies, Body(BodyKind::kCase, place.key), place);
  if (!head.basis_delivery().empty()) check.Need(Family::kDeliveries, head.basis_delivery(), place);
  if (head.state() == static_cast<int>(CaseState::kApproved) ||
      head.state() == static_cast<int>(CaseState::kReserved)) {
    CheckHolder(check, place, head);
  }
  if (head.state() != static_cast<int>(CaseState::kIssued)) return;
  const std::string key = IndexKey(head.status_index());
  const auto issued = check.Needed<CertificateHead>(Family::kCertificates, key, place);
  if (issued && issued->reservation().case_id() != place.key) {
    check.Bad(place, "CASE_NOT_AS_CERTIFICATE");
  }
}

void CheckDelivery(Checker& check, const Place& place, const DeliveryHead& head) {
  const std::optional<DeliveryId> id = DeliveryId::FromBytes(place.key);
  if (!id) return check.Bad(place, "KEY");
  if (!head.newborn_id().empty()) check.Need(Family::kNewborns, head.newborn_id(), place);
  if (!head.previous().empty()) check.Need(Family::kDeliveries, head.previous(), place);
  if (head.has_body()) check.Need(Family::kBodies, BodyKey(BodyKind::kDelivery, *id), place);
  if (head.has_raw()) check.Need(Family::kBodies, BodyKey(BodyKind::kRawMessage, *id), place);
  if (head.in_review()) {
    check.Need(Family::kReviews, ReviewKey(head.facility_code(), head.accepted_time(), *id), place);
  }
}

void CheckReview(Checker& check, const Place& place) {
  const std::optional<DeliveryId> id = ParseReviewKey(place.key);
  if (!id) return check.Bad(place, "KEY");
  const auto head = check.Needed<DeliveryHead>(Family::kDeliveries, IdKey(*id), place);
  if (head && (!head->in_review() ||
               ReviewKey(head->facility_code(), head->accepted_time(), *id) != place.key)) {
    check.Bad(place, "INDEX_POINTS_ELSEWHERE");
  }
}

// Every number of a range that left it has its record.
uint64_t CheckTaken(Checker& check, const Place& place, const StockRange& range) {
  const auto first = certs::CertificateNumber::Parse(range.first_number());
  const auto last = certs::CertificateNumber::Parse(range.last_number());
  const auto next = certs::CertificateNumber::Parse(
      range.next_number().empty() ? range.last_number() : range.next_number());
  if (!first.ok() || !last.ok() || !next.ok() || first->series() != last->series() ||
      next->series() != first->series() || next->serial() < first->serial() ||
      last->serial() < next->serial() ||
      StockKey(range.institution_code(), range.first_number()) != place.key) {
    check.Bad(place, "RANGE");
    return 0;
  }
  const uint64_t whole = uint64_t{last->serial()} - first->serial() + 1;
  const uint64_t taken =
      range.next_number().empty() ? whole : uint64_t{next->serial()} - first->serial();
  for (uint64_t i = 0; i < taken; ++i) {
    const auto number = first->Plus(i);
    if (number.ok()) check.Need(Family::kNumbers, NumberKey(number->value()), place);
  }
  return whole - taken;
}

// A USED number is that of an issued certificate, an ALLOCATED one that of an open case.
void CheckNumber(Checker& check, const Place& place, const NumberRecord& record) {
  const std::string number = place.key.substr(0, place.key.find('\0'));
  // Confirmed by two people after a recovery: whose it was is lost.
  if (record.state() == static_cast<int>(NumberState::kWaste) &&
      record.reason() == "LOST_IN_RECOVERY" && record.case_id().empty()) {
    return;
  }
  const auto head = check.Needed<CaseHead>(Family::kCases, record.case_id(), place);
  if (!head) return;
  const bool mine = head->certificate_number() == number;
  const int state = head->state();
  switch (static_cast<NumberState>(record.state())) {
    case NumberState::kUsed:
      if (!mine || state != static_cast<int>(CaseState::kIssued)) check.Bad(place, "USED_BY_NONE");
      check.Need(Family::kLicences, LicenceKey(number), place);
      return;
    case NumberState::kAllocated:
      if (!mine || (state != static_cast<int>(CaseState::kApproved) &&
                    state != static_cast<int>(CaseState::kReserved))) {
        check.Bad(place, "ALLOTTED_TO_NONE");
      }
      return;
    case NumberState::kWaste:
      if (mine && state == static_cast<int>(CaseState::kIssued)) check.Bad(place, "WASTE_IN_USE");
      return;
    default:
      check.Bad(place, "STATE");
  }
}

bool IsConstant(const std::string& digest, absl::string_view data) {
  if (certs::Bytes(certs::Sm3Of(data)) == digest) return true;
  const std::unique_ptr<libdeflate_decompressor, void (*)(libdeflate_decompressor*)> inflater(
      libdeflate_alloc_decompressor(), &libdeflate_free_decompressor);
  std::string content;
  for (size_t room = std::max<size_t>(data.size() * 4, 4096); room <= kMaxConstant; room *= 4) {
    content.resize(room);
    size_t size = 0;
    const auto result = libdeflate_deflate_decompress(inflater.get(), data.data(), data.size(),
                                                      &content[0], room, &size);
    if (result == LIBDEFLATE_INSUFFICIENT_SPACE) continue;
    return result == LIBDEFLATE_SUCCESS &&
           certs::Bytes(certs::Sm3Of(absl::string_view(content).substr(0, size))) == digest;
  }
  return false;
}

// The body opens at its place, says what its kind says, and somebody owns it.
void CheckBody(Checker& check, const Place& place, absl::string_view value) {
  if (place.key.size() != 17) return check.Bad(place, "KEY");
  const auto kind = static_cast<BodyKind>(place.key[0]);
  const std::string id = place.key.substr(1);
  check.Need(kind == BodyKind::kCase ? Family::kCases : Family::kDeliveries, id, place);
  if (check.options.sealer == nullptr) return;
  const auto body = check.options.sealer->Open(Family::kBodies, place.key, value);
  if (!body.ok()) return check.Bad(place, "DOES_NOT_OPEN");
  const bool readable = kind == BodyKind::kDelivery ? certs::ParseDelivery(*body).ok()
                        : kind == BodyKind::kCase   ? DecodeCaseBody(*body).ok()
                                                    : kind == BodyKind::kRawMessage;
  if (!readable) check.Bad(place, "RECORD_UNREADABLE");
}

template <typename Record>
std::optional<Record> Read(absl::string_view value) {
  Record record;
  if (!record.ParseFromArray(value.data(), static_cast<int>(value.size()))) return std::nullopt;
  return record;
}

bool IsEntry(absl::string_view key, absl::string_view value) {
  const absl::string_view id = key.substr(std::min<size_t>(1, key.size()));
  switch (key.empty() ? RegistryKind{} : static_cast<RegistryKind>(key[0])) {
    case RegistryKind::kInstitution: {
      const auto institution = Read<storage::v1::Institution>(value);
      return institution && institution->code() == id;
    }
    case RegistryKind::kClient: {
      const auto client = Read<storage::v1::Client>(value);
      return client && client->certificate_sm3() == id;
    }
    case RegistryKind::kOperator: {
      const auto person = Read<storage::v1::Operator>(value);
      return person && person->id() == id;
    }
    case RegistryKind::kSeal: {
      const auto seal = Read<storage::v1::SealRecord>(value);
      return seal && seal->institution_code() == id;
    }
    case RegistryKind::kProfile: {
      const auto profile = certs::ParseProfileAnnounced(value);
      return profile.ok() && profile->name == id;
    }
  }
  return false;
}

}  // namespace

void CheckCases(Checker& check) {
  check.EachRecord<CaseHead>(Family::kCases, [&](const Place& place, const CaseHead& head) {
    CheckCase(check, place, head);
  });
  check.EachRecord<storage::v1::RequestAnswer>(
      Family::kRequests, [&](const Place& place, const storage::v1::RequestAnswer& answer) {
        if (place.key.size() != 32 || answer.content_sm3().size() != 32) check.Bad(place, "KEY");
      });
}

void CheckDeliveries(Checker& check) {
  check.EachRecord<DeliveryHead>(
      Family::kDeliveries,
      [&](const Place& place, const DeliveryHead& head) { CheckDelivery(check, place, head); });
  check.EachRecord<storage::v1::FeedAnswer>(
      Family::kFeedAnswers, [&](const Place& place, const storage::v1::FeedAnswer& answer) {
        if (place.key.size() != 32) check.Bad(place, "KEY");
        if (!answer.delivery_id().empty()) {
          check.Need(Family::kDeliveries, answer.delivery_id(), place);
        }
      });
}

void CheckReviews(Checker& check) {
  uint64_t open = 0;
  check.Each(Family::kReviews, [&](const Place& place, absl::string_view) {
    ++open;
    CheckReview(check, place);
  });
  // A bad entry is named already, and explains the count.
  if (open != check.meta.deliveries_in_review() && !check.Named(Family::kReviews)) {
    check.Bad(Family::kMeta, MetaKey(), "COUNT_OF_REVIEWS");
  }
}

void CheckNumbers(Checker& check) {
  uint64_t left = 0, wasted = 0;
  std::map<std::string, StockRange> ranges;  // by first number
  check.EachRecord<StockRange>(Family::kStock, [&](const Place& place, const StockRange& range) {
    left += CheckTaken(check, place, range);
    const auto next = ranges.lower_bound(range.first_number());
    if ((next != ranges.end() && next->first <= range.last_number()) ||
        (next != ranges.begin() && std::prev(next)->second.last_number() >= range.first_number())) {
      check.Bad(place, "STOCK_OVERLAP");
    }
    ranges.emplace(range.first_number(), range);
  });
  check.EachRecord<NumberRecord>(
      Family::kNumbers, [&](const Place& place, const NumberRecord& record) {
        if (record.state() == static_cast<int>(NumberState::kWaste)) ++wasted;
        CheckNumber(check, place, record);
        const std::string number = place.key.substr(0, place.key.find('\0'));
        const auto behind = ranges.upper_bound(number);
        const StockRange* range = behind == ranges.begin() ? nullptr : &std::prev(behind)->second;
        if (range == nullptr || number > range->last_number() ||
            (!range->next_number().empty() && number >= range->next_number())) {
          check.Bad(place, "NOT_FROM_STOCK");
        }
      });
  if (left != check.meta.numbers_in_stock()) {
    check.Bad(Family::kMeta, MetaKey(), "COUNT_OF_STOCK");
  }
  if (wasted != check.meta.numbers_wasted()) {
    check.Bad(Family::kMeta, MetaKey(), "COUNT_OF_WASTE");
  }
}

void CheckSealed(Checker& check) {
  check.Each(Family::kBodies,
             [&](const Place& place, absl::string_view value) { CheckBody(check, place, value); });
  check.Each(Family::kConstants, [&](const Place& place, absl::string_view value) {
    if (!IsConstant(place.key, value)) check.Bad(place, "CONSTANT_ALTERED");
  });
}

void CheckRegistry(Checker& check) {
  check.Each(Family::kRegistry, [&](const Place& place, absl::string_view value) {
    if (!IsEntry(place.key, value)) check.Bad(place, "RECORD_UNREADABLE");
  });
}

}  // namespace birthseal::store::fsck
