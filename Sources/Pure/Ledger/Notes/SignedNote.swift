package import InterlockModel

/// A text with signatures (C2SP signed-note).
package struct SignedNote: Sendable, Hashable {
    /// The signed text, which ends in a newline.
    package let text: String
    package let signatures: [Signature]

    package struct Signature: Sendable, Hashable {
        package let name: String
        package let id: UInt32
        /// The signature without the key id; 64 bytes for type Ed25519.
        package let bytes: [UInt8]
    }

    package static let maximumBytes = 512 << 10
    package static let maximumSignatures = 64
    package static let maximumLineBytes = 5 << 10

    /// Returns the bytes of a note with one signature.
    package static func sign(_ text: String, id: UInt32, with signer: some NoteSigner) -> [UInt8] {
        let message = Array(text.utf8)
        let line = line(name: signer.name, id: id, signer.sign(message))
        return message + Array("\n\(line)".utf8)
    }

    /// Returns the bytes of a note with one signature line for each signer.
    package static func sign(_ text: String, with signers: [IdentifiedSigner]) -> [UInt8] {
        let message = Array(text.utf8)
        let lines = signers.map { one in
            line(name: one.signer.name, id: one.id, one.signer.sign(message))
        }
        return message + Array("\n\(lines.joined())".utf8)
    }

    /// Returns one signature line with its newline.
    static func line(name: String, id: UInt32, _ signature: [UInt8]) -> String {
        var bytes: [UInt8] = []
        bytes.appendInteger(UInt64(id), width: 4)
        return "\(mark)\(name) \(Base64.encode(bytes + signature))\n"
    }

    package init(parsing bytes: [UInt8]) throws(NoteError) {
        guard bytes.count <= Self.maximumBytes else { throw .tooLarge }
        guard bytes.allSatisfy({ $0 >= 0x20 || $0 == newline }), !bytes.contains(0x7f),
            let whole = String(validating: bytes, as: UTF8.self)
        else { throw .notText }
        guard bytes.last == newline, let split = Self.lastEmptyLine(bytes), split > 0 else {
            throw .noSignatures
        }
        let lines = whole.utf8.dropFirst(split + 1).dropLast()
            .split(separator: newline, omittingEmptySubsequences: false)
        guard lines.count <= Self.maximumSignatures else { throw .tooManySignatures }
        var signatures: [Signature] = []
        for line in lines { signatures.append(try Self.signature(Substring(line))) }
        guard !signatures.isEmpty else { throw .noSignatures }
        text = String(decoding: bytes[..<split], as: UTF8.self)
        self.signatures = signatures
    }

    /// Accepts the note if at least one known key signed it and no signature of a known key fails; other lines are
    /// ignored.
    package func verify(_ known: [VerifierKey], _ verifier: any SignatureVerifier) throws(NoteError)
    {
        let message = Array(text.utf8)
        var verified = false
        for signature in signatures {
            for key in known where key.name == signature.name && key.id == signature.id {
                guard signature.bytes.count == 64,
                    verifier.verifies(signature.bytes, of: message, by: key.publicKey)
                else { throw .badSignature(key.name) }
                verified = true
            }
        }
        guard verified else { throw .noKnownSignature }
    }

    private static let mark = "\u{2014} "

    private static func signature(_ line: Substring) throws(NoteError) -> Signature {
        guard line.utf8.count <= maximumLineBytes, line.hasPrefix(mark) else { throw .badLine }
        let parts = line.dropFirst(2).split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 2, NoteName.isName(String(parts[0])),
            let bytes = Base64.decode(parts[1]), bytes.count > 4
        else { throw .badLine }
        let id = bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
        return Signature(name: String(parts[0]), id: id, bytes: Array(bytes.dropFirst(4)))
    }

    /// Returns the offset of the second newline of the last two adjacent ones.
    private static func lastEmptyLine(_ bytes: [UInt8]) -> Int? {
        var place = bytes.count - 1
        while place > 0 {
            if bytes[place] == newline, bytes[place - 1] == newline { return place }
            place -= 1
        }
        return nil
    }
}

package enum NoteError: Error, Equatable, Sendable, CustomStringConvertible {
    case tooLarge
    case notText
    case noSignatures
    case tooManySignatures
    case badLine
    /// A line names a known key, but its signature does not verify.
    case badSignature(String)
    case noKnownSignature
    /// The text is not a checkpoint.
    case badCheckpoint

    package var description: String {
        switch self {
        case .tooLarge: "it is too large"
        case .notText: "it is no text"
        case .noSignatures: "it has no signatures"
        case .tooManySignatures: "it has too many signatures"
        case .badLine: "a signature line is malformed"
        case .badSignature(let name): "the signature of `\(name)` is wrong"
        case .noKnownSignature: "no known key signed it"
        case .badCheckpoint: "it is no checkpoint"
        }
    }
}

private let newline = UInt8(ascii: "\n")
