// SPDX-License-Identifier: Apache-2.0
#include "certs/ofd/package.h"

#include <libdeflate.h>

#include <string>

#include "certs/ofd/zip_format.h"

namespace birthseal::certs::ofd {
namespace {

using Compressor = std::unique_ptr<libdeflate_compressor, void (*)(libdeflate_compressor*)>;

std::string Deflate(absl::string_view content, libdeflate_compressor* compressor) {
  std::string out(libdeflate_deflate_compress_bound(compressor, content.size()), '\0');
  out.resize(libdeflate_deflate_compress(compressor, content.data(), content.size(), out.data(),
                                         out.size()));
  return out;
}

void Put16(std::string* out, uint16_t value) {
  out->push_back(static_cast<char>(value & 0xff));
  out->push_back(static_cast<char>(value >> 8));
}

void Put32(std::string* out, uint32_t value) {
  Put16(out, static_cast<uint16_t>(value & 0xffff));
  Put16(out, static_cast<uint16_t>(value >> 16));
}

// The fields that local header and central entry have in common, in their common order.
void PutCommon(std::string* out, const Part& part) {
  Put16(out, kVersionNeeded);
  Put16(out, 0);  // flags: ASCII names, sizes known
  Put16(out, static_cast<uint16_t>(part.method));
  Put16(out, kDosTime);
  Put16(out, kDosDate);
  Put32(out, part.crc32);
  Put32(out, static_cast<uint32_t>(part.data.size()));
  Put32(out, static_cast<uint32_t>(part.size));
  Put16(out, static_cast<uint16_t>(part.path.size()));
  Put16(out, 0);  // extra field
}

}  // namespace

PartPtr MakePart(absl::string_view path, absl::string_view content, Method method, bool constant) {
  auto part = std::make_shared<Part>();
  part->path = std::string(path);
  part->method = method;
  part->crc32 = libdeflate_crc32(0, content.data(), content.size());
  part->size = content.size();
  part->digest = Sm3Of(content);
  if (method == Method::kStored) {
    part->data = std::string(content);
  } else if (constant) {
    const Compressor compressor(libdeflate_alloc_compressor(kConstantDeflateLevel),
                                &libdeflate_free_compressor);
    part->data = Deflate(content, compressor.get());
  } else {
    // One per thread: a compressor holds its tables and may not be shared.
    thread_local const Compressor compressor(libdeflate_alloc_compressor(kDeflateLevel),
                                             &libdeflate_free_compressor);
    part->data = Deflate(content, compressor.get());
  }
  part->constant = constant;
  return part;
}

std::string WritePackage(const std::vector<PartPtr>& parts) {
  size_t total = kEndSize;
  for (const PartPtr& part : parts) {
    total += kLocalSize + kCentralSize + 2 * part->path.size() + part->data.size();
  }
  std::string out, central;
  out.reserve(total);
  for (const PartPtr& part : parts) {
    Put32(&central, kCentralSignature);
    Put16(&central, kVersionMadeBy);
    PutCommon(&central, *part);
    Put16(&central, 0);  // comment
    Put16(&central, 0);  // disk
    Put16(&central, 0);  // internal attributes
    Put32(&central, 0);  // external attributes
    Put32(&central, static_cast<uint32_t>(out.size()));
    central += part->path;

    Put32(&out, kLocalSignature);
    PutCommon(&out, *part);
    out += part->path;
    out += part->data;
  }
  const auto central_offset = static_cast<uint32_t>(out.size());
  out += central;
  Put32(&out, kEndSignature);
  Put16(&out, 0);  // this disk
  Put16(&out, 0);  // disk of the central directory
  Put16(&out, static_cast<uint16_t>(parts.size()));
  Put16(&out, static_cast<uint16_t>(parts.size()));
  Put32(&out, static_cast<uint32_t>(central.size()));
  Put32(&out, central_offset);
  Put16(&out, 0);  // comment
  return out;
}

}  // namespace birthseal::certs::ofd
