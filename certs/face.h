// SPDX-License-Identifier: Apache-2.0
// The face of the certificate: the 23 labelled fields of editions 5 to 7, as typed values.
//
// `FaceLines` turns it into the printed Chinese text, once, for layout, metadata and checking.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "certs/codes.h"
#include "certs/delivery.h"
#include "certs/digest.h"

namespace birthseal::certs {

struct Parent {
  std::string name;
  int age = 0;              // completed years at the birth
  std::string nationality;  // GB/T 2659 alpha-3
  std::string ethnicity;    // GB/T 3304 two digits; empty: not given
  std::string address;
  IdType id_type = IdType::kNone;
  std::string id_number;
};

// Everything the issuer approves: all fields but number and issue date.
struct FaceContent {
  std::string newborn_name;
  Sex sex = Sex::kUnknown;
  absl::CivilMinute birth_time;
  int gestation_weeks = 0;
  int gestation_days = 0;
  int birth_weight_g = 0;
  int birth_length_mm = 0;
  Place birth_place;
  std::string delivery_institution_name;  // the profile's absent marker outside a facility
  std::string delivery_institution_code;
  Parent mother;
  std::optional<Parent> father;  // all or none; ethnicity alone may be left out (Rule I6)
  std::string issuing_institution_name;
  std::string issuing_institution_code;  // USCC
  std::string absent_marker = "/";       // printed where a field is lawfully absent
};

struct Face {
  FaceContent content;
  std::string certificate_number;
  absl::CivilDay issue_date;
};

std::string Canonical(const FaceContent& content);
std::string Canonical(const Face& face);
absl::StatusOr<FaceContent> ParseFaceContent(absl::string_view canonical);
absl::StatusOr<Face> ParseFace(absl::string_view canonical);

// What the issuer (签发人员) signs: SM3("birthseal/content/v1" 00 || Canonical(content)).
Digest ContentDigest(const FaceContent& content);
// What the sealer (盖章人员) signs: SM3("birthseal/face/v1" 00 || ContentDigest || number ||
// YYYYMMDD). The two are nested: the second holds the first.
Digest FaceDigest(const Face& face);
Digest FaceDigest(const Digest& content, absl::string_view certificate_number,
                  absl::CivilDay issue_date);

// One printed field: its number on the form (1..23), the short name of its metadata item
// (KZ_ + pinyin initials), label and text.
struct FaceLine {
  int number;
  absl::string_view key;
  absl::string_view label;
  std::string text;
};
// The 23 fields in the order of the form.
std::vector<FaceLine> FaceLines(const Face& face);

}  // namespace birthseal::certs
