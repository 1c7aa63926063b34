// SPDX-License-Identifier: Apache-2.0
// A mirror that lies: leaves that fit the map's rules and still cannot be, and good ones altered at
// random. Whatever comes is followed whole or refused whole, and ends nobody's process.
#include <functional>
#include <random>

#include "absl/strings/str_cat.h"
#include "certs/proof/leaf.h"
#include "store/fsck/fsck.h"
#include "tests/store/ledger/ledger_fixture.h"
#include "tests/store/restore/engine_mirror.h"
#include "tests/support/small_log.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using certs::LeafKind;
using Items = std::vector<store::RecoverLeaves::Item>;

// All that the store holds but the account of what was asked, as one digest.
certs::Digest ContentOf(const store::Engine& engine) {
  certs::Sm3 sum;
  const auto snapshot = engine.NewSnapshot();
  storage::v1::Meta meta;
  const auto stored = snapshot->Get(store::Family::kMeta, store::MetaKey());
  if (stored.ok()) EXPECT_TRUE(meta.ParseFromString(*stored));
  meta.clear_audit_head();
  meta.clear_next_audit();
  meta.clear_batch_sequence();
  meta.clear_ledger_time();
  meta.clear_fencing_epoch();
  sum.Add(meta.SerializeAsString());
  for (int i = 0; i < store::kFamilyCount; ++i) {
    const auto family = static_cast<store::Family>(i);
    if (family == store::Family::kAudit || family == store::Family::kMeta) continue;
    EXPECT_OK(snapshot->Scan(family, "", "", [&](absl::string_view key, absl::string_view value) {
      sum.Add(absl::StrCat(i, " ", key.size(), " ", value.size(), " "));
      sum.Add(key).Add(value);
      return true;
    }));
  }
  return sum.Finish();
}

class HostileMirrorTest : public LedgerTest {
 protected:
  // A store without leaves.
  void SetUp() override {
    Open();
    storage::v1::Institution record;
    record.set_code(kHospital);
    ASSERT_OK(driver_.Call1(store::PutInstitution{kHospital, record.SerializeAsString()}));
  }
  static Items ItemsOf(const SmallLog& log, size_t from = 0) {
    Items items;
    for (size_t i = from; i < log.updates.size(); ++i) {
      items.push_back({log.updates[i].leaf, log.updates[i].changes, {}});
    }
    return items;
  }
  absl::Status Recover(Items items) {
    return ledger_->Call(store::RecoverLeaves{std::move(items)}).status();
  }
  void ExpectRefused(Items items, const std::string& reason,
                     StatusCode code = StatusCode::kFailedPrecondition) {
    SCOPED_TRACE(reason);
    const certs::Digest before = ContentOf(engine_);
    EXPECT_THAT(Recover(std::move(items)), StatusIs(code, reason));
    EXPECT_EQ(ContentOf(engine_), before);
  }
  // A certificate in force, all from leaves.
  static SmallLog OneIssued() {
    SmallLog log;
    log.Intent(1);
    log.Issued(1, 1, {LabelOf(1)});
    return log;
  }
  void ExpectDoesNotContinue(const SmallLog& log) {
    ExpectRefused(ItemsOf(log), "MIRROR_DOES_NOT_CONTINUE");
  }
};

TEST_F(HostileMirrorTest, WhatContinuesIsFollowed) {
  SmallLog log = OneIssued();
  log.ClaimAdded(1, LabelOf(2));
  log.Voided(1, {LabelOf(1), LabelOf(2)});
  log.Add(SmallLog::LeafOf(LeafKind::kCancelled, 9));
  EXPECT_OK(Recover(ItemsOf(log)));
  EXPECT_EQ(Meta().log_size(), 5u);
  EXPECT_EQ(Meta().map_root(), certs::Bytes(log.MapRootAt(5)));
}

TEST_F(HostileMirrorTest, AnIntentTakesTheNextStatusIndexAndNoOther) {
  for (const uint64_t index : {uint64_t{0}, uint64_t{2}, ~uint64_t{0}}) {
    SmallLog log;
    log.Intent(index);
    ExpectDoesNotContinue(log);
  }
  SmallLog twice;
  twice.Intent(1);
  twice.Intent(1);
  ExpectDoesNotContinue(twice);
}

TEST_F(HostileMirrorTest, AnIssuedNeedsItsOwnIntentAndComesOnce) {
  for (const uint64_t intent : {uint64_t{0}, uint64_t{2}, uint64_t{3}, ~uint64_t{0}}) {
    SmallLog log;
    log.Intent(1);
    log.Intent(2);
    log.Issued(1, intent, {LabelOf(1)});
    ExpectDoesNotContinue(log);
  }
  SmallLog other;  // it names a leaf that is no INTENT
  other.Add(SmallLog::LeafOf(LeafKind::kCancelled, 1));
  other.Issued(1, 1, {LabelOf(1)});
  ExpectDoesNotContinue(other);
  SmallLog again = OneIssued();
  again.Issued(1, 1, {LabelOf(2)});
  ExpectDoesNotContinue(again);
}

// A fitting INTENT stands where the number would lead if nobody looked at its size.
TEST_F(HostileMirrorTest, AnIssuedNamesAnIntentOfItsOwnEpoch) {
  constexpr uint64_t kBeyond = uint64_t{1} << store::kPlaceBits;
  const std::pair<uint64_t, uint64_t> rows[] = {
      {0, ~uint64_t{0}},
      {kBeyond + 1, store::PlaceOf(certs::LogEpoch(2), certs::LeafIndex(0))},
      {~uint64_t{0}, ~uint64_t{0} - 1},
  };
  for (const auto& [intent, place] : rows) {
    const std::string key = store::IndexKey(place);
    PutPast(store::Family::kLeaves, key, Canonical(SmallLog::LeafOf(LeafKind::kIntent, 1)));
    SmallLog log;
    log.Intent(1);
    log.Issued(1, intent, {LabelOf(1)});
    ExpectDoesNotContinue(log);
    ErasePast(store::Family::kLeaves, key);
  }
}

// It would stand in records that can be written and never read again.
TEST_F(HostileMirrorTest, AnInstitutionIsNamedByACode) {
  for (const char* code : {"\xff\xfe", "1252\n", "12 52", "省"}) {
    certs::Leaf intent = SmallLog::LeafOf(LeafKind::kIntent, 1);
    intent.institution_code = code;
    SmallLog log;
    log.Add(intent);
    ExpectDoesNotContinue(log);
  }
}

TEST_F(HostileMirrorTest, ACertificateThatIsNotKnownIsNeitherVoidedNorGivenAClaim) {
  SmallLog claim;
  claim.ClaimAdded(7, LabelOf(1));
  ExpectDoesNotContinue(claim);
  claim.Voided(7, {LabelOf(1)});
  Items both = ItemsOf(claim);
  ExpectRefused(both, "MIRROR_DOES_NOT_CONTINUE");
  SmallLog twice = OneIssued();
  twice.Voided(1, {LabelOf(1)});
  twice.ClaimAdded(1, LabelOf(2));  // so that there is something to void
  twice.Voided(1, {LabelOf(2)});
  ExpectDoesNotContinue(twice);
}

TEST_F(HostileMirrorTest, ARecoveryEndsTheLogThatIsHereOrNothing) {
  ASSERT_OK(Recover(ItemsOf(OneIssued())));
  const SmallLog good = OneIssued().Recovered(2, 3);
  const certs::Leaf leaf = *certs::ParseLeaf(good.updates[0].leaf);
  const auto refuse = [&](const std::function<void(certs::Recovery*)>& change,
                          const std::string& reason, StatusCode code) {
    certs::Leaf changed = leaf;
    certs::Recovery recovery = *certs::ParseRecovery(leaf.detail);
    change(&recovery);
    changed.detail = Canonical(recovery);
    changed.commitment = certs::Commit("", changed.detail);
    ExpectRefused({{Canonical(changed), {}, {}}}, reason, code);
  };
  const std::vector<std::function<void(certs::Recovery*)>> lies = {
      [](certs::Recovery* r) { r->old_epoch = 2; }, [](certs::Recovery* r) { r->kept_size = 1; },
      [](certs::Recovery* r) { r->kept_root[0] ^= 1; },
      [](certs::Recovery* r) { r->kept_map_root[0] ^= 1; }};
  for (const auto& lie : lies) {
    refuse(lie, "MIRROR_DOES_NOT_CONTINUE", StatusCode::kFailedPrecondition);
  }
  refuse([](certs::Recovery* r) { r->lost_size = 1; }, "RECOVERY_FORM",
         StatusCode::kInvalidArgument);
  certs::Leaf other = leaf;
  other.commitment[0] ^= 1;
  ExpectRefused({{Canonical(other), {}, {}}}, "MIRROR_DOES_NOT_CONTINUE");
  ExpectRefused({{good.updates[0].leaf, {OneIssued().updates[1].changes}, {}}},
                "MIRROR_DOES_NOT_CONTINUE");
  SmallLog before = OneIssued();
  before.Intent(2);
  Items late = ItemsOf(before, 2);
  late.push_back({good.updates[0].leaf, {}, {}});
  ExpectRefused(late, "RECOVERY_OUT_OF_PLACE");
  EXPECT_OK(Recover(ItemsOf(good)));
  EXPECT_EQ(Meta().log_epoch(), 2u);
}

TEST_F(HostileMirrorTest, ANewbornThatHasNoneOfTheLabelsGetsNothing) {
  driver_.Enrol();
  const certs::NewbornId newborn = driver_.Accept(Birth{}).newborn_id;
  SmallLog log;  // the store's own leaves are not in it, but the map is as empty
  log.Intent(1);
  log.Issued(1, Meta().log_size() + 1, {LabelOf(1)});
  Items items = ItemsOf(log);
  items[1].newborn = newborn;
  ExpectRefused(items, "MIRROR_DOES_NOT_CONTINUE");
  items[1].newborn = driver_.NewId<certs::NewbornId>();
  ExpectRefused(items, "NEWBORN_UNKNOWN", StatusCode::kNotFound);
  items[1].newborn = {};
  EXPECT_OK(Recover(items));
}

// One to three changes to good leaves: fields, bytes, order, proofs, newborns.
class Liar {
 public:
  explicit Liar(uint64_t seed) : random_(seed) {}
  Items Lie(Items items, const std::vector<certs::NewbornId>& newborns) {
    for (size_t n = 1 + Below(3); n > 0 && !items.empty(); --n) {
      store::RecoverLeaves::Item& item = items[Below(items.size())];
      switch (Below(8)) {
        case 0:
          Flip(&item.leaf);
          break;
        case 1:
          if (!item.changes.empty()) Flip(&item.changes[Below(item.changes.size())]);
          break;
        case 2:
          item.changes.clear();
          break;
        case 3:
          item.changes = items[Below(items.size())].changes;
          break;
        case 4:
          item.newborn = newborns[Below(newborns.size())];
          break;
        case 5:
          std::swap(item, items[Below(items.size())]);
          break;
        case 6:
          items.erase(items.begin() + static_cast<ptrdiff_t>(Below(items.size())));
          break;
        default:
          item.leaf = Altered(item.leaf);
      }
    }
    return items;
  }

 private:
  size_t Below(size_t n) { return random_() % n; }
  void Flip(std::string* bytes) {
    if (!bytes->empty()) (*bytes)[Below(bytes->size())] ^= static_cast<char>(1 << Below(8));
  }
  std::string Altered(const std::string& bytes) {
    absl::StatusOr<certs::Leaf> leaf = certs::ParseLeaf(bytes);
    if (!leaf.ok()) return bytes;
    switch (Below(4)) {
      case 0:
        leaf->kind = static_cast<LeafKind>(1 + Below(10));
        break;
      case 1:
        leaf->status_index = Below(3) == 0 ? random_() : Below(12);
        break;
      case 2:
        leaf->intent_index = Below(3) == 0 ? random_() : Below(40);
        break;
      default:
        leaf->institution_code = Below(2) == 0 ? kOtherHospital : "";
    }
    return Canonical(*leaf);
  }
  std::mt19937_64 random_;
};

TEST_F(HostileMirrorTest, GoodLeavesAlteredAtRandomAreFollowedWholeOrRefusedWhole) {
  driver_.Enrol();
  Birth birth;
  std::vector<store::DeliveryAnswer> deliveries;
  for (int n = 1; n <= 4; ++n) {
    birth.record = absl::StrCat("B", n);
    birth.mother = absl::StrCat("PASSPORT", n);
    deliveries.push_back(driver_.Accept(birth));
  }
  driver_.Issued(deliveries[0]);
  const auto waiting = driver_.Reserved(driver_.ApprovedCase(deliveries[1]));
  const auto backup = CopyOf(engine_);
  const uint64_t size = Meta().log_size();
  ASSERT_OK(driver_.Call1(driver_.Issue(waiting.intent_index())));
  driver_.Issued(deliveries[2]);
  ASSERT_OK(driver_.Call1(store::AnnounceProfile{"national-default", 2, certs::Sm3Of("p")}));
  ledger_.reset();
  const Items good = *EngineMirror(engine_).Read(1, size, 100);
  std::vector<certs::NewbornId> newborns = {driver_.NewId<certs::NewbornId>()};
  for (const auto& delivery : deliveries) newborns.push_back(delivery.newborn_id);

  std::unique_ptr<store::MemoryEngine> target;
  std::unique_ptr<store::Ledger> ledger;
  int followed = 0, refused = 0;
  for (uint64_t seed = 1; seed <= 3000; ++seed) {
    SCOPED_TRACE(seed);
    if (ledger == nullptr) {
      target = CopyOf(*backup);
      ledger = *store::Ledger::Open(target.get(), &clock_, options_);
    }
    const certs::Digest as_opened = ContentOf(*target);
    Items items = Liar(seed).Lie(good, newborns);
    const size_t count = items.size();
    const absl::Status status = ledger->Call(store::RecoverLeaves{std::move(items)}).status();
    if (!status.ok()) {
      ++refused;
      ASSERT_NE(status.code(), StatusCode::kInternal) << status;
      ASSERT_EQ(ContentOf(*target), as_opened) << status;
      continue;
    }
    ++followed;
    ledger.reset();
    const auto meta = Stored<storage::v1::Meta>(*target, store::Family::kMeta, store::MetaKey());
    ASSERT_EQ(meta.log_size(), size + count);
    for (const auto& finding : store::CheckStore(*target->NewSnapshot(), {}).findings) {
      ASSERT_NE(finding.code, "RECORD_UNREADABLE") << store::ToLine(finding);
    }
  }
  EXPECT_GT(followed, 50);
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace birthseal::tests
