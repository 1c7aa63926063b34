// SPDX-License-Identifier: Apache-2.0
// One request of every unary method, as textproto, that no bound of a field speaks against: what
// the use case says of it is another matter. KEY and SM3 stand for bytes of their length.
#pragma once

#include <set>
#include <string>
#include <vector>

namespace birthseal::tests {

struct GoodRequest {
  const char* path;  // without "/birthseal.v1."
  const char* text;
  std::set<std::string> required;  // fields, as a refusal names them
  std::set<std::string> open;      // fields that the adapter takes as they come
};

inline const std::vector<GoodRequest>& GoodRequests() {
  static const auto* const kRequests = new std::vector<GoodRequest>{
      {"Administration/PutInstitution",
       R"(institution { code: "115299020099002A05" name: "青禾县卫生健康局" county_code: "529902"
                        county_name: "青禾县" profile: "national-default" managing: true })",
       {"institution.code", "institution.name"},
       {}},
      {"Administration/PutClient",
       R"(client { certificate_sm3: "SM3" organisation_code: "12529901MB0A12342F" active: true
                   roles: ROLE_CONNECTOR facility_codes: "12529901MB0A12342F" })",
       {"client.certificate_sm3", "client.organisation_code", "client.roles",
        "client.facility_codes"},
       {}},
      {"Administration/PutOperator",
       R"(operator { id: "issuer-9" institution_code: "12529901MB0A12342F" may_issue: true
                     public_key: "SM3" })",
       {"operator.id", "operator.institution_code", "operator.public_key"},
       {}},
      {"Administration/PutSeal",
       R"(institution_code: "12529901MB0A12342F" seal_sm3: "SM3")",
       {"institution_code", "seal_sm3"},
       {}},
      {"Administration/ReceiveStock",
       R"(request_id: "r-1" institution_code: "12529901MB0A12342F" first_number: "Z529000001"
          last_number: "Z529000002")",
       {"request_id", "institution_code", "first_number", "last_number"},
       {}},
      {"Administration/CancelReservation",
       R"(case_id: "KEY" reason: "重复" issuer { operator_id: "i" signature: "s" }
          sealer { operator_id: "s" signature: "s" })",
       {"case_id", "reason", "issuer.operator_id", "issuer.signature", "sealer.operator_id",
        "sealer.signature"},
       {}},
      {"Administration/ConfirmStock",
       R"(request_id: "r-1" institution_code: "12529901MB0A12342F" first_number: "Z529000001"
          next_number: "Z529000002" issuer { operator_id: "i" signature: "s" }
          sealer { operator_id: "s" signature: "s" })",
       {"request_id", "institution_code", "first_number", "issuer.operator_id", "issuer.signature",
        "sealer.operator_id", "sealer.signature"},
       {}},
      // The store knows which names a folder may have.
      {"Administration/CreateBackup", R"(name: "yesterday")", {}, {"name"}},
      {"Administration/GetSummary", "", {}, {}},
      {"DeliveryFeed/ListReviews",
       R"(facility_code: "12529901MB0A12342F" page_size: 10 page_token: "token")",
       {"facility_code"},
       {}},
      {"DeliveryFeed/ResolveReview",
       R"(request_id: "r-1" delivery_id: "KEY" decision: REVIEW_DECISION_ACCEPT operator_id: "i"
          reason: "核实" whose: WHOSE_RECORD_SAME_NEWBORN
          delivery { birth_place { code: "529901" } })",
       {"request_id", "delivery_id", "decision", "operator_id", "reason"},
       {}},
      {"DeliveryFeed/GetDelivery",
       R"(delivery_id: "KEY" newborn_id: "KEY" use_cause: "核查"
          baby { facility_code: "12529901MB0A12342F" baby_record_no: "B-1" })",
       {"baby.facility_code", "baby.baby_record_no"},
       {}},
      {"Issuing/SubmitApplication",
       R"(request_id: "r-1" case_id: "KEY"
          application { kind: CASE_KIND_FIRST_ISSUE institution_code: "12529901MB0A12342F"
                        newborn_id: "KEY" mother { name: "林晚舟" } father { name: "云长青" }
                        collector { relation: "MOTHER" }
                        evidence { kind: "MOTHER_ID" reference: "DOC-1" sm3: "SM3" } })",
       {"request_id", "application.kind", "application.institution_code", "application.newborn_id",
        "application.evidence[0].kind", "application.evidence[0].reference"},
       {}},
      {"Issuing/GetCase", R"(case_id: "KEY" use_cause: "核查")", {"case_id"}, {}},
      {"Issuing/ApproveCases",
       R"(items { case_id: "KEY" content_digest: "SM3"
                  issuer { operator_id: "i" signature: "s" } })",
       {"items[0].case_id", "items[0].content_digest", "items[0].issuer.operator_id",
        "items[0].issuer.signature"},
       {}},
      {"Issuing/IssueCertificates",
       R"(items { case_id: "KEY" issue_date: "2026-05-28"
                  sealer { operator_id: "s" signature: "s" } })",
       {"items[0].case_id", "items[0].issue_date", "items[0].sealer.operator_id",
        "items[0].sealer.signature"},
       {}},
      {"Issuing/ReportMisprint",
       R"(request_id: "r-1" case_id: "KEY" number: "Z520000001" operator_id: "i"
          reason: "打印错位")",
       {"request_id", "case_id", "number", "operator_id", "reason"},
       {}},
      {"Issuing/WithdrawCase", R"(case_id: "KEY" reason: "撤回")", {"case_id", "reason"}, {}},
      {"Issuing/RevokeCertificate",
       R"(request_id: "r-1" number: "Z520000001"
          decision { kind: "DECISION" reference: "D-1" sm3: "SM3" }
          issuer { operator_id: "i" signature: "s" } sealer { operator_id: "s" signature: "s" })",
       {"request_id", "number", "decision.kind", "decision.reference", "issuer.operator_id",
        "issuer.signature", "sealer.operator_id", "sealer.signature"},
       {}},
      {"Sharing/GetCertificate",
       R"(key { number: "Z520000001" } use_cause: "核查")",
       {"key.number"},
       {}},
      {"Sharing/GetCertificate",
       R"(key { licence_id: "1.2.156" } use_cause: "核查")",
       {"key.licence_id"},
       {}},
      {"Sharing/DownloadDocument",
       R"(key { number: "Z520000001" } use_cause: "核查")",
       {"key.number"},
       {}},
      {"Sharing/GetPreview",
       R"(key { number: "Z520000001" } use_cause: "核查" dpi: 150)",
       {"key.number"},
       {}},
      {"Transparency/GetCheckpoint", "", {}, {}},
      {"Transparency/ListLeaves", "count: 1", {"count"}, {}},
      {"Transparency/ListUpdates", "count: 1", {"count"}, {}},
      {"Transparency/GetInclusionProof", "", {}, {}},
      {"Transparency/GetConsistencyProof", "", {}, {}},
      // The desk reads it as a note.
      {"Transparency/Witness", R"(cosigned: "note")", {}, {"cosigned"}},
      // Bytes of a file or receipt are what they are; their size: request_fields_test.cc.
      {"Verification/VerifyDocument",
       R"(file: "no document" use_cause: "核查" receipts: "no receipt")",
       {"file"},
       {"file", "receipts"}},
      {"Verification/VerifyNumber",
       R"(number: "Z520000001" newborn_name: "云知夏" birth_date: "2026-05-28"
          parent_id_number: "1" use_cause: "核查")",
       {},
       {}},
      {"Verification/GetStatus", R"(licence_id: "1.2.156")", {}, {}},
      {"Verification/GetReceipt",
       R"(licence_id: "1.2.156" strength: JOINT)",
       {"licence_id", "strength"},
       {}},
      {"Verification/ProveUniqueness",
       R"(mother_id_type: ID_TYPE_CITIZEN_ID mother_id_number: "1" birth_date: "2026-05-28"
          birth_order: 1 use_cause: "核查")",
       {"mother_id_type", "mother_id_number", "birth_date", "birth_order"},
       {}},
  };
  return *kRequests;
}

}  // namespace birthseal::tests
