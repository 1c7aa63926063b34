// SPDX-License-Identifier: Apache-2.0
// A case that has no defect: tests change only what they are about. Invented people and places;
// the division 999999 exists nowhere.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "certs/application.h"
#include "certs/delivery.h"
#include "certs/face.h"
#include "certs/identifiers.h"
#include "certs/profile.h"
#include "certs/rules/rules.h"
#include "tests/support/temp_dir.h"

namespace birthseal::certs {

inline std::string TestCitizenId(absl::CivilDay born, int sequence) {
  std::string body = "999999" + absl::FormatCivilTime(born);
  body.erase(std::remove(body.begin(), body.end(), '-'), body.end());
  const std::string digits = std::to_string(1000 + sequence).substr(1);
  body += digits;
  return body + Mod11_2CheckCharacter(body);
}

inline Profile ShippedProfile(const std::string& name) {
  return *ParseProfile(tests::ReadSource("deploy/profiles/" + name + ".textproto"));
}

struct TestCase {
  TestCase() {
    delivery.facility_code = institution.code = "12990101FAKE00001R";
    delivery.facility_name = institution.name = "示例市虚构妇幼保健院";
    institution.licensed = true;
    delivery.baby_record_no = "B-0001";
    delivery.mother_inpatient_no = "I-0001";
    delivery.sex = Sex::kFemale;
    delivery.birth_time = absl::CivilMinute(2026, 3, 5, 14, 8);
    delivery.birth_time_known = true;
    delivery.gestation_weeks = 38;
    delivery.gestation_days = 3;
    delivery.birth_weight_g = 3250;
    delivery.birth_length_mm = 500;
    delivery.birth_place = {"示例省", "示例市", "虚构县", "999999"};
    delivery.outcome = Outcome::kLive;
    delivery.plurality = delivery.birth_order = 1;
    delivery.mother_name = "甄虚构";
    delivery.mother_id_type = IdType::kCitizenId;
    delivery.mother_id_number = TestCitizenId(absl::CivilDay(1997, 6, 1), 2);
    delivery.midwife_id = "MW-1";
    delivery.signed_at = absl::CivilSecond(2026, 3, 5, 15, 0, 0);

    application.institution_code = institution.code;
    application.newborn_id = std::string(16, 'n');
    application.newborn_name = "贾新生";
    application.mother = {"甄虚构",
                          28,
                          "CHN",
                          "01",
                          "示例省示例市虚构县梦溪路1号",
                          IdType::kCitizenId,
                          delivery.mother_id_number};
    application.father = Parent{"贾设想",
                                30,
                                "CHN",
                                "01",
                                "示例省示例市虚构县梦溪路1号",
                                IdType::kCitizenId,
                                TestCitizenId(absl::CivilDay(1995, 6, 1), 1)};
    application.collector.relation = "MOTHER";
    Bring(EvidenceKind::kMotherId);
    Bring(EvidenceKind::kFatherId);
  }

  void Bring(EvidenceKind kind, const std::string& outcome = "") {
    application.evidence.push_back({kind, "DOC-1", Sm3Of("document"), outcome});
  }
  void TakeAway(EvidenceKind kind) {
    auto& list = application.evidence;
    list.erase(std::remove_if(list.begin(), list.end(),
                              [kind](const Evidence& evidence) { return evidence.kind == kind; }),
               list.end());
  }
  // The case asked again for the certificate that this very case once gave.
  void After(CaseKind kind) {
    predecessor.content = Compose();
    predecessor.number = application.predecessor_number = "X999900001";
    predecessor.issuer_code = institution.code;
    predecessor.valid = true;
    application.kind = kind;
    has_predecessor = has_valid_certificate = true;
    Bring(EvidenceKind::kIssuingRecord);
  }
  void ReturnOriginals() {
    Bring(EvidenceKind::kOriginalFront);
    Bring(EvidenceKind::kOriginalSecond);
  }
  void NoFather() {
    application.father.reset();
    application.newborn_name = "甄新生";
    TakeAway(EvidenceKind::kFatherId);
    Bring(EvidenceKind::kMotherStatement);
  }

  CaseFacts Facts() const {
    return {delivery,
            application,
            profile,
            institution,
            has_predecessor ? &predecessor : nullptr,
            has_valid_certificate,
            now,
            institution_reported_birth};
  }
  std::vector<Defect> Defects() const { return Check(Facts()); }
  FaceContent Compose() const { return ComposeFace(Facts()); }
  // Codes of what blocks; notes are left out.
  std::vector<std::string> Codes() const {
    std::vector<std::string> codes;
    for (const Defect& defect : Defects()) {
      if (defect.severity != Severity::kNote) codes.push_back(defect.code);
    }
    return codes;
  }
  std::vector<std::string> Notes() const {
    std::vector<std::string> codes;
    for (const Defect& defect : Defects()) {
      if (defect.severity == Severity::kNote) codes.push_back(defect.code);
    }
    return codes;
  }

  Delivery delivery;
  Application application;
  Profile profile = ShippedProfile("national-default");
  InstitutionFacts institution;
  PredecessorFacts predecessor;
  bool has_predecessor = false;
  bool has_valid_certificate = false;
  bool institution_reported_birth = false;
  absl::CivilSecond now{2026, 3, 7, 10, 0, 0};
};

}  // namespace birthseal::certs
