// SPDX-License-Identifier: Apache-2.0
// Small sealed OFD files whose every step can be done wrong, and edits of finished files.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "signer/devpki/dev_pki.h"
#include "signer/verify/document_verifier.h"

namespace birthseal::tests {

using Files = std::map<std::string, std::string>;

// The development PKI with one institution and its seal, made once for all tests.
struct PackagePki {
  signer::devpki::Hierarchy hierarchy;
  signer::devpki::InstitutionIdentity institution;
};
const PackagePki& Pki();
inline absl::Time TestNow() { return absl::FromUnixSeconds(1'780'000'000); }
// Trusts makers and signers of Pki().
signer::VerifierTrust TrustPki();

// A one-page document without signatures; OFD.xml names the list of signatures.
Files PlainFiles();

// How PlainFiles() are sealed; the defaults make a file that is intact and trusted.
struct Sealing {
  Files files = PlainFiles();
  std::vector<std::string> left_out;  // paths without a Reference
  bool cover_list = true;
  std::string type = "Seal";
  std::string check_method = "CheckMethod=\"1.2.156.10197.1.401\"";
  std::string signature_method = "1.2.156.10197.1.501";
  std::string extra_references;  // XML behind the References
  std::string page_ref = "1", boundary = "10 10 40 40";
  std::string property_info = "/Doc_0/Signs/Sign_0/Signature.xml";
  std::string seal;                 // empty: the institution's
  std::string seal_file;            // Seal.esl; empty: the seal
  signer::devpki::Identity signer;  // empty: the institution's
  absl::Time time = TestNow() - absl::Hours(1);
  bool empty_references = false;
  bool raw_signature = false;
  std::function<std::string(const std::string& signature)> stamp;  // token over the value
  // Replaces the whole SignedValue.dat; gets Signature.xml.
  std::function<std::string(const std::string& signature_xml)> value;
};
std::string Seal(const Sealing& sealing);

// The files of a package, and a package of files.
Files Unpack(const std::string& package);
std::string Pack(const Files& files);
// `zip` behind other bytes, with its offsets moved: what most readers take for a plain zip.
std::string Prefixed(const std::string& prefix, const std::string& zip);
// Replaces the only occurrence of `from`.
void Replace(const std::string& from, const std::string& to, std::string* in);

}  // namespace birthseal::tests
