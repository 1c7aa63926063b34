// SPDX-License-Identifier: Apache-2.0
// What the check says of certificates, newborns, reservations and their indexes, finding by
// finding.
#include "absl/time/civil_time.h"
#include "certs/face.h"
#include "certs/newborn.h"
#include "tests/store/fsck/fsck_rows.h"

namespace birthseal::tests {
namespace {

using storage::v1::CertificateHead;
using storage::v1::Newborn;
using storage::v1::NumberRecord;
using storage::v1::Reservation;
using store::Family;
using store::IndexKey;

class FsckCertificatesTest : public FsckRowsTest {
 protected:
  std::string Four() const { return IndexKey(4); }
  std::string NamedByFour() const { return Named(Family::kCertificates, IndexKey(4)); }
  std::string ClaimOfNumber(uint64_t status_index) const {
    return store::DigestKey(
        certs::NumberClaim(kIndexKey, Head(status_index).reservation().certificate_number()));
  }
  // Some claim that is not of a number.
  std::string OtherClaim() const {
    for (const auto& [key, value] : All(Family::kClaims)) {
      bool of_number = false;
      for (uint64_t i = 1; i <= 4; ++i) of_number = of_number || key == ClaimOfNumber(i);
      if (!of_number) return key;
    }
    return "";
  }
  // The face of certificate 4, were its case of this content and day.
  void SetFaceOf(const certs::Digest& content, absl::CivilDay day) {
    ChangeReservation(4, [&](Reservation& r) {
      r.set_face_digest(certs::Bytes(certs::FaceDigest(content, r.certificate_number(), day)));
    });
  }
  certs::Digest ContentOfFour() const {
    return certs::DigestFrom(
               Stored<storage::v1::CaseHead>(engine_, Family::kCases, CaseKey(4)).content_digest())
        .value();
  }
};

TEST_F(FsckCertificatesTest, WhatALeafSaysOtherwiseIsNamed) {
  const uint64_t issued = Head(4).issued_leaf();
  ExpectNamed({
      {"kind", [&] { ChangeLeaf(issued, [](auto& l) { l.kind = certs::LeafKind::kVoided; }); },
       Family::kCertificates, Four(), "HEAD_NOT_AS_LOGGED"},
      {"status index", [&] { ChangeLeaf(issued, [](auto& l) { l.status_index = 3; }); },
       Family::kCertificates, Four(), "HEAD_NOT_AS_LOGGED"},
      {"institution", [&] { ChangeLeaf(issued, [](auto& l) { l.institution_code = "other"; }); },
       Family::kCertificates, Four(), "HEAD_NOT_AS_LOGGED"},
      {"intent", [&] { ChangeLeaf(issued, [](auto& l) { l.intent_index += 1; }); },
       Family::kCertificates, Four(), "HEAD_NOT_AS_LOGGED"},
      {"commitment", [&] { ChangeLeaf(issued, [](auto& l) { l.commitment[0] ^= 1; }); },
       Family::kCertificates, Four(), "COMMITMENT_DOES_NOT_OPEN"},
      {"kept leaf", [&] { ChangeReservation(4, [](auto& r) { r.set_leaf("other"); }); },
       Family::kCertificates, Four(), "HEAD_NOT_AS_LOGGED"},
      {"no face", [&] { ChangeReservation(4, [](auto& r) { r.set_face_digest("short"); }); },
       Family::kCertificates, Four(), "FACE_DIGEST"},
  });
}

TEST_F(FsckCertificatesTest, ACaseThatIsNotTheCertificatesIsNamed) {
  const auto unlike = [&](const char* name,
                          const std::function<void(storage::v1::CaseHead&)>& change) {
    return FsckRow{name, [this, change] { ChangeCase(CaseKey(4), change); }, Family::kCertificates,
                   Four(), "CASE_NOT_AS_CERTIFICATE"};
  };
  ExpectNamed({
      unlike("state", [](auto& c) { c.set_state(8); }),
      unlike("status index", [](auto& c) { c.set_status_index(3); }),
      unlike("intent", [](auto& c) { c.set_intent_index(c.intent_index() + 1); }),
      unlike("number", [](auto& c) { c.set_certificate_number("A520000099"); }),
      unlike("newborn", [](auto& c) { c.set_newborn_id(std::string(16, 'n')); }),
      {"content",
       [&] { ChangeCase(CaseKey(4), [](auto& c) { c.set_content_digest(std::string(32, 'c')); }); },
       Family::kCases, CaseKey(4), "CONTENT_NOT_AS_CERTIFICATE"},
      // Each with a face that fits what a reader would take in its place.
      {"no content",
       [&] {
         ChangeCase(CaseKey(4), [](auto& c) { c.set_content_digest("short"); });
         absl::CivilDay day;
         ASSERT_TRUE(absl::ParseCivilTime(Head(4).reservation().issue_date(), &day));
         SetFaceOf(certs::Digest{}, day);
       },
       Family::kCases, CaseKey(4), "CONTENT_NOT_AS_CERTIFICATE"},
      {"no day",
       [&] {
         ChangeReservation(4, [](auto& r) { r.set_issue_date("today"); });
         SetFaceOf(ContentOfFour(), absl::CivilDay());
       },
       Family::kCases, CaseKey(4), "CONTENT_NOT_AS_CERTIFICATE"},
  });
}

TEST_F(FsckCertificatesTest, ANumberThatIsNotTheCertificatesIsNamed) {
  const auto unlike = [&](const char* name, const std::function<void(NumberRecord&)>& change) {
    return FsckRow{name,
                   [this, change] { Change(Family::kNumbers, NumberKeyOf(4), change); },
                   Family::kNumbers,
                   NumberKeyOf(4),
                   "NUMBER_NOT_AS_CERTIFICATE",
                   NamedByFour()};
  };
  ExpectNamed({
      unlike("state", [](auto& n) { n.set_state(1); }),
      unlike("newborn", [](auto& n) { n.set_newborn_id(std::string(16, 'n')); }),
      unlike("case", [&](auto& n) { n.set_case_id(CaseKey(1)); }),
  });
}

TEST_F(FsckCertificatesTest, AnIndexThatLeadsToAnotherIsNamedByItsCertificate) {
  const std::string number = Head(4).reservation().certificate_number();
  ExpectNamed({
      // Certificate 2 has it too, so that the index alone looks right.
      {"number",
       [&] {
         ChangeReservation(2, [&](auto& r) { r.set_licence_id(number); });
         Put(Family::kLicences, store::LicenceKey(number), IndexKey(2));
       },
       Family::kLicences, store::LicenceKey(number), "INDEX_POINTS_ELSEWHERE", NamedByFour()},
      {"claim of the number", [&] { Put(Family::kClaims, ClaimOfNumber(4), NewbornKey(1)); },
       Family::kClaims, ClaimOfNumber(4), "INDEX_POINTS_ELSEWHERE", NamedByFour()},
      {"claim of a newborn", [&] { Put(Family::kClaims, OtherClaim(), std::string(16, 'n')); },
       Family::kClaims, OtherClaim(), "INDEX_POINTS_ELSEWHERE"},
      {"claim's key", [&] { Put(Family::kClaims, "short", NewbornKey(1)); }, Family::kClaims,
       "short", "KEY"},
      {"mother's key", [&] { Put(Family::kMothers, std::string(33, 'm') + NewbornKey(1), ""); },
       Family::kMothers, std::string(33, 'm') + NewbornKey(1), "KEY"},
      {"mother's value",
       [&] { Put(Family::kMothers, std::string(32, 'm') + NewbornKey(1), "value"); },
       Family::kMothers, std::string(32, 'm') + NewbornKey(1), "KEY"},
      {"mother of nobody", [&] { Put(Family::kMothers, std::string(48, 'm'), ""); },
       Family::kMothers, std::string(48, 'm'), "INDEX_POINTS_ELSEWHERE"},
      {"no index", [&] { Put(Family::kLicences, store::LicenceKey(number), "short"); },
       Family::kLicences, store::LicenceKey(number), "RECORD_UNREADABLE"},
      {"index of nothing", [&] { Put(Family::kLicences, store::LicenceKey("none"), IndexKey(4)); },
       Family::kLicences, store::LicenceKey("none"), "INDEX_POINTS_ELSEWHERE"},
      {"index of an open one",
       [&] { Put(Family::kLicences, store::LicenceKey("none"), IndexKey(5)); }, Family::kLicences,
       store::LicenceKey("none"), "INDEX_POINTS_ELSEWHERE"},
  });
}

TEST_F(FsckCertificatesTest, AnEndWithoutItsReasonIsNamed) {
  const auto ended = [&](const char* name, uint64_t index, const char* code,
                         const std::function<void(CertificateHead&)>& change) {
    return FsckRow{name, [this, index, change] { ChangeHead(index, change); },
                   Family::kCertificates, IndexKey(index), code};
  };
  ExpectNamed({
      ended("in force with an end", 4, "ENDED_BUT_NOT_SO_IN_HEAD",
            [](auto& h) { h.set_voided_leaf(1); }),
      ended("no such state", 3, "STATE_WITHOUT_REASON", [](auto& h) { h.set_state(9); }),
      ended("without a leaf", 4, "STATE_WITHOUT_REASON",
            [](auto& h) { h.set_state(4), h.set_voided_salt("salt"); }),
      ended("without a salt", 3, "STATE_WITHOUT_REASON", [](auto& h) { h.clear_voided_salt(); }),
      ended("without a successor", 1, "SUCCESSOR", [](auto& h) { h.clear_superseded_by(); }),
      ended("succeeded in force", 2, "SUCCESSOR",
            [](auto& h) { h.set_superseded_by("A520000001"); }),
      ended("the document is there", 4, "DOCUMENT_IS_NOT_LOST",
            [](auto& h) { h.set_document_lost(true); }),
      ended("file size", 4, "FILE_SIZE", [](auto& h) { h.set_file_size(1); }),
  });
}

TEST_F(FsckCertificatesTest, AChainThatDoesNotCloseIsNamedAtBothEnds) {
  const std::string third = Head(3).reservation().certificate_number();
  ExpectNamed({
      {"successor of another", [&] { ChangeHead(2, [&](auto& h) { h.set_supersedes(third); }); },
       Family::kCertificates, IndexKey(1), "SUCCESSOR"},
      {"predecessor of another",
       [&] { ChangeHead(1, [&](auto& h) { h.set_superseded_by(third); }); }, Family::kCertificates,
       IndexKey(2), "PREDECESSOR"},
      {"successor that nobody has",
       [&] { ChangeHead(1, [&](auto& h) { h.set_superseded_by("A520009999"); }); },
       Family::kLicences, store::LicenceKey("A520009999"), "MISSING",
       Named(Family::kCertificates, IndexKey(1))},
  });
}

TEST_F(FsckCertificatesTest, AStatusIndexThatCannotBeIsNamed) {
  const auto under = [&](const char* name, const std::string& key, uint64_t said) {
    return FsckRow{name,
                   [this, key, said] {
                     CertificateHead head = Head(4);
                     head.mutable_reservation()->set_status_index(said);
                     Put(Family::kCertificates, key, head.SerializeAsString());
                   },
                   Family::kCertificates, key, "STATUS_INDEX"};
  };
  ExpectNamed({under("another one", IndexKey(4), 3), under("none", IndexKey(0), 0),
               under("one of the future", IndexKey(99), 99), under("no index", "odd", 0)});
}

TEST_F(FsckCertificatesTest, ANewbornThatDisagreesWithItsCertificatesIsNamed) {
  const auto newborn = [&](const char* name, uint64_t index, const char* code,
                           const std::function<void(Newborn&)>& change) {
    return FsckRow{name, [this, index, change] { ChangeNewborn(NewbornKey(index), change); },
                   Family::kNewborns, NewbornKey(index), code};
  };
  FsckRow unlisted = newborn("an ended one is left out", 1, "CERTIFICATE_NOT_LISTED", [](auto& n) {
    n.clear_certificates();
    n.add_certificates(2);
  });
  unlisted.named = Named(Family::kCertificates, IndexKey(1));
  ExpectNamed({
      unlisted,
      newborn("the valid one is left out", 4, "CERTIFICATE_NOT_LISTED",
              [](auto& n) { n.clear_certificates(); }),
      newborn("order", 1, "CERTIFICATES_OUT_OF_ORDER",
              [](auto& n) {
                n.clear_certificates();
                n.add_certificates(2);
                n.add_certificates(1);
              }),
      newborn("another's", 4, "CERTIFICATE_OF_ANOTHER_NEWBORN",
              [](auto& n) { n.mutable_certificates()->Set(0, 1); }),
      newborn("ended", 3, "VALID_CERTIFICATE_HAS_ENDED",
              [](auto& n) { n.set_valid_certificate(3); }),
      newborn("another's case holds the slot", 4, "SLOT_HOLDER",
              [&](auto& n) { n.set_slot_case(open_.case_id()); }),
      newborn("an issued case holds the slot", 4, "SLOT_HOLDER",
              [&](auto& n) { n.set_slot_case(CaseKey(4)); }),
      newborn("a review that is none", 4, "REVIEW_NOT_OPEN",
              [](auto& n) { n.add_open_reviews(n.current_delivery()); }),
      newborn("another's delivery", 4, "DELIVERY_OF_ANOTHER_NEWBORN",
              [&](auto& n) {
                n.set_current_delivery(
                    Stored<Newborn>(engine_, Family::kNewborns, NewbornKey(1)).current_delivery());
              }),
      {"key", [&] { Put(Family::kNewborns, "odd", Newborn().SerializeAsString()); },
       Family::kNewborns, "odd", "KEY"},
  });
}

TEST_F(FsckCertificatesTest, WhatANewbornPointsToMustBeThere) {
  const std::string none(16, 'x');
  const std::string four = NewbornKey(4), by = Named(Family::kNewborns, four);
  ExpectNamed({
      {"slot", [&] { ChangeNewborn(four, [&](auto& n) { n.set_slot_case(none); }); },
       Family::kCases, none, "MISSING", by},
      {"review", [&] { ChangeNewborn(four, [&](auto& n) { n.add_open_reviews(none); }); },
       Family::kDeliveries, none, "MISSING", by},
      {"conflict", [&] { ChangeNewborn(four, [&](auto& n) { n.add_conflicts_with(none); }); },
       Family::kNewborns, none, "MISSING", by},
      {"delivery", [&] { ChangeNewborn(four, [&](auto& n) { n.set_current_delivery(none); }); },
       Family::kDeliveries, none, "MISSING", by},
      {"certificate", [&] { ChangeNewborn(four, [&](auto& n) { n.add_certificates(77); }); },
       Family::kCertificates, IndexKey(77), "MISSING", by},
  });
}

TEST_F(FsckCertificatesTest, AReservationThatCannotBeIsNamed) {
  const auto reservation = [&](const char* name, const char* code,
                               const std::function<void(Reservation&)>& change) {
    return FsckRow{name, [this, change] { Change(Family::kReservations, open_key_, change); },
                   Family::kReservations, open_key_, code};
  };
  const std::string other = IndexKey(1000);
  ExpectNamed({
      reservation("no status index", "STATUS_INDEX", [](auto& r) { r.set_status_index(0); }),
      reservation("of the future", "STATUS_INDEX", [](auto& r) { r.set_status_index(99); }),
      reservation("issued", "STATUS_INDEX", [](auto& r) { r.set_status_index(4); }),
      {"place",
       [&] {
         Put(Family::kReservations, other, open_.SerializeAsString());
         Erase(Family::kReservations, open_key_);
       },
       Family::kReservations, open_key_, "KEY"},
      {"twice", [&] { Put(Family::kReservations, other, open_.SerializeAsString()); },
       Family::kReservations, other, "STATUS_INDEX_TWICE"},
      {"slot of another case",
       [&] { ChangeNewborn(open_.newborn_id(), [](auto& n) { n.clear_slot_case(); }); },
       Family::kNewborns, open_.newborn_id(), "SLOT_HOLDER",
       Named(Family::kReservations, open_key_)},
      {"gone", [&] { Erase(Family::kReservations, open_key_); }, Family::kReservations, open_key_,
       "MISSING", Named(Family::kCases, open_.case_id())},
  });
}

}  // namespace
}  // namespace birthseal::tests
