// SPDX-License-Identifier: Apache-2.0
// The uniqueness map: pages, the labels of newborns, the changes that made it, and receipts.
#include <algorithm>
#include <optional>
#include <set>

#include "certs/lifecycle.h"
#include "certs/proof/checkpoint.h"
#include "certs/proof/leaf.h"
#include "certs/proof/log_update.h"
#include "store/fsck/fsck_parts.h"
#include "store/log/merkle_log.h"
#include "store/meta.h"

namespace birthseal::store::fsck {
namespace {

using certs::Digest;
using certs::LeafKind;
using certs::MapLabel;
using storage::v1::CertificateHead;
using storage::v1::Newborn;

bool HasLabel(const Newborn& newborn, const MapLabel& label) {
  const auto& labels = newborn.map_labels();
  return std::find(labels.begin(), labels.end(), certs::Bytes(label)) != labels.end();
}

// The newborn of a certificate; nothing: the passes over heads and newborns name what is wrong.
std::optional<Newborn> NewbornOf(Checker& check, uint64_t status_index) {
  const auto head = check.Find<CertificateHead>(Family::kCertificates, IndexKey(status_index));
  if (!head) return std::nullopt;
  return check.Find<Newborn>(Family::kNewborns, head->reservation().newborn_id());
}

// Known from the log alone, of a newborn that nobody here knows any more.
bool IsOfLostNewborn(Checker& check, uint64_t status_index) {
  const auto head = check.Find<CertificateHead>(Family::kCertificates, IndexKey(status_index));
  return head && head->document_lost() && head->reservation().newborn_id().empty();
}

// Labels that led to such certificates and are no newborn's. Reads all: for when counts differ.
uint64_t LabelsOfLostNewborns(Checker& check) {
  std::set<std::string> labels;
  check.Each(Family::kMapChanges, [&](const Place&, absl::string_view bytes) {
    const absl::StatusOr<certs::MapChange> change = certs::ParseMapChange(bytes);
    if (change.ok() && change->value != 0 && IsOfLostNewborn(check, change->value)) {
      labels.insert(certs::Bytes(change->before.label));
    }
  });
  if (labels.empty()) return 0;
  check.Each(Family::kNewborns, [&](const Place&, absl::string_view bytes) {
    Newborn newborn;
    newborn.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
    for (const std::string& label : newborn.map_labels()) labels.erase(label);
  });
  return labels.size();
}

// Pages in the order of their keys: level by level, children beside each other. Each has the hash
// that its parent has of it, so by induction the top one has that of all labels.
class Pages {
 public:
  explicit Pages(Checker& check) : check_(check) {}

  void Add(const Place& place, absl::string_view bytes) {
    const absl::StatusOr<MapPage> page = MapPage::Decode(place.key, bytes);
    if (!page.ok()) return check_.Bad(place, "PAGE_ALTERED");
    const int depth = static_cast<uint8_t>(place.key[0]);
    labels_ += page->leaves().size();
    if (depth == 0) {
      top_ = true;
      if (page->Hash() != MapRootOf(check_.meta)) check_.Bad(place, "PAGE_ALTERED");
    } else {
      CheckParent(place, depth);
    }
    for (int branch = 0; branch < kPageBranches; ++branch) {
      if (page->KindAt(branch) == MapPage::Branch::kSubtree) {
        CheckChild(place, *page, depth, branch);
      }
    }
    for (const MapLeaf& leaf : page->leaves()) CheckLeaf(place, leaf);
  }
  void Finish() {
    const Place meta{Family::kMeta, MetaKey()};
    if (!top_ && MapRootOf(check_.meta) != certs::kEmptySubtree) {
      check_.Need(Family::kMapPages, MapPageKey(0, MapLabel{}), meta);
    }
    const bool of_newborns = check_.resumed() || labels_ == check_.labels_of_newborns ||
                             labels_ == check_.labels_of_newborns + LabelsOfLostNewborns(check_);
    if (labels_ != check_.meta.map_labels() || !of_newborns) {
      check_.Bad(meta, "COUNT_OF_LABELS");
    }
  }

 private:
  // The label that begins with the nibbles of the key, then zeros.
  static MapLabel PrefixOf(const std::string& key) {
    certs::Digest prefix{};
    std::copy(key.begin() + 1, key.end(), prefix.begin());
    return MapLabel(prefix);
  }
  void CheckParent(const Place& place, int depth) {
    const MapLabel prefix = PrefixOf(place.key);
    const std::string key = MapPageKey(depth - 1, prefix);
    if (key != parent_key_) {  // siblings follow one another
      parent_key_ = key;
      parent_ = MapPage::Decode(key, check_.Get(Family::kMapPages, key).value_or(""));
    }
    // A parent that is absent or damaged is named as such.
    if (!check_.Need(Family::kMapPages, key, place) || !parent_.ok()) return;
    if (parent_->KindAt(NibbleAt(prefix, depth - 1)) != MapPage::Branch::kSubtree) {
      check_.Bad(place, "PAGE_OF_NOTHING");
    }
  }
  void CheckChild(const Place& place, const MapPage& page, int depth, int branch) {
    MapLabel prefix = PrefixOf(place.key);
    prefix[static_cast<size_t>(depth / 2)] |=
        static_cast<uint8_t>(depth % 2 == 0 ? branch << 4 : branch);
    const std::string key = MapPageKey(depth + 1, prefix);
    if (!check_.Need(Family::kMapPages, key, place)) return;
    const auto child = MapPage::Decode(key, check_.Get(Family::kMapPages, key).value_or(""));
    if (child.ok() && child->Hash() != page.HashAt(branch)) {
      // Which of the two was changed is not known: both are named.
      check_.Bad(Family::kMapPages, key, "PAGE_ALTERED", &place);
      check_.Bad(place, "PAGE_ALTERED");
    }
  }
  void CheckLeaf(const Place& place, const MapLeaf& leaf) {
    if (leaf.value == 0 || IsOfLostNewborn(check_, leaf.value)) return;
    const auto newborn = NewbornOf(check_, leaf.value);
    if (!newborn || newborn->valid_certificate() != leaf.value || !HasLabel(*newborn, leaf.label)) {
      check_.Bad(place, "LABEL_LEADS_ELSEWHERE");
    }
  }

  Checker& check_;
  bool top_ = false;
  uint64_t labels_ = 0;
  std::string parent_key_;
  absl::StatusOr<MapPage> parent_ = MapPage();
};

// Each change starts from the root that the one before it left.
class Changes {
 public:
  explicit Changes(Checker& check) : check_(check) {}

  void Add(const Place& place, absl::string_view bytes) {
    const std::optional<MapChangePlace> key = ParseMapChangeKey(place.key);
    if (!key) return check_.Bad(place, "KEY");
    NameGap(key->place, key->sequence);
    const absl::StatusOr<certs::MapChange> change = certs::ParseMapChange(bytes);
    if (!change.ok()) {
      unknown_ = true;
      return check_.Bad(place, "RECORD_UNREADABLE");
    }
    CheckRight(place, key->place, *change);
    const Digest before = certs::RootOf(change->before);
    // Behind a broken link the next one is believed, lest it be blamed for its neighbour.
    const bool holds = before == root_;
    if (!holds && !unknown_) check_.Bad(place, "CHAIN_BROKEN");
    unknown_ = !holds && !unknown_;
    root_ = certs::RootAfter(change->before, before, change->value).value_or(Digest{});
  }
  void Finish() {
    if (!unknown_ && root_ != MapRootOf(check_.meta)) {
      check_.Bad(Family::kMeta, MetaKey(), "MAP_ROOT_DIFFERS");
    }
  }

 private:
  void NameGap(uint64_t position, uint16_t sequence) {
    if (position != position_) next_ = 0;
    for (; next_ < sequence; ++next_) {
      check_.Need(Family::kMapChanges, MapChangeKey(position, static_cast<uint16_t>(next_)));
    }
    position_ = position;
    next_ = sequence + 1;
  }
  // The rules of certs/proof/log_update.h, and whose label it is.
  void CheckRight(const Place& place, uint64_t position, const certs::MapChange& change) {
    const auto leaf =
        certs::ParseLeaf(check_.Get(Family::kLeaves, IndexKey(position)).value_or(""));
    if (!leaf.ok()) {  // an altered leaf is named by its own pass
      check_.Need(Family::kLeaves, IndexKey(position), place);
      return;
    }
    const bool present = change.before.terminal == certs::MapTerminal::kPresent;
    const uint64_t live = present ? change.before.value : 0;
    const bool voids = leaf->kind == LeafKind::kVoided && present && live == leaf->status_index &&
                       change.value == 0;
    const bool leads = (leaf->kind == LeafKind::kIssued || leaf->kind == LeafKind::kClaimAdded) &&
                       live == 0 && change.value == leaf->status_index;
    const auto newborn = NewbornOf(check_, leaf->status_index);
    if (!voids && !leads) check_.Bad(place, "CHANGE_WITHOUT_RIGHT");
    if (newborn && !HasLabel(*newborn, change.before.label)) {
      check_.Bad(place, "LABEL_OF_ANOTHER");
    }
  }

  Checker& check_;
  Digest root_{};
  bool unknown_ = false;  // what stands before could not be read
  uint64_t position_ = ~uint64_t{0};
  uint32_t next_ = 0;
};

}  // namespace

void CheckLabels(Checker& check, const Place& place, const Newborn& newborn) {
  if (newborn.has_mother_claim() == newborn.map_labels().empty()) {
    check.Bad(place, "LABEL_MISSING");
  }
  const MapReader reader(&check.snapshot, MapRootOf(check.meta), &check.map_cache);
  for (int i = 0; i < newborn.map_labels_size(); ++i) {
    const auto& labels = newborn.map_labels();
    const std::optional<MapLabel> label = certs::MapLabelFrom(labels[i]);
    if (!label || std::find(labels.begin(), labels.begin() + i, labels[i]) != labels.begin() + i) {
      check.Bad(place, "LABEL_ALTERED");
      continue;
    }
    const auto value = Lookup(reader, *label);
    if (!value.ok()) continue;  // the pass over the pages names it
    if (value->has_value()) ++check.labels_of_newborns;
    // Reported again after a recovery: the map keeps it from a second certificate.
    const bool lost = newborn.valid_certificate() == 0 && value->value_or(0) != 0 &&
                      IsOfLostNewborn(check, **value);
    if (value->value_or(0) != newborn.valid_certificate() && !lost) {
      check.Bad(place, "LABEL_LEADS_ELSEWHERE");
    }
  }
}

void CheckMapPages(Checker& check) {
  Pages pages(check);
  check.Each(Family::kMapPages,
             [&](const Place& place, absl::string_view value) { pages.Add(place, value); });
  pages.Finish();
}

void CheckMapChanges(Checker& check) {
  Changes changes(check);
  check.Each(Family::kMapChanges,
             [&](const Place& place, absl::string_view value) { changes.Add(place, value); });
  changes.Finish();
}

namespace {

void CheckCheckpoint(Checker& check, const Place& place, absl::string_view note) {
  const std::optional<uint64_t> position = ParseBigEndian64(place.key);
  const auto checkpoint = certs::ParseCheckpoint(note);
  if (!position || !checkpoint.ok() || checkpoint->head.size != IndexAt(*position).value()) {
    return check.Bad(place, "RECORD_UNREADABLE");
  }
  for (const storage::v1::LogEpoch& epoch : EpochsOf(check.meta)) {
    if (epoch.epoch() != EpochAt(*position).value() || epoch.size() < checkpoint->head.size)
      continue;
    if (check.Named(Family::kNodes) || check.Named(Family::kLeaves)) return;  // no root to go by
    const auto root = RootAt(checkpoint->head.size, StoredNodes(&check.snapshot, epoch.epoch()));
    if (root.ok() && *root != checkpoint->head.root) check.Bad(place, "CHECKPOINT_NOT_OF_LOG");
    return;
  }
  check.Bad(place, "BEYOND_THE_END");
}

void CheckReceipt(Checker& check, const Place& place, const storage::v1::StoredReceipt& receipt) {
  const std::optional<uint64_t> status_index = ParseBigEndian64(place.key);
  const auto head = check.Needed<CertificateHead>(Family::kCertificates, place.key, place);
  if (!status_index || !head) return check.Bad(place, "KEY");
  if (EpochAt(head->issued_leaf()).value() != receipt.epoch() ||
      IndexAt(head->issued_leaf()).value() >= receipt.size()) {
    check.Bad(place, "RECEIPT_NOT_COVERED");
  }
  const std::string key =
      IndexKey(PlaceOf({certs::LogEpoch(receipt.epoch()), certs::LogSize(receipt.size())}));
  if (!check.Need(Family::kCheckpoints, key, place)) return;
  const auto checkpoint = certs::ParseCheckpoint(check.Get(Family::kCheckpoints, key).value_or(""));
  if (!checkpoint.ok()) return;  // named by its own pass
  const auto proof = certs::ParseMapProof(receipt.map_proof());
  const auto newborn = NewbornOf(check, *status_index);
  if (!proof.ok() || !certs::CheckMapProof(*proof, checkpoint->head.map_root).ok() ||
      (newborn && !HasLabel(*newborn, proof->label))) {
    check.Bad(place, "RECEIPT_DOES_NOT_CHECK");
  }
}

}  // namespace

void CheckReceipts(Checker& check) {
  check.Each(Family::kCheckpoints, [&](const Place& place, absl::string_view note) {
    CheckCheckpoint(check, place, note);
  });
  check.EachRecord<storage::v1::StoredReceipt>(
      Family::kReceipts, [&](const Place& place, const storage::v1::StoredReceipt& receipt) {
        CheckReceipt(check, place, receipt);
      });
}

}  // namespace birthseal::store::fsck
