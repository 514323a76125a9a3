/// A text with signatures (C2SP signed-note), parsed but not verified.
struct SignedNote {
    /// The signed text; ends in a newline.
    let text: [UInt8]
    let signatures: [Signature]

    struct Signature {
        let name: Octets
        let id: [UInt8]
        /// The bytes after the key id.
        let bytes: [UInt8]
    }

    static let maximumBytes = 512 << 10
    static let maximumSignatures = 64
    static let maximumLine = 5 << 10

    /// - Returns: nil if the bytes are not a note (docs/auditing.md, section 4).
    init?(_ bytes: [UInt8]) {
        guard bytes.count <= SignedNote.maximumBytes, bytes.last == newline,
            bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == newline }),
            String(validating: bytes, as: UTF8.self) != nil,
            let split = SignedNote.lastEmptyLine(bytes), split > 0
        else { return nil }
        let lines = bytes[(split + 1)...].dropLast()
            .split(separator: newline, omittingEmptySubsequences: false)
        guard (1...SignedNote.maximumSignatures).contains(lines.count) else { return nil }
        var signatures: [Signature] = []
        for line in lines {
            guard let signature = Signature(line) else { return nil }
            signatures.append(signature)
        }
        self.signatures = signatures
        text = Array(bytes[..<split])
    }

    /// Returns the position of the second of the last two consecutive newlines.
    private static func lastEmptyLine(_ bytes: [UInt8]) -> Int? {
        bytes.indices.dropFirst().last { bytes[$0] == newline && bytes[$0 - 1] == newline }
    }
}

extension SignedNote.Signature {
    init?(_ line: ArraySlice<UInt8>) {
        guard line.count <= SignedNote.maximumLine, line.starts(with: dash) else { return nil }
        let parts = line.dropFirst(dash.count)
            .split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard parts.count == 2, VerifierKey.isName(parts[0]),
            let value = Base64.decode(parts[1]), value.count > 4
        else { return nil }
        self.init(
            name: Octets(parts[0]), id: Array(value.prefix(4)), bytes: Array(value.dropFirst(4)))
    }
}

private let newline = UInt8(ascii: "\n")
/// U+2014 and a space.
private let dash = Array("\u{2014} ".utf8)
