// SPDX-License-Identifier: Apache-2.0
// Typed reads for use cases, each from one engine snapshot; opens sealed values.
//
// Thread-safe. Disclosing reads are recorded by the caller (Access) before release.
// Errors: kNotFound; kDataLoss names the family, never content.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "birthseal/storage/v1/record.pb.h"
#include "certs/application.h"
#include "certs/delivery.h"
#include "certs/face.h"
#include "certs/proof/log_place.h"
#include "store/commands.h"

namespace birthseal::store {

class Engine;
class Snapshot;
class ValueSealer;

struct StoredDelivery {
  DeliveryId id;
  storage::v1::DeliveryHead head;
  certs::Delivery record;  // empty when head.has_body() is false
};

// What a case's sealed body holds.
struct CaseBody {
  certs::Application application;
  certs::FaceContent content;  // composed; meaningful for a fit case
};
std::string EncodeCaseBody(const CaseBody& body);
absl::StatusOr<CaseBody> DecodeCaseBody(absl::string_view bytes);

struct StoredCase {
  CaseId id;
  storage::v1::CaseHead head;
  CaseBody body;
};

// The file of a certificate, byte for byte; checked against its SM3. Errors: kDataLoss
// "DOCUMENT_DAMAGED".
absl::StatusOr<std::string> DocumentOf(const Snapshot& snapshot, const ValueSealer& sealer,
                                       certs::StatusIndex status_index);

class Registry {
 public:
  // Both outlive the registry.
  Registry(const Engine* engine, const ValueSealer* sealer);

  // For reads that belong together. Keep it for one call, not for long.
  std::unique_ptr<Snapshot> NewSnapshot() const;

  absl::StatusOr<NewbornId> NewbornByClaim(const certs::Digest& claim) const;
  absl::StatusOr<storage::v1::Newborn> Newborn(const NewbornId& id) const;
  absl::StatusOr<StoredDelivery> Delivery(const DeliveryId& id) const;
  absl::StatusOr<std::string> RawMessage(const DeliveryId& delivery_id) const;
  absl::StatusOr<StoredCase> Case(const CaseId& id) const;
  absl::StatusOr<storage::v1::CaseHead> CaseHead(const CaseId& id) const;

  absl::StatusOr<certs::StatusIndex> StatusIndexOf(absl::string_view number_or_licence_id) const;
  absl::StatusOr<storage::v1::CertificateHead> Certificate(certs::StatusIndex status_index) const;
  // The file, byte for byte; checked against its SM3.
  absl::StatusOr<std::string> Document(certs::StatusIndex status_index) const;

  absl::StatusOr<storage::v1::Institution> Institution(absl::string_view code) const;
  absl::StatusOr<storage::v1::Operator> Operator(absl::string_view id) const;
  absl::StatusOr<storage::v1::Client> Client(absl::string_view certificate_sm3) const;
  absl::StatusOr<storage::v1::SealRecord> Seal(absl::string_view institution_code) const;
  absl::StatusOr<storage::v1::Meta> Meta() const;

  // Reservations whose issue has not committed: the finisher's work, oldest first; those whose
  // INTENT is at `from` or later; nothing: all. `next`: from where there are more; nothing: no
  // more.
  absl::StatusOr<std::vector<storage::v1::Reservation>> OpenReservations(
      size_t limit, std::optional<IntentKey> from = std::nullopt,
      std::optional<IntentKey>* next = nullptr) const;
  // The open one of this INTENT. Errors: kNotFound also when it has ended.
  absl::StatusOr<storage::v1::Reservation> OpenReservation(IntentKey intent) const;
  struct ReviewPage {
    std::vector<StoredDelivery> reviews;  // heads only
    std::string next_token;
  };
  // Open reviews of the facility (empty: of all), oldest first. `token` is empty or of the page
  // before. Errors: kInvalidArgument "PAGE_TOKEN".
  absl::StatusOr<ReviewPage> Reviews(absl::string_view facility, absl::string_view token,
                                     size_t limit) const;
  // Of a log epoch; this and what follows take kCurrentEpoch. At most `count`, fewer at the end of
  // the epoch.
  absl::StatusOr<std::vector<std::string>> Leaves(certs::LeafIndex first, size_t count,
                                                  certs::LogEpoch epoch) const;
  // The same with the changes of the uniqueness map that each leaf brought: what witnesses follow
  // (certs/proof/log_update.h). Canonical bytes.
  struct LogUpdate {
    std::string leaf;
    std::vector<std::string> changes;
  };
  absl::StatusOr<std::vector<LogUpdate>> Updates(certs::LogEpoch epoch, certs::LeafIndex first,
                                                 size_t count) const;
  // RFC 9162 path of a leaf in the tree of `size`.
  absl::StatusOr<std::vector<certs::Digest>> InclusionPath(certs::LeafIndex index,
                                                           certs::LogSize size,
                                                           certs::LogEpoch epoch) const;
  // RFC 9162 consistency path between two sizes of one log epoch.
  absl::StatusOr<std::vector<certs::Digest>> ConsistencyPath(certs::LogSize old_size,
                                                             certs::LogSize new_size,
                                                             certs::LogEpoch epoch) const;
  // Of a certificate, once a witnessed checkpoint covers it.
  absl::StatusOr<storage::v1::StoredReceipt> StoredReceipt(certs::StatusIndex status_index) const;
  // A witnessed checkpoint that receipts stand on: a signed note.
  absl::StatusOr<std::string> Checkpoint(const certs::LogPosition& position) const;
  // True when this constant part is stored already.
  bool HasConstant(const certs::Digest& digest) const;

  // Bodies are sealed for these places; ids as in the command.
  std::string SealDeliveryBody(const DeliveryId& delivery_id, const certs::Delivery& record) const;
  std::string SealRawMessage(const DeliveryId& delivery_id, absl::string_view raw) const;
  std::string SealCaseBody(const CaseId& case_id, const CaseBody& body) const;
  std::string SealRecipe(certs::StatusIndex status_index, absl::string_view recipe) const;

 private:
  struct KnownConstants;

  const Engine* engine_;
  const ValueSealer* sealer_;
  std::shared_ptr<KnownConstants> known_constants_;  // never erased, so what was seen stays
};

}  // namespace birthseal::store
