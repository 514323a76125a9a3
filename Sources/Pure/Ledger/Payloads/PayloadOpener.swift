package import InterlockModel

/// Decrypts payloads for authorized readers: people at the command line, replay, evidence bundles.
///
/// A payload counts as opened only if the stored bytes, the key, the salt, the length and the commitment of the leaf
/// all agree.
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
    ///   - field: the field of the leaf that contains the commitment.
    ///   - blob: the blob that is stored under the commitment's `b`, or nil if it is absent.
    package func open(_ field: String, of record: StoredRecord, blob: [UInt8]?) -> PayloadResponse {
        guard let commitment = record.commitment(field) else { return .missing(.commitment) }
        guard let stored = commitment.stored else { return .missing(.neverStored) }
        if let blob, blob.first == PayloadForm.clear {
            return check(blob, stored, Array(blob.dropFirst()), commitment)
        }
        // The key is checked first: the blob of an erased payload may or may not still exist.
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

    /// Returns the key that opens this one payload, which an evidence bundle discloses.
    package func key(of field: String, in record: StoredRecord) -> PayloadKeyResponse {
        guard let name = record.payloadName(field) else { return .missing }
        return keys.key(of: name)
    }

    /// - Parameter content: the salt followed by the plaintext.
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

/// The source of payload keys for readers. It is safe to use from any thread and may read files.
package protocol PayloadKeySource: Sendable {
    func key(of name: PayloadName) -> PayloadKeyResponse
}

package enum PayloadKeyResponse: Sendable, Equatable {
    case key(PayloadKey)
    /// The key was destroyed deliberately, by a recorded erasure or because of its age.
    case erased
    case missing
}

package enum PayloadResponse: Sendable, Equatable {
    case opened([UInt8])
    /// The record remains, but its content is lost for ever.
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
