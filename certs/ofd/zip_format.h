// SPDX-License-Identifier: Apache-2.0
// Constants of the zip format (APPNOTE 6.3) as our writer uses them and our reader expects them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace birthseal::certs::ofd {

inline constexpr uint32_t kLocalSignature = 0x04034b50;
inline constexpr uint32_t kCentralSignature = 0x02014b50;
inline constexpr uint32_t kEndSignature = 0x06054b50;
inline constexpr uint32_t kDescriptorSignature = 0x08074b50;
inline constexpr size_t kLocalSize = 30;
inline constexpr size_t kCentralSize = 46;
inline constexpr size_t kEndSize = 22;

// The canonical values of the fields that carry no content.
inline constexpr uint16_t kVersionNeeded = 20;
inline constexpr uint16_t kVersionMadeBy = 20;
inline constexpr uint16_t kDosTime = 0;
inline constexpr uint16_t kDosDate = (1 << 5) | 1;  // 1980-01-01, the first day the format has

// Constant parts are compressed once per process; the others once per certificate, where level 1
// takes half the time of level 2 and a third of level 6 for the same size within 2 %.
inline constexpr int kDeflateLevel = 1, kConstantDeflateLevel = 12;

}  // namespace birthseal::certs::ofd
