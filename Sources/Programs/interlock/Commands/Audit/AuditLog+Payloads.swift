import InterlockKeys
import InterlockLedger
import InterlockModel
import InterlockStore

extension AuditLog {
    /// Every payload that the record commits to, opened as far as that is possible here.
    func payloads(of record: StoredRecord) throws -> [DisplayedPayload] {
        try record.commitments.map { field, _ in try payload(field, of: record) }
    }

    /// One of them; of a field that commits to nothing it says so.
    func payload(_ field: String, of record: StoredRecord) throws -> DisplayedPayload {
        var found: [UInt8]?
        if let stored = record.commitment(field)?.stored {
            found = try blob(stored, field, of: record)
        }
        return DisplayedPayload(field: field, answer: opener.open(field, of: record, blob: found))
    }

    /// In the packs of the record's day, else in all: what was erased is in none, and not looked for.
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

extension PayloadOpener {
    /// With the deployment's keys; of a foreign log with none.
    init(of deployment: Deployment?) {
        self.init(
            keys: deployment.map { BucketReader($0.keys) as any PayloadKeySource } ?? NoKeys(),
            cipher: OpenSSLPayloadCipher(), hashing: OpenSSLHashing())
    }
}

private struct NoKeys: PayloadKeySource {
    func key(of name: PayloadName) -> PayloadKeyResponse { .missing }
}
