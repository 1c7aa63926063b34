// SPDX-License-Identifier: Apache-2.0
// Messages of the public API about invented births: what hospitals and institutions send.
//
// Birth `n` is the same at every call of one program: few days old, its mother a person of her own.
// Pure but for the day of the first call. Thread-safe. Good for n up to two million.
#pragma once

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "birthseal/v1/delivery_feed.pb.h"
#include "birthseal/v1/issuing.pb.h"
#include "signer/sealing/sm2_sign.h"

namespace birthseal::tests {

// The record as the facility reports it; another facility reports the same birth under numbers of
// its own.
v1::Delivery BirthOf(int n, absl::string_view facility_code, absl::string_view facility_name);
v1::PushDeliveriesRequest MessageFor(const v1::Delivery& delivery);
// First issue, everything complete.
v1::Application ApplicationFor(const v1::Delivery& delivery, const std::string& newborn_id,
                               absl::string_view institution_code);
// Exchange of a damaged certificate, the original returned.
v1::Application ExchangeFor(const v1::Delivery& delivery, const std::string& newborn_id,
                            absl::string_view institution_code, const std::string& predecessor);

v1::OperatorSignature Signed(const std::string& operator_id,
                             const std::shared_ptr<const signer::PrivateKey>& key,
                             const std::string& digest);
v1::ApproveCasesRequest::Item ApprovalOf(const v1::SubmitApplicationResponse& filed,
                                         const std::string& operator_id,
                                         const std::shared_ptr<const signer::PrivateKey>& key);
v1::IssueCertificatesRequest::Item OrderOf(const v1::ApproveCasesResponse::Result& approved,
                                           const std::string& operator_id,
                                           const std::shared_ptr<const signer::PrivateKey>& key);

}  // namespace birthseal::tests
