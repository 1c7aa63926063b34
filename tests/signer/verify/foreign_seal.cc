// SPDX-License-Identifier: Apache-2.0
#include "tests/signer/verify/foreign_seal.h"

#include "absl/strings/str_cat.h"
#include "certs/digest.h"
#include "signer/der/der.h"

namespace birthseal::tests {
namespace {

namespace der = signer::der;
using signer::SignWith;

std::string Sequence(const std::string& content) { return der::Tlv(der::kSequence, content); }
std::string Octets(const std::string& content) { return der::Tlv(der::kOctetString, content); }
std::string Text(const std::string& content) { return der::Tlv(der::kIa5, content); }

std::string EntryOf(const SealStyle& style) {
  if (!style.list_entry.empty()) return style.list_entry;
  if (style.v1() || style.list_type == 1) return Octets(style.signer.certificate);
  return Sequence(der::Tlv(der::kPrintable, "SM3") +
                  Octets(certs::Bytes(certs::Sm3Of(style.signer.certificate))));
}

}  // namespace

std::string SealInfoOf(const SealStyle& style) {
  const std::string header =
      Sequence(absl::StrCat(Text(style.mark), der::Integer(style.number), Text("OTHER")));
  const std::string property = Sequence(
      absl::StrCat(der::Integer(1), der::Tlv(der::kUtf8, "云岭市测试章"),
                   style.v1() ? "" : der::Integer(style.list_type), Sequence(EntryOf(style)),
                   der::GeneralizedTime(style.created), der::GeneralizedTime(style.valid_from),
                   der::GeneralizedTime(style.valid_until)));
  const std::string picture =
      Sequence(absl::StrCat(Text("PNG"), Octets("picture"), der::Integer(40), der::Integer(40)));
  return Sequence(absl::StrCat(header, Text("seal-1"), property, picture, style.extensions));
}

std::string SealOf(const SealStyle& style) {
  const std::string info = SealInfoOf(style), certificate = Octets(style.maker.certificate);
  const std::string oid = der::Oid(style.maker_algorithm);
  if (!style.v1()) {
    return Sequence(absl::StrCat(
        info, certificate, oid, der::BitString(SignWith(style.maker.key, info)), style.time_stamp));
  }
  const std::string tbs = Sequence(info + certificate + oid);
  return Sequence(info + Sequence(absl::StrCat(certificate, oid,
                                               der::BitString(SignWith(style.maker.key, tbs)))));
}

std::string ValueOf(const SealStyle& style, const std::string& seal, const std::string& xml,
                    const std::string& v1_time) {
  const std::string certificate = Octets(style.signer.certificate);
  const std::string oid = der::Oid(style.signer_algorithm);
  const std::string hash =
      der::BitString(style.value_hash.empty() ? certs::Bytes(certs::Sm3Of(xml)) : style.value_hash);
  const std::string begin =
      der::Integer(style.value_number == 0 ? style.number : style.value_number) + seal;
  if (style.v1()) {
    const std::string tbs =
        Sequence(absl::StrCat(begin, der::BitString(v1_time), hash, Text("/"), certificate, oid));
    return Sequence(tbs + der::BitString(SignWith(style.signer.key, tbs)));
  }
  const std::string tbs =
      Sequence(absl::StrCat(begin, der::GeneralizedTime(TestNow() - absl::Hours(1)), hash,
                            Text("/"), style.value_extensions));
  return Sequence(
      absl::StrCat(tbs, certificate, oid, der::BitString(SignWith(style.signer.key, tbs))));
}

std::string SealExtensions(const std::string& boolean) {
  return Sequence(Sequence(absl::StrCat(der::Oid("1.2.3.4"), boolean, Octets("x"))));
}

std::string Beijing(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", time, absl::FixedTimeZone(8 * 60 * 60));
}

}  // namespace birthseal::tests
