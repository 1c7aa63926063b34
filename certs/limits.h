// SPDX-License-Identifier: Apache-2.0
// Bounds that several places have to agree on: a connector, the service and its clients. A bound
// that one file alone knows stands in that file.
//
// Bytes unless the name says otherwise. proto/birthseal/v1 tells callers the same figures.
#pragma once

#include <cstddef>

namespace birthseal::certs {

// Messages and files.
inline constexpr size_t kMaxRawMessage = 1u << 20;  // a hospital's message, as it came
inline constexpr size_t kMaxDocument = 32u << 20;   // a file to be verified
inline constexpr size_t kMaxSmallRequest = 64u << 10;
// A request that carries something large: what is large, and a small request around it.
inline constexpr size_t kMaxMessageRequest = kMaxRawMessage + kMaxSmallRequest;
inline constexpr size_t kMaxDocumentRequest = kMaxDocument + kMaxSmallRequest;
inline constexpr size_t kMaxBatchRequest = 1u << 20;
// One message of gRPC, whatever it carries; a service may be configured otherwise.
inline constexpr int kMaxMessage = 34 << 20;

// Texts.
inline constexpr size_t kMaxName = 150;    // of a person or an institution: 50 Chinese characters
inline constexpr size_t kMaxReason = 200;  // reasons, causes of use, references
inline constexpr size_t kMaxRequestId = 64;
inline constexpr size_t kMaxLocalId = 64;  // numbers that a hospital gives its patients
inline constexpr size_t kMaxIdCharacters = 30;

// Items.
inline constexpr size_t kMaxBatchItems = 256;

}  // namespace birthseal::certs
