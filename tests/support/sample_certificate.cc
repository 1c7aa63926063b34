// SPDX-License-Identifier: Apache-2.0
#include "tests/support/sample_certificate.h"

#include <filesystem>

#include "tests/support/temp_dir.h"

namespace birthseal::tests {

certs::Face SampleFace() {
  certs::Face face;
  certs::FaceContent& content = face.content;
  content.newborn_name = "慕容星遥";
  content.sex = certs::Sex::kFemale;
  content.birth_time = absl::CivilMinute(2026, 3, 8, 6, 47);
  content.gestation_weeks = 39;
  content.gestation_days = 2;
  content.birth_weight_g = 3280;
  content.birth_length_mm = 502;
  content.birth_place = {"虚构省", "幻想市", "云溪县", "990101"};
  content.delivery_institution_name = "幻想市云溪县妇幼保健院";
  content.delivery_institution_code = "12990101MB0000001A";
  content.mother.name = "慕容听雨";
  content.mother.age = 29;
  content.mother.nationality = "CHN";
  content.mother.ethnicity = "01";
  content.mother.address = "虚构省幻想市云溪县翠竹镇星河路12号3单元501室";
  content.mother.id_type = certs::IdType::kCitizenId;
  content.mother.id_number = "990101199612070026";
  certs::Parent father;
  father.name = "欧阳望舒";
  father.age = 31;
  father.nationality = "CHN";
  father.ethnicity = "03";
  father.address = "虚构省幻想市云溪县翠竹镇星河路12号3单元501室";
  father.id_type = certs::IdType::kCitizenId;
  father.id_number = "990101199502110019";
  content.father = father;
  content.issuing_institution_name = "幻想市云溪县妇幼保健院";
  content.issuing_institution_code = "12990101MB0000001A";
  face.certificate_number = "Z990000017";
  face.issue_date = absl::CivilDay(2026, 3, 10);
  return face;
}

certs::ofd::DocumentInput SampleDocument() {
  certs::ofd::DocumentInput input;
  input.face = SampleFace();
  input.licence_type_code = "11100000000013338W999";
  input.licence_id = "1.2.156.3005.2.11100000000013338W999.12990101MB0000001A.Z990000017.001.0";
  input.document_id = "0123456789abcdef0123456789abcdef";
  input.signing_time = absl::FromUnixSeconds(1'773'100'800);
  input.status_index = 1017;
  input.intent_index = 2041;
  input.receipt = std::string(900, 'r');
  return input;
}

std::shared_ptr<const certs::ofd::FontSet> SampleFonts() {
  static const auto* fonts = new std::shared_ptr<const certs::ofd::FontSet>([] {
    const std::string value = "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc";
    const std::string title = "/usr/share/fonts/truetype/arphic/ukai.ttc";
    const std::string rare = "/usr/share/fonts/truetype/hanazono/HanaMinB.ttf";
    for (const std::string& file : {value, title, rare}) {
      if (!std::filesystem::exists(file)) return std::shared_ptr<const certs::ofd::FontSet>();
    }
    auto loaded = certs::ofd::FontSet::Load({ReadFile(value), ReadFile(title), ReadFile(rare)});
    return loaded.ok() ? *loaded : nullptr;
  }());
  return *fonts;
}

}  // namespace birthseal::tests
