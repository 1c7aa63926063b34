// SPDX-License-Identifier: Apache-2.0
#include "signer/verify/time_stamp.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "signer/der/der_fields.h"
#include "signer/der/ses_oids.h"
#include "signer/verify/openssl_ptr.h"
#include "signer/verify/signed_data.h"
#include "signer/verify/sm2_id.h"

namespace birthseal::signer {
namespace {

using der::Fields;

absl::Status Broken(absl::string_view what) {
  return certs::Error(absl::StatusCode::kInvalidArgument, "TIME_STAMP_BROKEN",
                      absl::StrCat("time stamp: ", what));
}

struct TstInfo {
  std::string imprint_algorithm, imprint;
  absl::Time time;
};

// genTime may carry a fraction, unlike the times of SES.
absl::Time GenTime(Fields* fields) {
  absl::Time time;
  std::string error;
  const std::string text = fields->Text(der::kGeneralizedTime);
  if (!absl::ParseTime("%E4Y%m%d%H%M%E*SZ", text, &time, &error)) fields->Fail("genTime");
  return time;
}

absl::StatusOr<TstInfo> ParseTstInfo(absl::string_view der) {
  TstInfo info;
  Fields fields = Fields::OfSequence(der);
  const int64_t version = fields.Int();
  if (version != 1 && version != 2) fields.Fail("version");
  fields.ObjectId();  // policy
  Fields imprint = fields.Enter();
  Fields algorithm = imprint.Enter();
  info.imprint_algorithm = algorithm.ObjectId();
  info.imprint = imprint.Text(der::kOctetString);
  fields.Close(imprint);
  fields.Take(der::kInteger);  // serial number
  info.time = GenTime(&fields);
  if (fields.failed()) return fields.Finish();
  return info;  // accuracy, ordering, nonce and name say nothing we judge
}

bool IsForTimeStamps(absl::string_view certificate_der) {
  const X509Ptr certificate = ParseCertificate(certificate_der);
  return certificate != nullptr &&
         (X509_get_extension_flags(certificate.get()) & EXFLAG_XKUSAGE) != 0 &&
         (X509_get_extended_key_usage(certificate.get()) & XKU_TIMESTAMP) != 0;
}

}  // namespace

absl::StatusOr<TimeStamp> CheckTimeStamp(absl::string_view token, absl::string_view stamped) {
  const absl::StatusOr<SignedData> data = ParseSignedData(token);
  if (!data.ok() || data->content_type != kOidTstInfo) return Broken("not a token");
  const absl::StatusOr<TstInfo> info = ParseTstInfo(data->content);
  if (!info.ok()) return Broken("TSTInfo");
  const std::string imprint = DigestBy(info->imprint_algorithm, stamped);
  if (imprint.empty() || imprint != info->imprint) return Broken("imprint");
  // RFC 5652 §5.3: attributes are a must when the content is not plain data.
  if (data->attributes.empty() || !SignedDataHolds(*data, data->content)) {
    return Broken("signature");
  }
  if (!IsForTimeStamps(data->signer_certificate)) return Broken("extended key usage");
  return TimeStamp{info->time, data->signer_certificate};
}

}  // namespace birthseal::signer
