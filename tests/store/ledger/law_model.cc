// SPDX-License-Identifier: Apache-2.0
#include "tests/store/ledger/law_model.h"

#include <set>
#include <vector>

#include "certs/proof/leaf.h"
#include "certs/proof/log_update.h"
#include "certs/proof/merkle.h"
#include "store/fsck/fsck.h"
#include "store/keys.h"
#include "store/ledger/step.h"
#include "store/meta.h"
#include "store/reads/registry.h"
#include "tests/store/ledger/registry_driver.h"

namespace birthseal::tests {
namespace {

using certs::CertificateState;
using certs::LeafKind;
using store::Family;

// The map is that of the model, and a witness that saw every leaf and change agrees.
void CheckMap(const store::Engine& engine, const LawModel& model) {
  const auto snapshot = engine.NewSnapshot();
  const auto meta = store::MetaOf(*snapshot);
  ASSERT_OK(meta);
  EXPECT_EQ(meta->map_labels(), model.map.size());
  const certs::Digest root = store::MapRootOf(*meta);
  EXPECT_EQ(root, NaiveRoot(model.map));
  for (const auto& [label, value] : model.map) {
    const auto proof = store::ProveLabel(*snapshot, label);
    ASSERT_OK(proof);
    EXPECT_EQ(certs::CheckMapProof(*proof, root).value(), value);
  }
  certs::LogFollower witness{certs::LogState()};
  const auto updates = store::Registry(&engine, nullptr)
                           .Updates(certs::LogEpoch(1), certs::LeafIndex(0), meta->log_size() + 1);
  ASSERT_OK(updates);
  EXPECT_EQ(updates->size(), meta->log_size());
  for (const auto& update : *updates) ASSERT_OK(witness.Follow(update.leaf, update.changes));
  certs::TreeHead head;
  head.size = meta->log_size();
  head.map_root = root;
  head.root = store::LogRootOf(*meta).value();
  EXPECT_OK(witness.CheckHead(head));
}

void CheckNewborns(const store::Engine& engine, const LawModel& model) {
  ASSERT_OK(engine.NewSnapshot()->Scan(
      Family::kNewborns, "", "", [&](absl::string_view key, absl::string_view value) {
        storage::v1::Newborn newborn;
        EXPECT_TRUE(newborn.ParseFromString(std::string(value)));
        const std::string id(key);
        EXPECT_EQ(newborn.valid_certificate(), model.ValidOf(id));
        const auto slot = model.slots.find(id);
        EXPECT_EQ(newborn.slot_case(), slot == model.slots.end() ? std::string() : slot->second);
        return true;
      }));
}

// Root and status follow from the leaves alone.
void CheckLog(const store::Engine& engine, const LawModel& model) {
  std::vector<certs::Digest> hashes;
  std::map<uint64_t, bool> valid;
  std::set<uint64_t> open;
  const auto snapshot = engine.NewSnapshot();
  ASSERT_OK(snapshot->Scan(Family::kLeaves, "", "", [&](absl::string_view, absl::string_view v) {
    const auto leaf = certs::ParseLeaf(v);
    EXPECT_OK(leaf);
    if (leaf->kind == LeafKind::kIntent) open.insert(hashes.size());
    if (leaf->kind == LeafKind::kIssued || leaf->kind == LeafKind::kCancelled) {
      EXPECT_EQ(open.erase(leaf->intent_index - 1), 1u);
    }
    if (leaf->kind == LeafKind::kIssued) valid[leaf->status_index] = true;
    if (leaf->kind == LeafKind::kVoided) valid[leaf->status_index] = false;
    hashes.push_back(certs::LeafHash(v));
    return true;
  }));
  const auto state = store::ReadState(*snapshot);
  ASSERT_OK(state);
  EXPECT_EQ(state->meta.log_size(), hashes.size());
  EXPECT_EQ(state->meta.log_root(), certs::Bytes(certs::RootOf(hashes)));
  EXPECT_EQ(open.size(), model.open.size());
  EXPECT_EQ(valid.size(), model.certificates.size());
  for (const auto& [index, certificate] : model.certificates) {
    EXPECT_EQ(valid[index], certificate.state == CertificateState::kValid);
  }
}

void CheckAudit(const store::Engine& engine) {
  std::string previous;
  uint64_t count = 0;
  const auto snapshot = engine.NewSnapshot();
  ASSERT_OK(snapshot->Scan(Family::kAudit, "", "", [&](absl::string_view, absl::string_view v) {
    storage::v1::AuditEntry entry;
    EXPECT_TRUE(entry.ParseFromString(std::string(v)));
    EXPECT_EQ(entry.previous_sm3(), previous);
    previous = certs::Bytes(certs::Sm3Of(v));
    return ++count, true;
  }));
  const auto state = store::ReadState(*snapshot);
  ASSERT_OK(state);
  EXPECT_EQ(state->meta.audit_head(), previous);
  EXPECT_EQ(state->meta.next_audit(), count);
}

// The check of a store at rest finds nothing in one that was never touched. Bodies are not real
// here.
void CheckBytes(const store::Engine& engine) {
  store::FsckOptions options;
  options.index_key = kIndexKey;
  for (const auto& finding : store::CheckStore(*engine.NewSnapshot(), options).findings) {
    ADD_FAILURE() << store::ToLine(finding);
  }
}

void CheckCertificates(const store::Engine& engine, const LawModel& model) {
  std::set<std::string> used;
  for (const auto& [index, certificate] : model.certificates) {
    const auto head =
        Stored<storage::v1::CertificateHead>(engine, Family::kCertificates, store::IndexKey(index));
    EXPECT_EQ(head.state(), static_cast<int>(certificate.state));
    EXPECT_EQ(head.reservation().certificate_number(), certificate.number);
    EXPECT_TRUE(used.insert(certificate.number).second) << "I4";
  }
}

void CheckNumbers(const store::Engine& engine, const LawModel& model) {
  for (const auto& [number, state] : model.numbers) {
    const auto record =
        Stored<storage::v1::NumberRecord>(engine, Family::kNumbers, store::NumberKey(number));
    EXPECT_EQ(record.state(), static_cast<int>(state)) << number;
  }
}

}  // namespace

void CheckAgainst(const LawModel& model, const store::Engine& engine) {
  CheckNewborns(engine, model);
  CheckLog(engine, model);
  CheckMap(engine, model);
  CheckAudit(engine);
  CheckBytes(engine);
  CheckCertificates(engine, model);
  CheckNumbers(engine, model);
}

}  // namespace birthseal::tests
