// SPDX-License-Identifier: Apache-2.0
// Identity: deliveries and claims, and the uniqueness map that shows them to outsiders.
#include "absl/strings/str_cat.h"
#include "certs/lifecycle.h"
#include "certs/proof/map_proof.h"
#include "store/log/uniqueness_map.h"
#include "tests/simulation/model.h"

namespace birthseal::simulation {

using store::Family;
using store::Snapshot;

void Model::ObserveDelivery(const Snapshot& snapshot, const std::string& id) {
  const auto head = Read<storage::v1::DeliveryHead>(snapshot, Family::kDeliveries, id);
  if (!head.has_value()) return Fail("a delivery that was answered is missing");
  std::string& newborn = deliveries_[id];
  if (leaving_[id].count(head->newborn_id()) > 0) newborn = head->newborn_id();
  if (head->newborn_id() != newborn) Fail("a delivery moved to another newborn");
}

uint64_t Model::ValidOf(const std::string& newborn) const {
  for (const auto& [status, certificate] : certificates_) {
    if (certificate.head.reservation().newborn_id() == newborn &&
        certificate.head.state() == static_cast<int>(certs::CertificateState::kValid)) {
      return status;
    }
  }
  return 0;
}

// Whoever knows a birth's facts is shown, under the stored root, the one certificate they lead to.
// In the laboratory a claim is its own label.
void Model::ObserveMap(const Snapshot& snapshot, const storage::v1::Meta& meta) {
  const certs::Digest root = certs::DigestFrom(meta.map_root()).value_or(certs::Digest{});
  for (const std::string& claim : mother_claims_) {
    const certs::MapLabel label = certs::MapLabelFrom(claim).value();
    const auto owner = snapshot.Get(Family::kClaims, claim);
    const uint64_t expected = owner.ok() ? ValidOf(*owner) : 0;
    const absl::StatusOr<certs::MapProof> proof = store::ProveLabel(snapshot, label);
    if (!proof.ok()) return Fail(absl::StrCat("the map cannot prove: ", proof.status().message()));
    const auto value = certs::CheckMapProof(*proof, root);
    if (!value.ok() || proof->label != label) return Fail("a proof of the map does not hold");
    if (value->value_or(0) != expected) {
      Fail(absl::StrCat("the map shows certificate ", value->value_or(0), ", in force is ",
                        expected));
    }
  }
}

}  // namespace birthseal::simulation
