package import InterlockModel

/// Opens payloads for whoever may read them: people at the command line, replay, evidence bundles.
///
/// A payload counts as opened only when the stored bytes, the key, the salt, the length and the
/// commitment of the leaf all agree.
package struct PayloadOpener: Sendable {
    private let keys: any PayloadKeySource
    private let cipher: any PayloadCipher
    private let hashing: any Hashing

    package init(
        keys: any PayloadKeySource, cipher: any PayloadCipher, hashing: any Hashing
    ) {
        self.keys = keys
        self.cipher = cipher
        self.hashing = hashing
    }

    /// - Parameters:
    ///   - field: the leaf's field that holds the commitment.
    ///   - blob: what the store keeps under the commitment's `b`; nil when it keeps nothing.
    package func open(_ field: String, of record: StoredRecord, blob: [UInt8]?) -> PayloadResponse {
        guard let commitment = record.commitment(field) else { return .missing(.commitment) }
        guard let stored = commitment.stored else { return .missing(.neverStored) }
        if let blob, blob.first == PayloadForm.clear {
            return check(blob, stored, Array(blob.dropFirst()), commitment)
        }
        // The key first: of an erased payload the blob may be gone or not.
        switch key(of: field, in: record) {
        case .erased: return .erased
        case .missing: return .missing(blob == nil ? .blob : .key)
        case .key(let key):
            guard let blob else { return .missing(.blob) }
            guard let content = cipher.open(blob.span, key: key) else {
                return .bad(hashing.sha256(blob) == stored ? .sealing : .stored)
            }
            return check(blob, stored, content, commitment)
        }
    }

    /// The key that opens this one payload: what an evidence bundle discloses.
    package func key(of field: String, in record: StoredRecord) -> PayloadKeyResponse {
        guard let name = record.payloadName(field) else { return .missing }
        return keys.key(of: name)
    }

    /// - Parameter content: salt and plaintext.
    private func check(
        _ blob: [UInt8], _ stored: Digest, _ content: [UInt8], _ commitment: Commitment
    ) -> PayloadResponse {
        guard hashing.sha256(blob) == stored else { return .bad(.stored) }
        guard content.count >= PayloadForm.saltBytes else { return .bad(.form) }
        let salt = Array(content[..<PayloadForm.saltBytes])
        let plaintext = Array(content[PayloadForm.saltBytes...])
        guard plaintext.count == commitment.length else { return .bad(.length) }
        guard
            PayloadForm.commitment(salt: salt.span, plaintext: plaintext.span, hashing: hashing)
                == commitment.content
        else { return .bad(.content) }
        return .opened(plaintext)
    }
}

/// Keys of payloads, for readers. Safe from any thread; may read files.
package protocol PayloadKeySource: Sendable {
    func key(of name: PayloadName) -> PayloadKeyResponse
}

package enum PayloadKeyResponse: Sendable, Equatable {
    case key(PayloadKey)
    /// Destroyed on purpose, by an erasure that the log has a record of, or for its age.
    case erased
    case missing
}

package enum PayloadResponse: Sendable, Equatable {
    case opened([UInt8])
    /// The fact stays, the content is gone for ever.
    case erased
    case missing(MissingPayload)
    case bad(PayloadFault)
}

package enum MissingPayload: String, Sendable, CustomStringConvertible {
    case commitment, neverStored, blob, key

    package var description: String {
        switch self {
        case .commitment: "the record commits to no such payload"
        case .neverStored: "it could not be stored when it was recorded"
        case .blob: "the stored bytes are not here"
        case .key: "its key is not here"
        }
    }
}

package enum PayloadFault: String, Sendable, CustomStringConvertible {
    case stored, sealing, form, length, content

    package var description: String {
        switch self {
        case .stored: "the stored bytes are not those that the record names"
        case .sealing: "the stored bytes do not open with the key"
        case .form: "the stored bytes have no form of a payload"
        case .length: "it is not as long as the record says"
        case .content: "it is not what the record commits to"
        }
    }
}
