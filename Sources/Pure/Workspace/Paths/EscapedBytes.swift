import InterlockModel

/// The printed form of names and targets that an agent chose: `\xNN` for each byte that is no UTF-8 or belongs to a
/// scalar that a reader does not recognise, and `\\` for a backslash. Each value has one form, and the form has no
/// control characters, so that it is safe on a terminal and in a log.
package enum EscapedBytes {
    private static let backslash = UInt8(ascii: "\\")

    package static func text(_ bytes: some Collection<UInt8>) -> String {
        if bytes.allSatisfy({ (0x20..<0x7f).contains($0) && $0 != backslash }) {
            return String(decoding: bytes, as: UTF8.self)
        }
        var output = ""
        for part in parts(of: Array(bytes)) {
            switch part {
            case .scalar("\\"): output += "\\\\"
            case .scalar(let scalar): output.unicodeScalars.append(scalar)
            case .bytes(let raw): for byte in raw { output += "\\x" + Hex.encode([byte]) }
            }
        }
        return output
    }

    /// - Returns: nil if the text is not the form of any value.
    package static func bytes(_ text: String) -> [UInt8]? {
        var output: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == backslash else {
                output.append(byte)
                continue
            }
            guard let kind = rest.popFirst() else { return nil }
            if kind == backslash {
                output.append(backslash)
                continue
            }
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            guard kind == UInt8(ascii: "x"), let value = Hex.decode(digits), value.count == 1 else {
                return nil
            }
            output += value
            rest = rest.dropFirst(2)
        }
        return self.text(output) == text ? output : nil
    }

    /// Returns true if every byte is part of a scalar that a reader recognises.
    static func isPlain(_ bytes: some Collection<UInt8>) -> Bool {
        if bytes.allSatisfy({ (0x20..<0x7f).contains($0) }) { return true }
        return parts(of: Array(bytes)).allSatisfy {
            if case .scalar = $0 { true } else { false }
        }
    }

    private enum Part {
        case scalar(Unicode.Scalar)
        case bytes(ArraySlice<UInt8>)
    }

    private static func parts(of bytes: [UInt8]) -> [Part] {
        var parts: [Part] = []
        var position = 0
        while position < bytes.count {
            let length = scalarLength(bytes[position])
            let end = min(position + max(length, 1), bytes.count)
            let piece = bytes[position..<end]
            if length > 0, let text = String(validating: piece, as: UTF8.self),
                let scalar = text.unicodeScalars.first
            {
                parts.append(scalar.isSeen ? .scalar(scalar) : .bytes(piece))
                position = end
            } else {
                parts.append(.bytes(bytes[position...position]))
                position += 1
            }
        }
        return parts
    }

    /// The number of bytes of the scalar that begins with this byte, or 0 if none does.
    private static func scalarLength(_ first: UInt8) -> Int {
        switch first {
        case 0..<0x80: 1
        case 0xc2..<0xe0: 2
        case 0xe0..<0xf0: 3
        case 0xf0..<0xf5: 4
        default: 0
        }
    }
}

extension WorkspacePath {
    /// The path as it is printed and as `--path` takes it.
    package var escaped: String { EscapedBytes.text(bytes) }

    /// - Returns: nil if the text is not the printed form of a path.
    package init?(escaped text: String) {
        guard text.utf8.count <= 4 * Self.longest, let bytes = EscapedBytes.bytes(text) else {
            return nil
        }
        self.init(bytes)
    }
}
