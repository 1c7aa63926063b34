// SPDX-License-Identifier: Apache-2.0
#include "tests/signer/verify/sealed_package.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "certs/digest.h"
#include "certs/ofd/package.h"
#include "certs/ofd/reader.h"
#include "signer/der/der.h"
#include "signer/verify/document_signature.h"

namespace birthseal::tests {
namespace {

namespace der = signer::der;
namespace devpki = signer::devpki;

constexpr char kHead[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
constexpr char kNs[] = "xmlns:ofd=\"http://www.ofdspec.org/2016\"";
constexpr char kList[] = "Doc_0/Signs/Signatures.xml";
constexpr char kSealFile[] = "Doc_0/Signs/Sign_0/Seal.esl";
constexpr char kSignature[] = "Doc_0/Signs/Sign_0/Signature.xml";
constexpr char kValue[] = "Doc_0/Signs/Sign_0/SignedValue.dat";

template <typename T>
T Must(absl::StatusOr<T> value) {
  if (value.ok()) return *std::move(value);
  std::fprintf(stderr, "test support: %s\n", value.status().ToString().c_str());
  std::abort();
}

std::string SignatureXml(const Sealing& sealing, const Files& files) {
  std::string xml =
      absl::StrCat(kHead, "<ofd:Signature ", kNs,
                   "><ofd:SignedInfo><ofd:Provider ProviderName=\"Test\"/><ofd:SignatureMethod>",
                   sealing.signature_method,
                   "</ofd:SignatureMethod><ofd:SignatureDateTime>20260101000000Z"
                   "</ofd:SignatureDateTime><ofd:References ",
                   sealing.check_method, ">");
  for (const auto& [path, content] : files) {
    const auto& out = sealing.left_out;
    if (sealing.empty_references || std::find(out.begin(), out.end(), path) != out.end()) continue;
    if (path == kList && !sealing.cover_list) continue;
    absl::StrAppend(&xml, "<ofd:Reference FileRef=\"/", path, "\"><ofd:CheckValue>",
                    absl::Base64Escape(certs::View(certs::Sm3Of(content))),
                    "</ofd:CheckValue></ofd:Reference>");
  }
  absl::StrAppend(&xml, "</ofd:References>", sealing.extra_references,
                  "<ofd:StampAnnot ID=\"2\" PageRef=\"", sealing.page_ref, "\" Boundary=\"",
                  sealing.boundary, "\"/><ofd:Seal><ofd:BaseLoc>/", kSealFile,
                  "</ofd:BaseLoc></ofd:Seal></ofd:SignedInfo><ofd:SignedValue>/", kValue,
                  "</ofd:SignedValue></ofd:Signature>");
  return xml;
}

std::string Raw(const std::string& signature) {
  absl::string_view whole = signature;
  absl::string_view rest = Must(der::Read(&whole)).content;
  std::string raw;
  for (int i = 0; i < 2; ++i) {
    const std::string scalar(Must(der::Read(&rest)).content);
    raw += (std::string(32, '\0') + scalar).substr(scalar.size());
  }
  return raw;
}

std::string SignedValue(const Sealing& sealing, const std::string& seal,
                        const std::string& signature_xml) {
  if (sealing.value) return sealing.value(signature_xml);
  const devpki::Identity& signer =
      sealing.signer.key == nullptr ? Pki().institution.signer : sealing.signer;
  const std::string tbs =
      signer::ToBeSigned(seal, sealing.time, certs::Sm3Of(signature_xml), sealing.property_info);
  std::string signature = signer::SignWith(signer.key, tbs);
  if (sealing.raw_signature) signature = Raw(signature);
  std::string value = signer::FinishSignature(tbs, signer.certificate, signature);
  if (!sealing.stamp) return value;
  absl::string_view whole = value;
  const std::string inner(Must(der::Read(&whole)).content);
  return der::Tlv(der::kSequence,
                  inner + der::Tlv(der::kContext0, der::BitString(sealing.stamp(signature))));
}

}  // namespace

const PackagePki& Pki() {
  static const PackagePki* const pki = [] {
    auto* made = new PackagePki;
    made->hierarchy = Must(devpki::MakeHierarchy(TestNow()));
    made->institution = Must(devpki::MakeInstitutionSeal(
        made->hierarchy, {"12990000MA0000000X", "云岭市测试妇幼保健院", "云岭市"}, TestNow()));
    return made;
  }();
  return *pki;
}

signer::VerifierTrust TrustPki() {
  signer::VerifierTrust trust;
  trust.makers = Must(signer::TrustStore::FromPem(Pki().hierarchy.MakersPem()));
  trust.signers = Must(signer::TrustStore::FromPem(Pki().hierarchy.SignersPem()));
  return trust;
}

Files PlainFiles() {
  return {
      {"OFD.xml",
       absl::StrCat(kHead, "<ofd:OFD ", kNs,
                    " Version=\"1.1\" DocType=\"OFD\"><ofd:DocBody><ofd:DocInfo>"
                    "<ofd:DocID>00112233445566778899aabbccddeeff</ofd:DocID><ofd:CustomDatas>"
                    "<ofd:CustomData Name=\"amount\">100</ofd:CustomData></ofd:CustomDatas>"
                    "</ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>"
                    "<ofd:Signatures>/",
                    kList, "</ofd:Signatures></ofd:DocBody></ofd:OFD>")},
      {"Doc_0/Document.xml",
       absl::StrCat(kHead, "<ofd:Document ", kNs,
                    "><ofd:CommonData><ofd:MaxUnitID>9</ofd:MaxUnitID><ofd:PageArea>"
                    "<ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea>"
                    "</ofd:CommonData><ofd:Pages><ofd:Page ID=\"1\" "
                    "BaseLoc=\"Pages/Page_0/Content.xml\"/></ofd:Pages></ofd:Document>")},
      {"Doc_0/Pages/Page_0/Content.xml",
       absl::StrCat(kHead, "<ofd:Page ", kNs,
                    "><ofd:Content><ofd:Layer ID=\"2\"><ofd:TextObject ID=\"3\" "
                    "Boundary=\"10 10 50 10\" Font=\"4\" Size=\"5\"><ofd:TextCode X=\"0\" Y=\"5\">"
                    "甲</ofd:TextCode></ofd:TextObject></ofd:Layer></ofd:Content></ofd:Page>")},
  };
}

std::string Seal(const Sealing& sealing) {
  Files files = sealing.files;
  const std::string seal = sealing.seal.empty() ? Pki().institution.seal : sealing.seal;
  files[kSealFile] = sealing.seal_file.empty() ? seal : sealing.seal_file;
  files[kList] = absl::StrCat(kHead, "<ofd:Signatures ", kNs,
                              "><ofd:MaxSignId>2</ofd:MaxSignId><ofd:Signature ID=\"1\" Type=\"",
                              sealing.type, "\" BaseLoc=\"/", kSignature, "\"/></ofd:Signatures>");
  const std::string xml = SignatureXml(sealing, files);
  files[kSignature] = xml;
  files[kValue] = SignedValue(sealing, seal, xml);
  return Pack(files);
}

Files Unpack(const std::string& package) { return Must(certs::ofd::ReadPackage(package)).files; }

std::string Pack(const Files& files) {
  std::vector<certs::ofd::PartPtr> parts = {certs::ofd::MakePart("OFD.xml", files.at("OFD.xml"))};
  for (const auto& [path, content] : files) {
    if (path != "OFD.xml") parts.push_back(certs::ofd::MakePart(path, content));
  }
  return certs::ofd::WritePackage(parts);
}

std::string Prefixed(const std::string& prefix, const std::string& zip) {
  std::string moved = zip;
  const auto move = [&](size_t at) {
    uint32_t offset = 0;
    for (int i = 3; i >= 0; --i) offset = offset << 8 | static_cast<uint8_t>(moved[at + i]);
    offset += static_cast<uint32_t>(prefix.size());
    for (int i = 0; i < 4; ++i) moved[at + i] = static_cast<char>(offset >> (8 * i));
  };
  const size_t end = moved.size() - 22;  // of a zip without comment
  size_t entry = 0;
  for (int i = 3; i >= 0; --i) entry = entry << 8 | static_cast<uint8_t>(moved[end + 16 + i]);
  for (; entry < end; entry += 46 + static_cast<uint8_t>(moved[entry + 28])) move(entry + 42);
  move(end + 16);
  return prefix + moved;
}

void Replace(const std::string& from, const std::string& to, std::string* in) {
  const size_t at = in->find(from);
  if (at == std::string::npos || in->find(from, at + 1) != std::string::npos) {
    std::fprintf(stderr, "test support: not exactly once: %s\n", from.c_str());
    std::abort();
  }
  in->replace(at, from.size(), to);
}

}  // namespace birthseal::tests
