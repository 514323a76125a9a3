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
}

extension AuditLog {
    /// Every payload that the record commits to, opened as far as that is possible here.
    func payloads(of record: StoredRecord) throws(LedgerFailure) -> [ShownPayload] {
        var shown: [ShownPayload] = []
        for (field, commitment) in record.commitments {
            var blob: [UInt8]?
            if let stored = commitment.stored { blob = try reader.blob(stored) }
            shown.append(
                ShownPayload(field: field, answer: opener.open(field, of: record, blob: blob)))
        }
        return shown
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
