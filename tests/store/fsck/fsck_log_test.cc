// SPDX-License-Identifier: Apache-2.0
// What the check says of counters, log, trail and outbox, finding by finding; and how it takes up
// again where it stood.
#include "absl/strings/str_join.h"
#include "store/log/merkle_log.h"
#include "tests/store/fsck/fsck_rows.h"

namespace birthseal::tests {
namespace {

using certs::Leaf;
using certs::LeafKind;
using storage::v1::AuditEntry;
using storage::v1::Meta;
using storage::v1::OutboxEvent;
using store::Family;
using store::IndexKey;

class FsckLogTest : public FsckRowsTest {
 protected:
  static std::string MetaPlace() { return store::MetaKey(); }
  Meta Counters() const { return Stored<Meta>(engine_, Family::kMeta, store::MetaKey()); }
  // The position of the leaf of this kind and certificate.
  uint64_t PositionOf(LeafKind kind, uint64_t status_index) const {
    for (const auto& [key, value] : All(Family::kLeaves)) {
      const auto leaf = certs::ParseLeaf(value);
      const std::optional<uint64_t> position = store::ParseBigEndian64(key);
      if (leaf.ok() && leaf->kind == kind && leaf->status_index == status_index && position) {
        return *position;
      }
    }
    ADD_FAILURE() << "no such leaf";
    return 0;
  }
};

TEST_F(FsckLogTest, CountersThatAreNotThoseOfTheStoreAreNamed) {
  const auto meta = [&](const char* name, const char* code,
                        const std::function<void(Meta&)>& change) {
    return FsckRow{name, [this, change] { ChangeMeta(change); }, Family::kMeta, MetaPlace(), code};
  };
  ExpectNamed({
      {"unreadable", [&] { Put(Family::kMeta, MetaPlace(), "\xff"); }, Family::kMeta, MetaPlace(),
       "RECORD_UNREADABLE"},
      meta("format", "FORMAT_UNKNOWN", [](auto& m) { m.set_format(99); }),
      {"key", [&] { Put(Family::kMeta, "odd", "x"); }, Family::kMeta, "odd", "KEY"},
      {"none", [&] { Erase(Family::kMeta, MetaPlace()); }, Family::kMeta, MetaPlace(), "MISSING"},
      meta("root", "ROOT_DIFFERS", [](auto& m) { m.set_log_root(std::string(32, 'r')); }),
      meta("issued", "COUNT_OF_CERTIFICATES",
           [](auto& m) { m.set_certificates_issued(m.certificates_issued() + 1); }),
      meta("voided", "COUNT_OF_CERTIFICATES",
           [](auto& m) { m.set_certificates_voided(m.certificates_voided() + 1); }),
      meta("labels", "COUNT_OF_LABELS", [](auto& m) { m.set_map_labels(m.map_labels() + 1); }),
  });
}

TEST_F(FsckLogTest, ALeafThatTellsNoStoryIsNamed) {
  const uint64_t cancelled = PositionOf(LeafKind::kCancelled, 6);
  const uint64_t issued = Head(4).issued_leaf();
  const std::string beyond =
      IndexKey(store::PlaceOf(certs::LogEpoch(1), certs::LeafIndex(Counters().log_size())));
  const std::string other_epoch = IndexKey(store::PlaceOf(certs::LogEpoch(9), certs::LeafIndex(0)));
  const std::string leaf = Get(Family::kLeaves, IndexKey(issued));
  ExpectNamed({
      {"cancels what is issued",
       [&] { ChangeLeaf(cancelled, [](Leaf& l) { l.status_index = 4; }); }, Family::kLeaves,
       IndexKey(cancelled), "NO_INTENT_TO_CANCEL"},
      {"cancels another intent",
       [&] { ChangeLeaf(cancelled, [](Leaf& l) { l.intent_index = 1; }); }, Family::kLeaves,
       IndexKey(cancelled), "NO_INTENT_TO_CANCEL"},
      {"intent that nothing ends",
       [&] { ChangeLeaf(cancelled, [](Leaf& l) { l.kind = LeafKind::kSealEnrolled; }); },
       Family::kCertificates, IndexKey(6), "MISSING",
       Named(Family::kLeaves, IndexKey(PositionOf(LeafKind::kIntent, 6)))},
      {"issued elsewhere", [&] { ChangeHead(4, [](auto& h) { h.set_issued_leaf(0); }); },
       Family::kCertificates, IndexKey(4), "HEAD_NOT_AS_LOGGED",
       Named(Family::kLeaves, IndexKey(issued))},
      {"unreadable", [&] { Put(Family::kLeaves, IndexKey(issued), "junk"); }, Family::kLeaves,
       IndexKey(issued), "LEAF_ALTERED"},
      {"beyond the end", [&] { Put(Family::kLeaves, beyond, leaf); }, Family::kLeaves, beyond,
       "BEYOND_THE_END"},
      {"of no epoch", [&] { Put(Family::kLeaves, other_epoch, leaf); }, Family::kLeaves,
       other_epoch, "BEYOND_THE_END"},
      {"no position", [&] { Put(Family::kLeaves, "odd", leaf); }, Family::kLeaves, "odd",
       "BEYOND_THE_END"},
  });
}

TEST_F(FsckLogTest, ANodeOfNothingIsNamed) {
  const std::string beyond = store::EpochNodeKey(1, 0, Counters().log_size());
  const std::string other_epoch = store::EpochNodeKey(9, 0, 0);
  const std::string hash(32, 'h');
  const std::string first = store::EpochNodeKey(1, 0, 0);
  ExpectNamed({
      {"altered", [&] { Put(Family::kNodes, first, hash); }, Family::kNodes, first, "NODE_ALTERED"},
      {"beyond the end", [&] { Put(Family::kNodes, beyond, hash); }, Family::kNodes, beyond,
       "BEYOND_THE_END"},
      {"of no epoch", [&] { Put(Family::kNodes, other_epoch, hash); }, Family::kNodes, other_epoch,
       "BEYOND_THE_END"},
      {"no node", [&] { Put(Family::kNodes, "odd", hash); }, Family::kNodes, "odd",
       "BEYOND_THE_END"},
  });
}

TEST_F(FsckLogTest, AnEntryOfTheTrailOrTheOutboxThatCannotBeIsNamed) {
  const Meta meta = Counters();
  const std::string last = IndexKey(meta.next_audit() - 1), middle = IndexKey(5);
  const auto event = [&](const char* name, const std::function<void(OutboxEvent&)>& change,
                         Family family, const std::string& key, const char* code,
                         const std::string& named = "") {
    return FsckRow{name,   [this, change] { Change(Family::kOutbox, IndexKey(0), change); },
                   family, key,
                   code,   named};
  };
  ExpectNamed({
      {"unreadable", [&] { Put(Family::kAudit, middle, "\xff"); }, Family::kAudit, middle,
       "RECORD_UNREADABLE"},
      {"altered",
       [&] { Change<AuditEntry>(Family::kAudit, middle, [](auto& e) { e.set_result("SAID"); }); },
       Family::kAudit, middle, "CHAIN_BROKEN"},
      {"its own link altered",
       [&] {
         Change<AuditEntry>(Family::kAudit, middle,
                            [](auto& e) { e.set_previous_sm3(std::string(32, 'p')); });
       },
       Family::kAudit, middle, "CHAIN_BROKEN"},
      {"the last altered",
       [&] { Change<AuditEntry>(Family::kAudit, last, [](auto& e) { e.set_result("SAID"); }); },
       Family::kAudit, last, "CHAIN_BROKEN"},
      {"no sequence", [&] { Put(Family::kAudit, "odd", Get(Family::kAudit, last)); },
       Family::kAudit, "odd", "BEYOND_THE_END"},
      {"beyond the end",
       [&] { Put(Family::kAudit, IndexKey(meta.next_audit()), Get(Family::kAudit, last)); },
       Family::kAudit, IndexKey(meta.next_audit()), "BEYOND_THE_END"},
      event(
          "status index", [](auto& e) { e.set_status_index(99); }, Family::kOutbox, IndexKey(0),
          "STATUS_INDEX_UNKNOWN"),
      event(
          "newborn", [](auto& e) { e.set_newborn_id("none"); }, Family::kNewborns, "none",
          "MISSING", Named(Family::kOutbox, IndexKey(0))),
  });
}

TEST_F(FsckLogTest, APositionIsReadBackOrIsNone) {
  store::FsckPosition position;
  position.sequence = 7, position.pass = 3, position.scan = 1, position.findings = 2;
  position.key = "k\xff";
  const std::string good = store::ToText(position);
  const auto read = store::ParsePosition(good);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(store::ToText(*read), good);
  const std::vector<std::string> lines = {"birthseal-fsck 1", "sequence 7", "pass 3", "scan 1",
                                          "key 6bff",         "findings 2", ""};
  const auto with = [&](size_t line, const std::string& text) {
    std::vector<std::string> changed = lines;
    changed[line] = text;
    return absl::StrJoin(changed, "\n");
  };
  ASSERT_EQ(with(6, ""), good);
  const std::vector<std::string> bad = {with(0, "birthseal-fsck 2"),
                                        with(1, "sequence x"),
                                        with(1, "sequel 7"),
                                        with(2, "pass x"),
                                        with(3, "scan x"),
                                        with(4, "key 6bf"),
                                        with(4, "key 6bfg"),
                                        with(4, "6bff"),
                                        with(5, "findings x"),
                                        good + "\n",
                                        good.substr(0, good.size() - 1)};
  for (const std::string& text : bad) {
    EXPECT_FALSE(store::ParsePosition(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace birthseal::tests
