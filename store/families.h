// SPDX-License-Identifier: Apache-2.0
// The families of keys, declared once with the reason for each. Layouts: FORMAT.md.
#pragma once

#include <array>
#include <cstdint>

namespace birthseal::store {

// Values are persisted (journal) and frozen; names are those of the RocksDB column families.
enum class Family : uint8_t {
  kMeta = 0,           // one record of counters and positions
  kNewborns = 1,       // newborn id -> Newborn
  kClaims = 2,         // claim hash -> newborn id; never erased
  kMothers = 3,        // mother hash || newborn id -> empty; soft rules
  kDeliveries = 4,     // delivery id -> DeliveryHead
  kFeedAnswers = 5,    // message key -> FeedAnswer
  kCases = 6,          // case id -> CaseHead
  kRequests = 7,       // request key -> RequestAnswer
  kCertificates = 8,   // status index -> CertificateHead
  kNumbers = 9,        // number -> NumberRecord
  kLicences = 10,      // licence id or number -> status index
  kBodies = 11,        // kind || id -> sealed value; blob files
  kDocuments = 12,     // status index -> sealed recipe; blob files
  kConstants = 13,     // SM3 -> constant part
  kStock = 14,         // institution || first number -> StockRange
  kRegistry = 15,      // kind || id -> Institution, Client, Operator, SealRecord, announced profile
  kReservations = 16,  // place of the INTENT -> Reservation; open ones only
  kLeaves = 17,        // place -> leaf bytes
  kNodes = 18,         // level || index -> node hash of complete subtrees
  kOutbox = 19,        // sequence -> OutboxEvent
  kAudit = 20,         // sequence -> AuditEntry
  kReviews = 21,       // facility || accepted time || delivery id -> empty; open ones only
  kMapPages = 22,      // depth || prefix -> page of the uniqueness map, newest state
  kMapChanges = 23,    // place || sequence -> canonical MapChange
  kReceipts = 24,      // status index -> StoredReceipt; never erased
  kCheckpoints = 25,   // position as a place -> witnessed checkpoint, a signed note; never erased
};
inline constexpr int kFamilyCount = 26;

const char* Name(Family family);

}  // namespace birthseal::store
