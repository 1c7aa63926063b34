// SPDX-License-Identifier: Apache-2.0
// A small OFD package with one of everything that the structure follows, and ways to spoil it.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "certs/ofd/reader.h"
#include "gtest/gtest.h"

namespace birthseal::tests {

inline constexpr char kOfdSpace[] = R"(xmlns:ofd="http://www.ofdspec.org/2016")";

inline std::string OfdXml(const std::string& root, const std::string& inside) {
  return absl::StrCat(R"(<?xml version="1.0" encoding="UTF-8"?><ofd:)", root, " ", kOfdSpace, ">",
                      inside, "</ofd:", root, ">");
}

inline certs::ofd::OpenPackage SmallPackage() {
  certs::ofd::OpenPackage package;
  package.files["OFD.xml"] =
      OfdXml("OFD",
             "<ofd:DocBody><ofd:DocInfo><ofd:DocID>id</ofd:DocID><ofd:CustomDatas>"
             "<ofd:CustomData Name=\"K\">v<!-- cut -->w</ofd:CustomData></ofd:CustomDatas>"
             "</ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>"
             "<ofd:Signatures>/Doc_0/Signs/Signatures.xml</ofd:Signatures></ofd:DocBody>");
  package.files["Doc_0/Document.xml"] =
      OfdXml("Document",
             "<ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox>"
             "</ofd:PageArea><ofd:PublicRes>PublicRes.xml</ofd:PublicRes>"
             "<ofd:TemplatePage ID=\"9\" BaseLoc=\"Tpls/T.xml\"/></ofd:CommonData>"
             "<ofd:Pages><ofd:Page ID=\"7\" BaseLoc=\"Pages/P.xml\"/></ofd:Pages>"
             "<ofd:CustomTags>Tags.xml</ofd:CustomTags>"
             "<ofd:Attachments>Attachments.xml</ofd:Attachments>");
  package.files["Doc_0/PublicRes.xml"] =
      absl::StrCat("<ofd:Res ", kOfdSpace,
                   " BaseLoc=\"Res\"><ofd:Fonts><ofd:Font ID=\"1\" FontName=\"F\">"
                   "<ofd:FontFile>f.ttf</ofd:FontFile></ofd:Font></ofd:Fonts></ofd:Res>");
  package.files["Doc_0/Res/f.ttf"] = "font";
  package.files["Doc_0/Tpls/T.xml"] = OfdXml("Page", "<ofd:Content/>");
  package.files["Doc_0/Pages/P.xml"] =
      OfdXml("Page",
             "<ofd:Content><ofd:Layer ID=\"2\"><ofd:TextObject ID=\"3\"><ofd:TextCode>first"
             "</ofd:TextCode></ofd:TextObject><ofd:PageBlock ID=\"4\"><ofd:TextObject ID=\"5\">"
             "<ofd:TextCode>second</ofd:TextCode></ofd:TextObject></ofd:PageBlock></ofd:Layer>"
             "</ofd:Content>");
  package.files["Doc_0/Tags.xml"] =
      OfdXml("CustomTags",
             "<ofd:CustomTag TypeID=\"t\"><ofd:FileLoc>Tag.xml</ofd:FileLoc></ofd:CustomTag>");
  package.files["Doc_0/Tag.xml"] =
      "<root><Name><ObjectRef PageRef=\"7\">3</ObjectRef><ObjectRef PageRef=\"7\">5</ObjectRef>"
      "</Name></root>";
  package.files["Doc_0/Attachments.xml"] =
      OfdXml("Attachments",
             "<ofd:Attachment ID=\"1\" Name=\"data\"><ofd:FileLoc>Attachs/a.xml</ofd:FileLoc>"
             "</ofd:Attachment>");
  package.files["Doc_0/Attachs/a.xml"] = "<a/>";
  package.files["Doc_0/Signs/Signatures.xml"] =
      OfdXml("Signatures",
             "<ofd:MaxSignId>1</ofd:MaxSignId>"
             "<ofd:Signature ID=\"1\" BaseLoc=\"Sign_0/Signature.xml\"/>");
  package.files["Doc_0/Signs/Sign_0/Signature.xml"] =
      OfdXml("Signature",
             "<ofd:SignedInfo><ofd:Provider ProviderName=\"p\"/>"
             "<ofd:SignatureMethod>1.2.156.10197.1.501</ofd:SignatureMethod>"
             "<ofd:SignatureDateTime>20260101000000Z</ofd:SignatureDateTime>"
             "<ofd:References CheckMethod=\"1.2.156.10197.1.401\"><ofd:Reference "
             "FileRef=\"/OFD.xml\"><ofd:CheckValue>AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
             "</ofd:CheckValue></ofd:Reference></ofd:References>"
             "<ofd:StampAnnot ID=\"2\" PageRef=\"7\" Boundary=\"100 200 40 40\"/>"
             "<ofd:Seal><ofd:BaseLoc>Seal.esl</ofd:BaseLoc></ofd:Seal></ofd:SignedInfo>"
             "<ofd:SignedValue>/Doc_0/Signs/Sign_0/SignedValue.dat</ofd:SignedValue>");
  package.files["Doc_0/Signs/Sign_0/Seal.esl"] = "seal";
  package.files["Doc_0/Signs/Sign_0/SignedValue.dat"] = "value";
  return package;
}

// The small package with one text of one file replaced.
inline certs::ofd::OpenPackage Changed(const std::string& file, const std::string& from,
                                       const std::string& to) {
  certs::ofd::OpenPackage package = SmallPackage();
  EXPECT_GT(absl::StrReplaceAll({{from, to}}, &package.files[file]), 0);
  return package;
}

// Writes `value` little-endian into the n-th header with this signature.
inline std::string Patched(std::string zip, const std::string& signature, int nth, size_t at,
                           uint32_t value, int bytes) {
  size_t found = zip.find(signature);
  while (nth-- > 0) found = zip.find(signature, found + 4);
  for (int i = 0; i < bytes; ++i) zip.at(found + at + i) = static_cast<char>(value >> (8 * i));
  return zip;
}

}  // namespace birthseal::tests
