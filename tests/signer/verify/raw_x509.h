// SPDX-License-Identifier: Apache-2.0
// Certificates, CRLs, SignedData and time stamp tokens written field by field, so that a test can
// make the wrong ones too. SM2 only.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "signer/devpki/dev_pki.h"
#include "signer/sealing/sm2_sign.h"

namespace birthseal::tests {

struct RawCertificate {
  std::string common_name = "测试签名者";
  uint64_t serial = 1;
  absl::Time not_before, not_after;
  std::string extensions;  // DER of each Extension; empty: the field is left out
  std::shared_ptr<const signer::PrivateKey> key;
  const signer::devpki::Identity* issuer = nullptr;  // null: self-signed
  std::string spki;                                  // empty: that of `key`
};
std::string MakeRaw(const RawCertificate& certificate);

// Extension ::= { id, critical, value }.
std::string Extension(const std::string& oid, bool critical, const std::string& value);
std::string KeyUsage(const std::string& bit_string_content);  // as octets: unused bits, then bits
std::string TimeStampUsage();                                 // extendedKeyUsage, critical
std::string CaExtensions();                                   // CA:TRUE, keyCertSign and cRLSign

std::string SubjectOf(const std::string& certificate);  // DER Name
std::string Pem(const std::string& label, const std::string& der);

// A CRL of `issuer` that revokes serial numbers at a time.
std::string MakeCrl(const signer::devpki::Identity& issuer, absl::Time revoked_at,
                    const std::vector<uint64_t>& serials);

// SignedData with one signer. `attributes`: signs contentType and messageDigest of `content`
// instead of `content` itself.
struct RawSignedData {
  std::string outer_type, content_type;  // dotted OIDs
  std::string content;
  bool detached = false, attributes = true, with_certificate = true, raw_signature = false;
  signer::devpki::Identity signer;
  std::string digest_algorithm = "1.2.156.10197.1.401";  // of the signer: SM3
  // How the attributes are written; `digest` is of the content, empty under an unknown algorithm.
  std::function<std::string(const std::string& content_type, const std::string& digest)>
      write_attributes;  // empty: as they should be
};
std::string MakeSignedData(const RawSignedData& data);
// Attribute ::= { type, SET { value } }.
std::string SignedAttribute(const std::string& type, const std::string& value);

// TSTInfo, and a time stamp token over `stamped` that holds one.
struct RawTstInfo {
  int version = 1;
  std::string imprint_algorithm = "1.2.156.10197.1.401";  // SM3
  std::string imprint;                                    // octets
  std::string time;                                       // as it is written
};
std::string MakeTstInfo(const RawTstInfo& info);
std::string MakeToken(const signer::devpki::Identity& authority, const std::string& stamped,
                      absl::Time time);

}  // namespace birthseal::tests
