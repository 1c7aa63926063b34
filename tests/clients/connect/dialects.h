// SPDX-License-Identifier: Apache-2.0
// Births as the kinds of systems that hospitals have write them, every message invented: twins of
// the third-party samples (samples_test.cc, tests/integration/feed_samples_test.cc), so that what
// those find is found without them.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace birthseal::tests {

struct Dialect {
  const char* name;
  const char* ack;      // MSA-1; empty: no answer
  const char* defects;  // codes that are pushed, by blank
  std::string message;
};

inline constexpr char kHerNumber[] = "11010519491231002X^^^^NI";

// A next of kin who is the mother, with her number or without.
inline std::string Mother(const std::string& number = "") {
  return absl::StrCat("NK1|1|云^朵|MTH^Mother^HL70063", std::string(30, '|'), number, "\r");
}

// The admission by the ward's own system, of a baby and its birth time: no number of the mother.
inline std::string Admission(const std::string& born) {
  return absl::StrCat(
      "MSH|^~\\&|WARD|QH||BS|20240305150000||ADT^A01|A1|P|2.3\r"
      "EVN|A01|20240305150000||ADMIT|N7^水^清^^^^^^QH\r"
      "PID|1||B100^^^QH||云^大宝||",
      born,
      "|M|||溪口街^^南溪县^^^CN||||||||||云^朵^|||N|1|||||N\r"
      "NK1|1|云^长青^^|FTH^Father^HL70063|^^^^|^^\r"
      "NK1|2|云^朵^|MTH^Mother^HL70063|^^^^|^^\r"
      "PV1|1|I|||||D9^石^泉\rOBX|1|NM|49051-6^GESTATION (WEEKS)||38|wk||||||\r");
}

// The order of a laboratory, in enhanced mode; the parents stand before the patient.
inline std::string LabOrder(const std::string& control, const std::string& born,
                            const std::string& written = "20240307090000") {
  return absl::StrCat(
      "MSH|^~\\&|LAB^1.2.3.99^ISO|Qinghe^qinghe.example^DNS|BS^1.2.3.98^ISO|P|", written,
      "||ORM^O01^ORM_O01|", control,
      "|P|2.5.1|||AL|AL\r"
      "NK1|2|云^朵^^^^L|MTH^Mother^HL70063^^^^Mother\r"
      "NK1|1|云^长青^^^^L|FTH^Father^HL70063^^^^Father\r"
      "PID|1||B100^^^QHMRN^MR||云^大宝^^^^L|云^朵|",
      born,
      "|M||||||||||||||||N|1|||||N\r"
      "ORC|NW|O1^LAB^1.2.3.99^ISO\r"
      "OBR|1|O1^LAB^1.2.3.99^ISO||57717-1^Newborn screen card data panel^LN\r"
      "OBX|1|NM|8339-4^BIRTH WEIGHT^LN|1|2985.412|g^gram^UCUM|||||O|||20240307080000\r"
      "OBX|2|NM|57714-8^GESTATION^LN|1|38|wk^week^UCUM|||||O|||20240307080000\r"
      "OBX|3|CWE|QHSIB^ANY SIBLINGS^99QH|1|N^No^99QH||||||O\r");
}

// Two twins of a system that gives both one control id, and to every baby the observed order 1.
inline std::string Twin(int order, const std::string& plurality) {
  return absl::StrCat(
      "MSH|^~\\&|TWIN|青禾县妇幼保健院|BS|P|20240306120000||OML^O21^OML_O21|T1|P|2.5.1\r"
      "PID|1||B20",
      order, "^^^QH^MR||云^宝^", order, "||2024030514", order, "0|F||||||||||||||||Y|", order, "\r",
      Mother(kHerNumber), "OBR|1|O2||57128-1^Newborn Screening Panel\r",
      "OBX|1|ST|QH:55^Birth Order (if Multiple) 1-9^LN||1\r",
      "OBX|2|NM|8339-4^Birth Weight (g)^LN||2600|g\r", plurality);
}

inline std::vector<Dialect> Dialects() {
  constexpr char kHeader[] = "MSH|^~\\&|HIS|QH|BS|P|20240305150000||";
  return {
      {"ward", "AA", "MOTHER_ID_MISSING", Admission("20240305140823")},
      {"laboratory", "CA", "MOTHER_ID_MISSING", LabOrder("L1", "20240305140823")},
      {"whole order with offsets", "CA", "",
       absl::StrCat("MSH|^~\\&|NBS^1.2.3.97^ISO|QH|BS|P|20240307185600+0800||OML^O21^OML_O21|N1|P|"
                    "2.5.1|||AL|NE\r"
                    "PID|1||B101^^^QH&1.2.3.97&ISO^MR^MR||云^二宝||202403050152+0800|F\r",
                    Mother("9683^^^SSA&1.2.3.96&ISO^SS"),
                    "OBR|1|O3||54089-8^Newborn screening panel^LN\r"
                    "DG1|1||code^Diagnosis^I10C|||W|||||||||1\r"
                    "OBX|1|NM|8339-4^Birth weight – measured^LN||2921|g^gram^UCUM\r"
                    "OBX|2|NM|58229-6^Body weight when specimen was taken^LN||2856|g\r"
                    "OBX|3|CWE|57722-1^Plurality^LN||LA6112-2^1^LN\r"
                    "OBX|4|NM|57714-8^Gestation^LN||38|wk^week^UCUM\r")},
      {"neither minutes, kin nor unit", "AA",
       "BIRTH_TIME_WITHOUT_MINUTES MOTHER_MISSING MOTHER_ID_MISSING WEIGHT_WITHOUT_UNIT "
       "BIRTH_ORDER_NOT_A_NUMBER",
       "MSH|^~\\&||HNA|||20240307170230||ORM^O01|Q1T1|P|2.3||||||8859/1\r"
       "PID|1|100^^^MRN^CD:10|100^^^MRN^CD:10||BAO^BAO, SAN^^^^^CD:7||20240305|M||X|"
       "XIKOU^^^^^Home^^\"\"|||||||||||||\"\"|A\r"
       "OBR|1|O4||57128-1^Newborn Screening Panel\r"
       "OBX|1|CE|67704-7^Type of feed||^Formula^CD:1220\r"
       "OBX|2|NM|8339-4^Birth Weight (g)||3040\rOBX|3|NM|57714-8^Gestational Age (wks)||38\r"},
      {"lost line ends", "AA", "MOTHER_MISSING MOTHER_ID_MISSING BIRTH_ORDER_NOT_A_NUMBER",
       "MSH|^~\\&|PIC|R3|BS|P|20240307150825|U1|OML^O21|P1|P|2.5.1\r"
       "PID|||102^^^EPI||云^四宝|朵|20240305182821|M|||||||||||||||||A|A\r"
       "NK1|1|云 ^朵|||8315550909^^^q@example\r"
       "OBR|1|O5||||||||^TEST OBX|1|NM|57716-3^Card^LN||34 OBX|2|ST|57721-3^Reason^LN||First\r"
       "OBX|3|NM|57714-8^Gestation^LN||39|wk^weeks\rOBX|4|NM|8339-4^Birthweight^LN||3555|g^gram "
       "OBX|5|ST|69^Ward^LN||2\r"},
      {"units that are none", "AA", "SEX_UNKNOWN GESTATION_UNIT_UNKNOWN",
       absl::StrCat(kHeader, "ORM^O01^ORM_O01|W1|P|2.5.1\r",
                    "PID|1||103^^^QH^MR||云^五宝||202403050152+0800|U^Unknown^HL70001\r",
                    Mother("9101000^^^INS&1.2.3.95&ISO^MD"),
                    "OBR|1|O6||54089-8^Newborn screening panel^LN\r"
                    "OBX|1|NM|58229-6^Body weight when specimen was taken^LN||2100|kg^kilogram\r"
                    "OBX|2|CWE|57722-1^Plurality^LN||LA6114-8^3^LN\r"
                    "OBX|3|NM|57714-8^Gestation^LN||35|mo^month^UCUM\r")},
      {"second twin", "AA", "BIRTH_ORDER_CONTRADICTS PLURALITY_MISSING", Twin(2, "")},
      {"first twin", "AA", "", Twin(1, "OBX|3|CWE|57722-1^Plurality^LN||LA6113-0^2^LN\r")},
      {"late correction", "AA", "MOTHER_ID_MISSING",
       "MSH|^~\\&|Main|QH|CL|BS|20250612073040|U1|ADT^A08|U8|P|2.3|||||||||||\r"
       "EVN|A08|20250612073040||CORRECTED\r"
       "PID|1||E384^^^PIC^MRN~107^^^EPI^MR||云^七宝||20240305100700|M|||^^^^^CN^P|||||SINGLE||"
       "1000|||900^^^^CSN~E385^^^PIC^MRN~M300^^^EPI^MR||^^青禾市^^|N|1|||||N||\r"
       "NK1|1|云^朵^^|Mother|溪口街^^南溪县\rPV1|1|NEWBORN|NIP^293|NB\r"
       "OBX|1|NM|HT^HEIGHT||50|in\r"},
      {"declared GB18030", "AA", "MOTHER_ID_MISSING",
       "MSH|^~\\&|HIS|QH|BS|P|20240305150000||ADT^A01|G1|P|2.5.1||||||GB 18030-2000\r"
       "PID|1||108^^^QH^MR||BABY||202403051408|F\rNK1|1|\xB3\xC2^\xAB\x5E|MTH\r"},
      {"a charset that is not read", "AE", "ENCODING_UNSUPPORTED",
       absl::StrCat(kHeader, "ADT^A01|E1|P|2.5.1||||||UNICODE UTF-16\rPID|1||109^^^QH^MR\r")},
      {"another patient", "AA", "",
       absl::StrCat(kHeader, "ADT^A01|P2|P|2.5.1\rPID|1||P5||甲^某||19800101|M\rPV1|1|I\r")},
      {"an acknowledgement", "", "", "MSH|^~\\&|BS|P|HIS|QH|||ACK|AX1|P|2.5.1|\rMSA|AA|X1|\r"},
      {"nothing", "AR", "HL7_MSH", ""},
      {"the begin of a header", "AR", "HL7_MSH", "MSH|"},
      {"no type", "AR", "HL7_101", absl::StrCat(kHeader, "|X1|P|2.5.1\rPID|1\r")},
      {"no control id", "AR", "HL7_101", absl::StrCat(kHeader, "ADT^A01||P|2.5.1\rPID|1\r")},
      {"a header alone", "AE", "PID_MISSING", absl::StrCat(kHeader, "ORM^O01^ORM_O01|X2|P|2.3\r")},
  };
}

}  // namespace birthseal::tests
