// SPDX-License-Identifier: Apache-2.0
// Between the API and the domain: bounds, enumerations, texts.
// It judges twice: a father of whom some fields are missing is incomplete, a feed message whose
// record breaks a bound is REJECTED.
//
// From: faults go to the FieldChecker (INVALID_ARGUMENT names field and rule); what is returned
// then is not to be used. To: never fail. Thread-safe: pure.
#pragma once

#include <string>

#include "birthseal/v1/certificate.pb.h"
#include "birthseal/v1/delivery_feed.pb.h"
#include "birthseal/v1/issuing.pb.h"
#include "certs/application.h"
#include "certs/delivery.h"
#include "certs/face.h"
#include "certs/limits.h"
#include "certs/rules/rules.h"
#include "server/api/field_checker.h"
#include "server/feed/push_deliveries.h"
#include "server/use_case/certificate_view.h"
#include "server/use_case/two_people.h"

namespace birthseal::server {

certs::Delivery FromProto(const v1::Delivery& delivery, absl::string_view prefix,
                          FieldChecker* check);
void ToProto(const certs::Delivery& delivery, v1::Delivery* out);
void ToProto(const certs::Place& place, v1::Place* out);

// Takes the raw message out of `request`. A record that breaks a bound becomes a REJECTED message
// with its first defect, so that what came is kept. A fault is what is wrong with the rest: who
// sent it, its identity, event, raw bytes and the list of defects.
DeliveryMessage FromProto(v1::PushDeliveriesRequest* request, FieldChecker* check);
void ToProto(const store::DeliveryAnswer& answer, v1::PushDeliveriesResponse* out);
void ToProto(const store::FeedDefect& defect, v1::FeedDefect* out);

certs::Application FromProto(const v1::Application& application, FieldChecker* check);
certs::Evidence FromProto(const v1::Evidence& evidence, const std::string& prefix,
                          FieldChecker* check);
OperatorSignature FromProto(const v1::OperatorSignature& signature, const std::string& field,
                            FieldChecker* check);
void ToProto(const certs::Defect& defect, v1::CaseDefect* out);
void ToProto(const certs::FaceContent& content, v1::FaceContent* out);
void ToProto(const CertificateView& view, v1::Certificate* out);
v1::CertificateStatus ToProto(certs::CertificateState state);

// Ledger time.
void ToProto(absl::Time time, google::protobuf::Timestamp* out);

}  // namespace birthseal::server
