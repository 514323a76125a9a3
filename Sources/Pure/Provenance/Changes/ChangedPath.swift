import InterlockModel

/// The path of a file in a repository, as bytes: names in Git need not be UTF-8.
///
/// Each component has 1 byte or more, contains no NUL and is neither `.` nor `..`. The order is that of the bytes.
package struct ChangedPath: Hashable, Comparable, Sendable {
    /// The greatest number of bytes.
    package static let longest = 4095
    private static let slash = UInt8(ascii: "/")

    package let bytes: [UInt8]

    /// - Returns: nil if the bytes are not the path of a file below the root.
    package init?(_ bytes: some Collection<UInt8>) {
        guard !bytes.isEmpty, bytes.count <= Self.longest, !bytes.contains(0) else { return nil }
        let names = bytes.split(separator: Self.slash, omittingEmptySubsequences: false)
        let dot = UInt8(ascii: ".")
        let isPlain = names.allSatisfy { name in
            !name.isEmpty && !(name.count <= 2 && name.allSatisfy { $0 == dot })
        }
        guard isPlain else { return nil }
        self.bytes = Array(bytes)
    }

    /// The names from the root on.
    var components: [ArraySlice<UInt8>] { bytes.split(separator: Self.slash) }

    package static func < (a: ChangedPath, b: ChangedPath) -> Bool {
        a.bytes.lexicographicallyPrecedes(b.bytes)
    }
}

/// The one written form of a path in a trailer. A path of letters, digits and `. _ / - + @ = ~ % #` is itself. Any other
/// is in double quotes, with `\"`, `\\`, and `\xNN` for each byte that is not printable ASCII. So the form never
/// contains a line feed, and no name of a file adds a trailer or ends the list.
extension ChangedPath {
    package var quoted: String {
        if bytes.allSatisfy(Self.isBare) { return String(decoding: bytes, as: UTF8.self) }
        var text = "\""
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                text += "\\" + String(decoding: [byte], as: UTF8.self)
            case 0x20..<0x7f: text += String(decoding: [byte], as: UTF8.self)
            default: text += "\\x" + Hex.encode([byte])
            }
        }
        return text + "\""
    }

    /// Takes the written form of a path from the start of `rest`.
    ///
    /// - Returns: nil if there is no path in its written form; `rest` is undefined then.
    static func take(from rest: inout ArraySlice<UInt8>) -> ChangedPath? {
        guard rest.first == UInt8(ascii: "\"") else {
            let bare = rest.prefix(while: isBare)
            rest = rest.dropFirst(bare.count)
            return ChangedPath(bare)
        }
        rest = rest.dropFirst()
        var bytes: [UInt8] = []
        while let byte = rest.popFirst(), bytes.count <= longest {
            switch byte {
            case UInt8(ascii: "\""):
                // Each path has one form: one that needs no quotes must have none.
                guard let path = ChangedPath(bytes), !bytes.allSatisfy(isBare) else { return nil }
                return path
            case UInt8(ascii: "\\"):
                guard let kind = rest.popFirst() else { return nil }
                if kind == UInt8(ascii: "x") {
                    let digits = String(decoding: rest.prefix(2), as: UTF8.self)
                    guard let value = Hex.decode(digits)?.first, rest.count >= 2,
                        !(0x20..<0x7f).contains(value)
                    else { return nil }
                    rest = rest.dropFirst(2)
                    bytes.append(value)
                } else if kind == UInt8(ascii: "\"") || kind == UInt8(ascii: "\\") {
                    bytes.append(kind)
                } else {
                    return nil
                }
            case 0x20..<0x7f: bytes.append(byte)
            default: return nil
            }
        }
        return nil
    }

    private static func isBare(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte) || "._/-+@=~%#".utf8.contains(byte)
    }

    /// The path for a log of CI: itself if it is UTF-8 that a reader recognises, otherwise its written form.
    package var shown: String {
        guard let text = String(validating: bytes, as: UTF8.self),
            text.unicodeScalars.allSatisfy(\.isSeen)
        else { return quoted }
        return text
    }
}
