import InterlockJSON
import InterlockKeys
import InterlockLedger
import InterlockModel
import InterlockStore

/// A payload of a record as a command shows it.
struct ShownPayload {
    let field: String
    let answer: PayloadAnswer

    /// The plaintext as text, or in parentheses why there is none.
    var text: String {
        switch answer {
        case .opened(let plaintext): String(decoding: plaintext, as: UTF8.self)
        case .erased: "(erased)"
        case .missing(let what): "(missing: \(what))"
        case .bad(let fault): "(BAD: \(fault))"
        }
    }

    /// The plaintext as JSON, or as a string if it is none; nil when there is no plaintext.
    var json: JSONValue? {
        guard case .opened(let plaintext) = answer else { return nil }
        return (try? JSONValue(parsing: plaintext, limits: .upstream)) ?? .string(text)
    }
}

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
