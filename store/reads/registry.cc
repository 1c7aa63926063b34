// SPDX-License-Identifier: Apache-2.0
#include "store/reads/registry.h"

#include <mutex>
#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "certs/canonical.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "store/engine.h"
#include "store/keys.h"
#include "store/meta.h"
#include "store/sealed_value.h"

namespace birthseal::store {
namespace {

constexpr absl::string_view kCaseBodyType = "birthseal/case-body/v1";

absl::Status Damaged(Family family) {
  return certs::Error(absl::StatusCode::kDataLoss, "RECORD_DAMAGED",
                      absl::StrCat("a record of ", Name(family), " is damaged"));
}

template <typename Message>
absl::StatusOr<Message> Parse(Family family, const std::string& bytes) {
  Message message;
  if (!message.ParseFromString(bytes)) return Damaged(family);
  return message;
}

template <typename Message>
absl::StatusOr<Message> Read(const Snapshot& snapshot, Family family, const std::string& key) {
  ASSIGN_OR_RETURN(const std::string bytes, snapshot.Get(family, key));
  return Parse<Message>(family, bytes);
}

absl::StatusOr<std::string> ReadSealed(const Snapshot& snapshot, const ValueSealer& sealer,
                                       Family family, const std::string& key) {
  ASSIGN_OR_RETURN(const std::string sealed, snapshot.Get(family, key));
  return sealer.Open(family, key, sealed);
}

// A record that a head promises: absent means damage, not "no such thing".
absl::Status Promised(Family family, const absl::Status& status) {
  return status.code() == absl::StatusCode::kNotFound ? Damaged(family) : status;
}

}  // namespace

struct Registry::KnownConstants {
  std::mutex mutex;
  std::set<certs::Digest> digests;
};

std::string EncodeCaseBody(const CaseBody& body) {
  certs::CanonicalWriter writer(kCaseBodyType);
  writer.Nested(1, certs::Canonical(body.application));
  writer.Nested(2, certs::Canonical(body.content));
  return std::move(writer).Finish();
}

absl::StatusOr<CaseBody> DecodeCaseBody(absl::string_view bytes) {
  certs::CanonicalReader reader(bytes, kCaseBodyType);
  const auto application = reader.Next(1);
  const auto content = reader.Next(2);
  const bool whole = application && content;
  if (!whole || !reader.Finish().ok()) return Damaged(Family::kBodies);
  CaseBody body;
  ASSIGN_OR_RETURN(body.application, certs::ParseApplication(*application));
  ASSIGN_OR_RETURN(body.content, certs::ParseFaceContent(*content));
  return body;
}

Registry::Registry(const Engine* engine, const ValueSealer* sealer)
    : engine_(engine), sealer_(sealer), known_constants_(std::make_shared<KnownConstants>()) {}

std::unique_ptr<Snapshot> Registry::NewSnapshot() const { return engine_->NewSnapshot(); }

absl::StatusOr<NewbornId> Registry::NewbornByClaim(const certs::Digest& claim) const {
  ASSIGN_OR_RETURN(const std::string value,
                   engine_->NewSnapshot()->Get(Family::kClaims, DigestKey(claim)));
  const std::optional<NewbornId> id = NewbornId::FromBytes(value);
  if (!id) return Damaged(Family::kClaims);
  return *id;
}

absl::StatusOr<storage::v1::Newborn> Registry::Newborn(const NewbornId& id) const {
  return Read<storage::v1::Newborn>(*engine_->NewSnapshot(), Family::kNewborns, IdKey(id));
}

absl::StatusOr<StoredDelivery> Registry::Delivery(const DeliveryId& id) const {
  const auto snapshot = engine_->NewSnapshot();
  StoredDelivery delivery;
  delivery.id = id;
  ASSIGN_OR_RETURN(delivery.head,
                   Read<storage::v1::DeliveryHead>(*snapshot, Family::kDeliveries, IdKey(id)));
  if (!delivery.head.has_body()) return delivery;
  const auto body =
      ReadSealed(*snapshot, *sealer_, Family::kBodies, BodyKey(BodyKind::kDelivery, id));
  if (!body.ok()) return Promised(Family::kBodies, body.status());
  absl::StatusOr<certs::Delivery> record = certs::ParseDelivery(*body);
  if (!record.ok()) return Damaged(Family::kBodies);
  delivery.record = *std::move(record);
  return delivery;
}

absl::StatusOr<std::string> Registry::RawMessage(const DeliveryId& delivery_id) const {
  return ReadSealed(*engine_->NewSnapshot(), *sealer_, Family::kBodies,
                    BodyKey(BodyKind::kRawMessage, delivery_id));
}

absl::StatusOr<StoredCase> Registry::Case(const CaseId& id) const {
  const auto snapshot = engine_->NewSnapshot();
  StoredCase stored;
  stored.id = id;
  ASSIGN_OR_RETURN(stored.head, Read<storage::v1::CaseHead>(*snapshot, Family::kCases, IdKey(id)));
  const auto bytes = ReadSealed(*snapshot, *sealer_, Family::kBodies, BodyKey(BodyKind::kCase, id));
  if (!bytes.ok()) return Promised(Family::kBodies, bytes.status());
  absl::StatusOr<CaseBody> body = DecodeCaseBody(*bytes);
  if (!body.ok()) return Damaged(Family::kBodies);
  stored.body = *std::move(body);
  return stored;
}

absl::StatusOr<storage::v1::CaseHead> Registry::CaseHead(const CaseId& id) const {
  return Read<storage::v1::CaseHead>(*engine_->NewSnapshot(), Family::kCases, IdKey(id));
}

absl::StatusOr<certs::StatusIndex> Registry::StatusIndexOf(
    absl::string_view number_or_licence_id) const {
  const auto snapshot = engine_->NewSnapshot();
  ASSIGN_OR_RETURN(const std::string value,
                   snapshot->Get(Family::kLicences, LicenceKey(number_or_licence_id)));
  const std::optional<uint64_t> index = ParseBigEndian64(value);
  if (!index) return Damaged(Family::kLicences);
  // An index that was re-pointed must not hand out another child's certificate.
  const absl::StatusOr<std::string> bytes = snapshot->Get(Family::kCertificates, value);
  if (absl::IsNotFound(bytes.status()))
    return certs::StatusIndex(*index);  // reserved, not issued yet
  if (!bytes.ok()) return bytes.status();
  ASSIGN_OR_RETURN(const auto head,
                   Parse<storage::v1::CertificateHead>(Family::kCertificates, *bytes));
  if (head.reservation().certificate_number() != number_or_licence_id &&
      head.reservation().licence_id() != number_or_licence_id) {
    return Damaged(Family::kLicences);
  }
  return certs::StatusIndex(*index);
}

absl::StatusOr<storage::v1::CertificateHead> Registry::Certificate(
    certs::StatusIndex status_index) const {
  ASSIGN_OR_RETURN(
      auto head, Read<storage::v1::CertificateHead>(*engine_->NewSnapshot(), Family::kCertificates,
                                                    IndexKey(status_index)));
  if (store::StatusIndexOf(head.reservation()) != status_index) {
    return Damaged(Family::kCertificates);
  }
  return head;
}

absl::StatusOr<storage::v1::Institution> Registry::Institution(absl::string_view code) const {
  return Read<storage::v1::Institution>(*engine_->NewSnapshot(), Family::kRegistry,
                                        RegistryKey(RegistryKind::kInstitution, code));
}

absl::StatusOr<storage::v1::Operator> Registry::Operator(absl::string_view id) const {
  return Read<storage::v1::Operator>(*engine_->NewSnapshot(), Family::kRegistry,
                                     RegistryKey(RegistryKind::kOperator, id));
}

absl::StatusOr<storage::v1::Client> Registry::Client(absl::string_view certificate_sm3) const {
  return Read<storage::v1::Client>(*engine_->NewSnapshot(), Family::kRegistry,
                                   RegistryKey(RegistryKind::kClient, certificate_sm3));
}

absl::StatusOr<storage::v1::SealRecord> Registry::Seal(absl::string_view institution_code) const {
  return Read<storage::v1::SealRecord>(*engine_->NewSnapshot(), Family::kRegistry,
                                       RegistryKey(RegistryKind::kSeal, institution_code));
}

absl::StatusOr<storage::v1::Meta> Registry::Meta() const {
  return Read<storage::v1::Meta>(*engine_->NewSnapshot(), Family::kMeta, MetaKey());
}

absl::StatusOr<std::vector<storage::v1::Reservation>> Registry::OpenReservations(
    size_t limit, std::optional<IntentKey> from, std::optional<IntentKey>* next) const {
  std::vector<storage::v1::Reservation> open;
  bool damaged = false;
  std::optional<IntentKey> more;
  RETURN_IF_ERROR(engine_->NewSnapshot()->Scan(
      Family::kReservations, "", from ? IndexKey(*from) : "",
      [&](absl::string_view key, absl::string_view value) {
        if (open.size() >= limit) {
          more = ParseIntentKey(key);
          damaged = !more;
          return false;
        }
        damaged = !open.emplace_back().ParseFromArray(value.data(), static_cast<int>(value.size()));
        return !damaged;
      }));
  if (damaged) return Damaged(Family::kReservations);
  if (next != nullptr) *next = more;
  return open;
}

absl::StatusOr<storage::v1::Reservation> Registry::OpenReservation(IntentKey intent) const {
  return Read<storage::v1::Reservation>(*engine_->NewSnapshot(), Family::kReservations,
                                        IndexKey(intent));
}

absl::StatusOr<Registry::ReviewPage> Registry::Reviews(absl::string_view facility,
                                                       absl::string_view token,
                                                       size_t limit) const {
  if (facility.empty()) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "ID_MISSING",
                        "a facility is needed: an empty one is none", "facility_code");
  }
  return ReviewsUnder(ReviewPrefix(facility), token, limit);
}

absl::StatusOr<Registry::ReviewPage> Registry::AllReviews(absl::string_view token,
                                                          size_t limit) const {
  return ReviewsUnder("", token, limit);
}

absl::StatusOr<Registry::ReviewPage> Registry::ReviewsUnder(const std::string& prefix,
                                                            absl::string_view token,
                                                            size_t limit) const {
  // A token is the last key of the page before, in hex.
  const std::string last = absl::HexStringToBytes(token);
  if (!token.empty() && (absl::BytesToHexString(last) != token || !ParseReviewKey(last) ||
                         !absl::StartsWith(last, prefix))) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN", "not a page token",
                        "page_token");
  }
  const auto snapshot = engine_->NewSnapshot();
  std::vector<std::string> keys;
  bool more = false;
  RETURN_IF_ERROR(snapshot->Scan(Family::kReviews, prefix, token.empty() ? "" : last + '\0',
                                 [&](absl::string_view key, absl::string_view) {
                                   more = keys.size() == limit;
                                   if (!more) keys.emplace_back(key);
                                   return !more;
                                 }));
  ReviewPage page;
  for (const std::string& key : keys) {
    StoredDelivery& review = page.reviews.emplace_back();
    const std::optional<DeliveryId> id = ParseReviewKey(key);
    if (!id) return Damaged(Family::kReviews);
    review.id = *id;
    auto head = Read<storage::v1::DeliveryHead>(*snapshot, Family::kDeliveries, IdKey(review.id));
    if (!head.ok()) return Promised(Family::kDeliveries, head.status());
    review.head = *std::move(head);
  }
  if (more && !keys.empty()) page.next_token = absl::BytesToHexString(keys.back());
  return page;
}

bool Registry::HasConstant(const certs::Digest& digest) const {
  {
    std::lock_guard lock(known_constants_->mutex);
    if (known_constants_->digests.count(digest) != 0) return true;
  }
  if (!engine_->NewSnapshot()->Get(Family::kConstants, DigestKey(digest)).ok()) return false;
  std::lock_guard lock(known_constants_->mutex);
  known_constants_->digests.insert(digest);
  return true;
}

std::string Registry::SealDeliveryBody(const DeliveryId& delivery_id,
                                       const certs::Delivery& record) const {
  return sealer_->Seal(Family::kBodies, BodyKey(BodyKind::kDelivery, delivery_id),
                       certs::Canonical(record));
}

std::string Registry::SealRawMessage(const DeliveryId& delivery_id, absl::string_view raw) const {
  return sealer_->Seal(Family::kBodies, BodyKey(BodyKind::kRawMessage, delivery_id), raw);
}

std::string Registry::SealCaseBody(const CaseId& case_id, const CaseBody& body) const {
  return sealer_->Seal(Family::kBodies, BodyKey(BodyKind::kCase, case_id), EncodeCaseBody(body));
}

std::string Registry::SealRecipe(certs::StatusIndex status_index, absl::string_view recipe) const {
  return sealer_->Seal(Family::kDocuments, IndexKey(status_index), recipe);
}

}  // namespace birthseal::store
