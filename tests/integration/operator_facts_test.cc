// SPDX-License-Identifier: Apache-2.0
// A malicious operator and the facts of a birth: labels that are not of these facts, and facts that
// are not true.
#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/proof/uniqueness.h"
#include "tests/integration/operator_fixture.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using certs::LeafKind;
using certs::ReasonOf;
using testing::Contains;
using testing::IsEmpty;

class OperatorFactsTest : public OperatorTest {
 protected:
  // What a guardian or the police get for facts, when the label shown is this one.
  absl::StatusOr<std::optional<uint64_t>> Asked(const Birth& birth, const certs::MapLabel& label,
                                                const signer::VrfKey& key) const {
    const auto proof = store::ProveLabel(*engine_.NewSnapshot(), label);
    EXPECT_OK(proof);
    const certs::UniquenessProof uniqueness{*key.Prove(FactsOf(birth)), *proof, NoteOf(engine_)};
    return certs::CheckUniqueness(uniqueness, FactsOf(birth), vrf_->PublicKey(),
                                  HeadOf(engine_).map_root);
  }
  // Certificate 2 under a label of the attacker's choice; witnesses have nothing against it.
  void IssueUnder(const certs::MapLabel& label) {
    Attacker attacker(&engine_);
    std::vector<LogEntry> log = attacker.Log();
    log.push_back({LeafOf(LeafKind::kIntent, 2), {}});
    log.push_back({LeafOf(LeafKind::kIssued, 2, log.size()), {{label, 2}}});
    attacker.SetLog(log);
    ShowAll(engine_);
  }
};

// 2
TEST_F(OperatorFactsTest, ASecondCertificateUnderAMadeUpLabel) {
  Issue(Birth());
  ShowAll(engine_);
  const certs::MapLabel made_up(certs::Sm3Of("no output of the VRF"));
  IssueUnder(made_up);
  const absl::Status seen = Asked(Birth(), made_up, *vrf_).status();
  EXPECT_THAT(seen, StatusIs(StatusCode::kDataLoss, "LABEL_NOT_OF_THESE_FACTS"));
  // R3 holds a map proof of some label; the VRF proof says which label the facts have.
  const auto of_facts = Asked(Birth(), Label(Birth()), *vrf_);
  ASSERT_OK(of_facts);
  EXPECT_EQ(*of_facts, 1u);
  Noted({"2", "用编造的标签签发第二份", "second certificate under a made-up label",
         "监护人、公安（知道出生事实者）", "guardian or police, who know the facts",
         absl::StrCat(ReasonOf(seen), "; the label of the facts leads to certificate ", **of_facts,
                      ", not 2"),
         "certs/proof CheckUniqueness"});
}

TEST_F(OperatorFactsTest, ALabelByAnotherVrfKey) {
  Issue(Birth());
  ShowAll(engine_);
  const auto own = signer::VrfKey::FromPkcs8(
      signer::devpki::PrivateKeyPem(*signer::PrivateKey::Generate(signer::KeyAlgorithm::kP256)));
  ASSERT_OK(own);
  const certs::MapLabel label(*(*own)->Label(FactsOf(Birth())));
  IssueUnder(label);
  const absl::Status seen = Asked(Birth(), label, **own).status();
  EXPECT_THAT(seen, StatusIs(StatusCode::kDataLoss));
  Noted({"2b", "用另一 VRF 密钥得到的标签", "a label by another VRF key",
         "监护人、公安（知道出生事实者）", "guardian or police, who know the facts", ReasonOf(seen),
         "certs/proof CheckUniqueness, CheckVrf"});
}

// 3: nothing in log and map is wrong; the facts are.
TEST_F(OperatorFactsTest, ASecondCertificateUnderAlteredFacts) {
  Issue(Birth());
  Birth altered;
  altered.mother = "PASSPORT999";  // of a woman who does not exist
  altered.record.clear();          // no hospital record of it
  Issue(altered);
  ShowAll(engine_);
  EXPECT_THAT(Monitored(engine_), IsEmpty());
  const auto first = Asked(Birth(), Label(Birth()), *vrf_);
  const auto second = Asked(altered, Label(altered), *vrf_);
  ASSERT_OK(first);
  ASSERT_OK(second);
  EXPECT_EQ(*first, 1u);
  EXPECT_EQ(*second, 2u);
  Noted(
      {"3", "以篡改的事实（母亲证件号）签发第二份",
       "second certificate under altered facts (mother's number)",
       "身份核验方签名结果、接生记录、公安出生与登记对账、监护人",
       "signed result of the identity check, hospital's delivery record, police reconciliation of "
       "births and registrations, guardian's watch",
       "none: all proofs hold, certificates 1 and 2 have labels of their own",
       "store/TRANSPARENCY.md §1, SECURITY.md", Outcome::kStatedLimit});
}

TEST_F(OperatorFactsTest, AlteredFactsOfABirthWithAHospitalRecord) {
  const store::DeliveryAnswer first = Report(Birth(), &driver_);
  driver_.Issued(first);
  Birth altered;
  altered.mother = "PASSPORT999";  // the hospital's record number is that of the true birth
  store::AcceptDelivery record = driver_.Delivery(altered);
  record.claims[0].label = Label(altered);
  record.base = first.delivery_id;
  const store::DeliveryAnswer second = driver_.Accept(record);
  EXPECT_EQ(second.newborn_id, first.newborn_id) << "no second newborn for one hospital record";
  const absl::Status filed = driver_.Call1(driver_.Application(second));
  EXPECT_THAT(filed, StatusIs(StatusCode::kFailedPrecondition, "CERTIFICATE_EXISTS"));
  const auto value = Asked(altered, Label(altered), *vrf_);
  ASSERT_OK(value);
  EXPECT_EQ(*value, 1u) << "both facts lead to the one certificate";
  Noted({"3b", "同上，但用真实的接生记录", "the same, with the true hospital record",
         "台账（C3 声明，唯一写入者）", "the ledger (claim C3, one writer)", ReasonOf(filed),
         "store/ledger/apply_delivery, store/ledger/apply_case"});
}

TEST_F(OperatorFactsTest, AlteredFactsInBulk) {
  witness::Rules rules;
  rules.everywhere.issued_a_day = 20;
  rules.everywhere.opens_minute = 8 * 60;
  rules.everywhere.closes_minute = 18 * 60;
  EXPECT_THAT(Monitored(engine_, rules), IsEmpty());
  for (int i = 0; i < 21; ++i) {
    Birth invented;
    invented.mother = absl::StrCat("PASSPORT9", i);
    invented.record.clear();
    Issue(invented);
  }
  ShowAll(engine_);
  EXPECT_THAT(Monitored(engine_), IsEmpty()) << "without announcements there is nothing to see";
  const auto by_day = Monitored(engine_, rules);
  EXPECT_THAT(by_day, Contains("CEILING_EXCEEDED"));
  Noted({"3c", "批量虚构出生", "invented births in bulk", "监测方，凭公布的接生能力",
         "the monitor, by the announced capacity", Joined(by_day),
         "clients/witness AnnouncedRules"});

  clock_.Advance(absl::Hours(12));  // from 10:03 to 22:03 in Shanghai
  Birth at_night;
  at_night.mother = "PASSPORT8", at_night.record.clear();
  Issue(at_night);
  rules.everywhere.issued_a_day = 0;
  const auto by_hour = Monitored(engine_, rules);
  EXPECT_THAT(by_hour, Contains("OUTSIDE_HOURS"));
  Noted({"3d", "夜间虚构出生", "invented births at night", "监测方，凭公布的办公时间",
         "the monitor, by the announced hours", Joined(by_hour), "clients/witness AnnouncedRules"});
}

}  // namespace
}  // namespace birthseal::tests
