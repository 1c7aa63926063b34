// SPDX-License-Identifier: Apache-2.0
// Seals and signature values as other products write them, V1 to V5, with invented keys; every
// part can be made wrong.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "signer/der/ses_oids.h"
#include "signer/devpki/dev_pki.h"
#include "tests/signer/verify/sealed_package.h"

namespace birthseal::tests {

// How a product writes its seals, and what it signs with them.
struct SealStyle {
  int number = 4;           // as written in the header
  std::string mark = "ES";  // of the header
  int list_type = 1;        // V4, V5: certificates or their digests
  std::string list_entry;   // empty: what the style needs
  absl::Time created = TestNow() - absl::Hours(24 * 30);
  absl::Time valid_from = TestNow() - absl::Hours(24 * 30);
  absl::Time valid_until = TestNow() + absl::Hours(24 * 30);
  std::string extensions;  // behind the picture; empty: none
  std::string time_stamp;  // V5, the whole field; empty: none
  signer::devpki::Identity maker = Pki().hierarchy.maker;
  std::string maker_algorithm = std::string(signer::kOidSm2WithSm3);

  signer::devpki::Identity signer = Pki().institution.signer;
  std::string signer_algorithm = std::string(signer::kOidSm2WithSm3);
  int value_number = 0;          // in the signed part; 0: that of the header
  std::string value_hash;        // empty: of the XML
  std::string value_extensions;  // behind propertyInfo; empty: none
  bool v1() const { return number < 4; }
};
inline SealStyle Numbered(int number) {
  SealStyle style;
  style.number = number;
  return style;
}

std::string SealInfoOf(const SealStyle& style);
std::string SealOf(const SealStyle& style);
// SES_Signature over `xml`. The time as V1 products write it is text in a BIT STRING.
std::string ValueOf(const SealStyle& style, const std::string& seal, const std::string& xml,
                    const std::string& v1_time);

// ExtensionDatas with one entry, 1.2.3.4; `boolean` is its critical field or empty.
std::string SealExtensions(const std::string& boolean);
std::string Beijing(absl::Time time);

}  // namespace birthseal::tests
