// SPDX-License-Identifier: Apache-2.0
// What the check says of the uniqueness map, checkpoints and receipts, finding by finding.
#include "certs/proof/checkpoint.h"
#include "certs/proof/log_update.h"
#include "certs/proof/map_proof.h"
#include "certs/proof/merkle.h"
#include "store/log/uniqueness_map.h"
#include "store/meta.h"
#include "tests/store/fsck/fsck_rows.h"

namespace birthseal::tests {
namespace {

using certs::Leaf;
using certs::LeafKind;
using certs::MapLabel;
using storage::v1::Meta;
using storage::v1::StoredReceipt;
using store::Family;
using store::IndexKey;

class FsckMapTest : public FsckRowsTest {
 protected:
  static std::string MetaPlace() { return store::MetaKey(); }
  Meta Counters() const { return Stored<Meta>(engine_, Family::kMeta, store::MetaKey()); }
  std::string AnyKey(Family family) const { return All(family).at(0).first; }
  MapLabel LabelOfNewborn(uint64_t status_index) const {
    return certs::MapLabelFrom(
               Stored<storage::v1::Newborn>(engine_, Family::kNewborns, NewbornKey(status_index))
                   .map_labels(0))
        .value();
  }
  // The page that holds a label of this value.
  std::string PageOf(uint64_t value) const {
    for (const auto& [key, bytes] : All(Family::kMapPages)) {
      const auto page = store::MapPage::Decode(key, bytes);
      if (!page.ok()) continue;
      for (const auto& leaf : page->leaves()) {
        if (leaf.value == value) return key;
      }
    }
    ADD_FAILURE() << "no page holds " << value;
    return "";
  }
  // Void labels beside one that is there, so that both lie in a page of their own.
  std::string GrowPages() {
    const auto snapshot = engine_.NewSnapshot();
    store::MapUpdater updater(store::MapReader(snapshot.get(), store::MapRootOf(Counters())));
    MapLabel near = LabelOfNewborn(4);
    near[31] ^= 1;
    EXPECT_OK(updater.Change(near, 0));
    store::WriteBatch batch;
    updater.PutInto(&batch);
    for (const auto& change : batch.changes) Put(change.family, change.key, change.value);
    ChangeMeta([&](Meta& m) { m.set_map_root(certs::Bytes(updater.root())); });
    return store::MapPageKey(1, near);
  }
  // A map change of certificate 4, its ISSUED.
  std::string ChangeKey() const { return store::MapChangeKey(Head(4).issued_leaf(), 0); }
  storage::v1::StoredReceipt Receipt(uint64_t index) const {
    return Stored<StoredReceipt>(engine_, Family::kReceipts, IndexKey(index));
  }
  static std::string NoteOf(const certs::TreeHead& head) {
    return certs::FormatCheckpoint(certs::CheckpointBody(head),
                                   {{"log.example", "hash", "signature that nobody checks"}});
  }
};

TEST_F(FsckMapTest, APageOfTheMapThatIsNotItsParentsIsNamed) {
  // The two labels of the first page are void, those of the second lead to no certificate either.
  const std::string stray = store::MapPageKey(1, MapLabel{});
  store::MapPage page;
  for (int branch = 0; branch < 2; ++branch) {
    MapLabel label{};
    label[0] = static_cast<uint8_t>(branch);
    page.SetLeaf(branch, {label, 0});
  }
  const std::string top = store::MapPageKey(0, MapLabel{});
  const std::string below = store::MapPageKey(1, LabelOfNewborn(4));
  ExpectNamed({
      {"undecodable", [&] { Put(Family::kMapPages, top, "junk"); }, Family::kMapPages, top,
       "PAGE_ALTERED"},
      {"root", [&] { ChangeMeta([](auto& m) { m.set_map_root(std::string(32, 'm')); }); },
       Family::kMapPages, top, "PAGE_ALTERED"},
      {"that no parent has", [&] { Put(Family::kMapPages, stray, page.Encode()); },
       Family::kMapPages, stray, "PAGE_OF_NOTHING"},
      {"that its parent knows otherwise",
       [&] {
         ASSERT_EQ(GrowPages(), below);
         store::MapPage other = *store::MapPage::Decode(below, Get(Family::kMapPages, below));
         MapLabel third = LabelOfNewborn(4);
         third[0] = static_cast<uint8_t>(third[0] ^ 1);  // another branch of this page
         other.SetLeaf(store::NibbleAt(third, 1), {third, 0});
         Put(Family::kMapPages, below, other.Encode());
       },
       Family::kMapPages, below, "PAGE_ALTERED", Named(Family::kMapPages, top)},
      {"that its parent lacks",
       [&] {
         ASSERT_EQ(GrowPages(), below);
         Erase(Family::kMapPages, below);
       },
       Family::kMapPages, below, "MISSING", Named(Family::kMapPages, top)},
  });
}

TEST_F(FsckMapTest, ALabelThatLeadsToTheWrongNewbornIsNamed) {
  const std::string page = PageOf(4), newborn = NewbornKey(4);
  ExpectNamed({
      {"no newborn", [&] { ChangeReservation(4, [](auto& r) { r.clear_newborn_id(); }); },
       Family::kMapPages, page, "LABEL_LEADS_ELSEWHERE"},
      {"no certificate", [&] { Erase(Family::kCertificates, IndexKey(4)); }, Family::kMapPages,
       page, "LABEL_LEADS_ELSEWHERE"},
      {"none in force",
       [&] { ChangeNewborn(newborn, [](auto& n) { n.set_valid_certificate(0); }); },
       Family::kMapPages, page, "LABEL_LEADS_ELSEWHERE"},
      {"none in force, and the document is lost",
       [&] {
         ChangeHead(4, [](auto& h) { h.set_document_lost(true); });
         ChangeNewborn(newborn, [](auto& n) { n.set_valid_certificate(0); });
       },
       Family::kMapPages, page, "LABEL_LEADS_ELSEWHERE"},
      {"another label",
       [&] { ChangeNewborn(newborn, [](auto& n) { n.set_map_labels(0, std::string(32, 'l')); }); },
       Family::kMapPages, page, "LABEL_LEADS_ELSEWHERE"},
      {"newborn's own",
       [&] { ChangeNewborn(newborn, [](auto& n) { n.set_valid_certificate(2); }); },
       Family::kNewborns, newborn, "LABEL_LEADS_ELSEWHERE"},
      {"no labels", [&] { ChangeNewborn(newborn, [](auto& n) { n.clear_map_labels(); }); },
       Family::kNewborns, newborn, "LABEL_MISSING"},
      {"one twice",
       [&] { ChangeNewborn(newborn, [](auto& n) { n.add_map_labels(n.map_labels(0)); }); },
       Family::kNewborns, newborn, "LABEL_ALTERED"},
      {"none at all", [&] { ChangeNewborn(newborn, [](auto& n) { n.add_map_labels("short"); }); },
       Family::kNewborns, newborn, "LABEL_ALTERED"},
  });
}

TEST_F(FsckMapTest, AChangeOfTheMapThatCannotBeIsNamed) {
  const std::string key = ChangeKey();
  const uint64_t issued = Head(4).issued_leaf();
  const auto changed = [&](const std::function<void(certs::MapChange&)>& change) {
    return [this, key, change] {
      certs::MapChange parsed = *certs::ParseMapChange(Get(Family::kMapChanges, key));
      change(parsed);
      Put(Family::kMapChanges, key, certs::Canonical(parsed));
    };
  };
  const auto as_kind = [&](LeafKind kind) {
    return [this, issued, kind] { ChangeLeaf(issued, [kind](Leaf& l) { l.kind = kind; }); };
  };
  ExpectNamed({
      {"key", [&] { Put(Family::kMapChanges, "odd", Get(Family::kMapChanges, key)); },
       Family::kMapChanges, "odd", "KEY"},
      {"unreadable", [&] { Put(Family::kMapChanges, key, "junk"); }, Family::kMapChanges, key,
       "RECORD_UNREADABLE"},
      {"of another map", changed([](auto& c) { c.before.siblings.at(0)[0] ^= 1; }),
       Family::kMapChanges, key, "CHAIN_BROKEN"},
      {"of another value", changed([](auto& c) { c.value = 2; }), Family::kMapChanges, key,
       "CHANGE_WITHOUT_RIGHT"},
      {"of an intent", as_kind(LeafKind::kIntent), Family::kMapChanges, key,
       "CHANGE_WITHOUT_RIGHT"},
      {"of a voiding", as_kind(LeafKind::kVoided), Family::kMapChanges, key,
       "CHANGE_WITHOUT_RIGHT"},
      {"of no leaf", [&] { Erase(Family::kLeaves, IndexKey(issued)); }, Family::kLeaves,
       IndexKey(issued), "MISSING"},
      {"a label of nobody",
       [&] { ChangeNewborn(NewbornKey(4), [](auto& n) { n.clear_map_labels(); }); },
       Family::kMapChanges, key, "LABEL_OF_ANOTHER"},
      {"where they lead",
       [&] { ChangeMeta([](auto& m) { m.set_map_root(std::string(32, 'm')); }); }, Family::kMeta,
       MetaPlace(), "MAP_ROOT_DIFFERS"},
  });
}

TEST_F(FsckMapTest, ACheckpointThatIsNotOfItsPlaceIsNamed) {
  const std::string key = AnyKey(Family::kCheckpoints), note = Get(Family::kCheckpoints, key);
  const certs::TreeHead head = certs::ParseCheckpoint(note)->head;
  certs::TreeHead empty = head, root = head;
  empty.size = 0;
  empty.root = certs::EmptyRoot();
  root.root[0] ^= 1;
  const std::string small = IndexKey(store::PlaceOf(certs::LogEpoch(1), certs::LeafIndex(1)));
  const std::string later =
      IndexKey(store::PlaceOf(certs::LogEpoch(7), certs::LeafIndex(head.size)));
  ExpectNamed({
      {"unreadable", [&] { Put(Family::kCheckpoints, key, "junk"); }, Family::kCheckpoints, key,
       "RECORD_UNREADABLE"},
      {"no place", [&] { Put(Family::kCheckpoints, "odd", NoteOf(empty)); }, Family::kCheckpoints,
       "odd", "RECORD_UNREADABLE"},
      {"another place", [&] { Put(Family::kCheckpoints, small, note); }, Family::kCheckpoints,
       small, "RECORD_UNREADABLE"},
      {"of no epoch", [&] { Put(Family::kCheckpoints, later, note); }, Family::kCheckpoints, later,
       "BEYOND_THE_END"},
      {"root", [&] { Put(Family::kCheckpoints, key, NoteOf(root)); }, Family::kCheckpoints, key,
       "CHECKPOINT_NOT_OF_LOG"},
  });
}

TEST_F(FsckMapTest, AReceiptThatDoesNotCheckIsNamed) {
  const std::string key = IndexKey(4);
  const auto receipt = [&](const std::function<void(StoredReceipt&)>& change) {
    return [this, key, change] { Change(Family::kReceipts, key, change); };
  };
  const std::string two = Receipt(2).map_proof();
  const certs::TreeHead head = certs::ParseCheckpoint(All(Family::kCheckpoints).at(0).second)->head;
  ExpectNamed({
      {"no index",
       [&] {
         Put(Family::kCertificates, "odd", Get(Family::kCertificates, key));
         Put(Family::kReceipts, "odd", Get(Family::kReceipts, key));
       },
       Family::kReceipts, "odd", "KEY"},
      {"of no certificate",
       [&] { Put(Family::kReceipts, IndexKey(77), Get(Family::kReceipts, key)); },
       Family::kReceipts, IndexKey(77), "KEY"},
      {"epoch", receipt([](auto& r) { r.set_epoch(2); }), Family::kReceipts, key,
       "RECEIPT_NOT_COVERED"},
      // The size of a checkpoint that does not hold the leaf: one is as good as none.
      {"size", receipt([&](auto& r) { r.set_size(store::IndexAt(Head(4).issued_leaf()).value()); }),
       Family::kReceipts, key, "RECEIPT_NOT_COVERED"},
      {"no checkpoint", receipt([](auto& r) { r.set_size(1); }), Family::kCheckpoints,
       IndexKey(store::PlaceOf(certs::LogEpoch(1), certs::LeafIndex(1))), "MISSING",
       Named(Family::kReceipts, key)},
      {"no proof", receipt([](auto& r) { r.set_map_proof("junk"); }), Family::kReceipts, key,
       "RECEIPT_DOES_NOT_CHECK"},
      {"proof of another label", receipt([&](auto& r) { r.set_map_proof(two); }), Family::kReceipts,
       key, "RECEIPT_DOES_NOT_CHECK"},
      {"map",
       [&] {
         certs::TreeHead other = head;
         other.map_root[0] ^= 1;
         Put(Family::kCheckpoints, All(Family::kCheckpoints).at(0).first, NoteOf(other));
       },
       Family::kReceipts, key, "RECEIPT_DOES_NOT_CHECK"},
  });
}

}  // namespace
}  // namespace birthseal::tests
