import InterlockCommandLine
import InterlockCredentials
package import InterlockDeployment
package import InterlockLedger
import InterlockModel
import InterlockStore

extension AuditLog {
    /// All payloads that the record commits to, decrypted where possible.
    package func payloads(of record: StoredRecord) throws -> [DisplayedPayload] {
        try record.commitments.map { field, _ in try payload(field, of: record) }
    }

    /// The payload of one field; the response also covers a field without a commitment.
    package func payload(_ field: String, of record: StoredRecord) throws -> DisplayedPayload {
        var found: [UInt8]?
        if let stored = record.commitment(field)?.stored {
            found = try blob(stored, field, of: record)
        }
        return DisplayedPayload(field: field, answer: opener.open(field, of: record, blob: found))
    }

    /// Searches the packs of the record's day, then all packs. Erased payloads are in no pack and are not searched for.
    private func blob(
        _ stored: Digest, _ field: String, of record: StoredRecord
    ) throws -> [UInt8]? {
        try reading {
            if let blob = try reader.blob(stored, of: record.payloadDay) { return blob }
            guard record.payloadDay != nil, opener.key(of: field, in: record) != .erased else {
                return nil
            }
            return try reader.blob(stored)
        }
    }
}

extension AuditLog {
    /// The report of the searches that a record commits to; nil if it has none, or it cannot be opened.
    package func report(of record: StoredRecord) throws -> SearchReport? {
        guard record[SearchReport.field] != nil,
            case .opened(let bytes) = try payload(SearchReport.field, of: record).answer
        else { return nil }
        return SearchReport(parsing: bytes)
    }
}

extension PayloadOpener {
    /// Uses the deployment's keys, or no keys for a foreign log.
    package init(of deployment: Deployment?) {
        self.init(
            keys: deployment.map { BucketReader($0.keys) as any PayloadKeySource } ?? NoKeys(),
            cipher: OpenSSLPayloadCipher(), hashing: OpenSSLHashing())
    }
}

private struct NoKeys: PayloadKeySource {
    func key(of name: PayloadName) -> PayloadKeyResponse { .missing }
}
