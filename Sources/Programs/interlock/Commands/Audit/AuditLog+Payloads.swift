import InterlockKeys
import InterlockLedger
import InterlockModel
import InterlockStore

extension AuditLog {
    /// Every payload that the record commits to, opened as far as that is possible here.
    func payloads(of record: StoredRecord) throws -> [ShownPayload] {
        try record.commitments.map { field, _ in try payload(field, of: record) }
    }

    /// One of them; of a field that commits to nothing it says so.
    func payload(_ field: String, of record: StoredRecord) throws -> ShownPayload {
        let blob = try record.commitment(field)?.stored.flatMap { stored in
            try reading { try reader.blob(stored) }
        }
        return ShownPayload(field: field, answer: opener.open(field, of: record, blob: blob))
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
    func key(of name: PayloadName) -> PayloadKeyAnswer { .missing }
}
