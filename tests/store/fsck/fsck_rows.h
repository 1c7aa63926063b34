// SPDX-License-Identifier: Apache-2.0
// Tables for the check: each row damages one thing, and the check must name it there, with that
// code and on that record's word; then the damage is taken back.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "certs/proof/leaf.h"
#include "gmock/gmock.h"
#include "store/keys.h"
#include "tests/store/fsck/fsck_fixture.h"

namespace birthseal::tests {

// One damage and the finding that must be there.
struct FsckRow {
  const char* name;
  std::function<void()> damage;
  store::Family family;
  std::string key;
  const char* code;
  std::string named = "";
};

class FsckRowsTest : public FsckTest {
 protected:
  void SetUp() override {
    FsckTest::SetUp();
    whole_ = Everything();
    const auto reservation = All(store::Family::kReservations).at(0);
    open_key_ = reservation.first;
    ASSERT_TRUE(open_.ParseFromString(reservation.second));
  }
  void ExpectNamed(const std::vector<FsckRow>& rows) {
    for (const FsckRow& row : rows) {
      row.damage();
      std::vector<std::string> lines;
      for (const auto& finding : Check().findings) lines.push_back(store::ToLine(finding));
      EXPECT_THAT(lines,
                  testing::Contains(store::ToLine({row.family, row.key, row.code, row.named, ""})))
          << row.name;
      TakeBack();
    }
    EXPECT_TRUE(Check().clean());
  }

  // The family and key of a record as findings name it.
  static std::string Named(store::Family family, const std::string& key) {
    return absl::StrCat(store::Name(family), "/", absl::BytesToHexString(key));
  }
  std::string NewbornKey(uint64_t status_index) const {
    return Head(status_index).reservation().newborn_id();
  }
  std::string CaseKey(uint64_t status_index) const {
    return Head(status_index).reservation().case_id();
  }
  std::string NumberKeyOf(uint64_t status_index) const {
    return store::NumberKey(Head(status_index).reservation().certificate_number());
  }
  void ChangeHead(uint64_t status_index,
                  const std::function<void(storage::v1::CertificateHead&)>& change) {
    Change(store::Family::kCertificates, store::IndexKey(status_index), change);
  }
  void ChangeReservation(uint64_t status_index,
                         const std::function<void(storage::v1::Reservation&)>& change) {
    ChangeHead(status_index, [&](auto& head) { change(*head.mutable_reservation()); });
  }
  void ChangeNewborn(const std::string& key,
                     const std::function<void(storage::v1::Newborn&)>& change) {
    Change(store::Family::kNewborns, key, change);
  }
  void ChangeCase(const std::string& key,
                  const std::function<void(storage::v1::CaseHead&)>& change) {
    Change(store::Family::kCases, key, change);
  }
  void ChangeMeta(const std::function<void(storage::v1::Meta&)>& change) {
    Change(store::Family::kMeta, store::MetaKey(), change);
  }
  void ChangeLeaf(uint64_t position, const std::function<void(certs::Leaf&)>& change) {
    const std::string key = store::IndexKey(position);
    certs::Leaf leaf = *certs::ParseLeaf(Get(store::Family::kLeaves, key));
    change(leaf);
    Put(store::Family::kLeaves, key, certs::Canonical(leaf));
  }
  // The key of some record that is as it should be and of which `is` holds.
  template <typename Record>
  std::string KeyOf(store::Family family, const std::function<bool(const Record&)>& is) const {
    for (const auto& [key, value] : All(family)) {
      Record record;
      if (record.ParseFromString(value) && is(record)) return key;
    }
    ADD_FAILURE() << "no such record in " << store::Name(family);
    return "";
  }

  // Of certificate 5, which is reserved and not issued.
  storage::v1::Reservation open_;
  std::string open_key_;

 private:
  using Content = std::map<std::pair<store::Family, std::string>, std::string>;

  Content Everything() const {
    Content content;
    for (int i = 0; i < store::kFamilyCount; ++i) {
      const auto family = static_cast<store::Family>(i);
      for (auto& [key, value] : All(family)) {
        const bool fence = family == store::Family::kMeta && key == store::FenceKey();
        if (!fence) content[{family, key}] = value;
      }
    }
    return content;
  }
  void TakeBack() {
    store::WriteBatch batch;
    for (const auto& [place, value] : Everything()) {
      if (whole_.count(place) == 0) batch.Erase(place.first, place.second);
    }
    for (const auto& [place, value] : whole_) batch.Put(place.first, place.second, value);
    ASSERT_OK(engine_.Commit(batch, *engine_.AcquireFence()));
  }

  Content whole_;
};

}  // namespace birthseal::tests
