package import InterlockModel
package import InterlockPolicy

/// The lines of a policy file that state a rule, as they are written.
package struct PolicyExcerpt: Sendable, Hashable {
    package let file: String
    /// The number of the first line, from 1.
    package let firstLine: Int
    /// The lines without their ends.
    package let lines: [String]
    /// True if the rule has more lines than `mostLines`.
    package let isCut: Bool

    package static let mostLines = 80

    /// - Parameter place: the location of the rule.
    /// - Returns: nil if the sources do not have the location, or a line is not UTF-8.
    package init?(of place: PolicyLocation, in files: [PolicyFile]) {
        guard let file = files.first(where: { $0.path == place.file }), place.line >= 1 else {
            return nil
        }
        var found: [String] = []
        var block: YAMLBlock?
        var isCut = false
        let rest = file.bytes.split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false
        ).dropFirst(place.line - 1)
        for bytes in rest {
            if block == nil {
                block = YAMLBlock(first: bytes)
            } else if !(block?.contains(bytes) ?? false) {
                break
            }
            guard let line = String(validating: bytes, as: UTF8.self) else { return nil }
            guard found.count < Self.mostLines else {
                isCut = true
                break
            }
            found.append(line.hasSuffix("\r") ? String(line.dropLast()) : line)
        }
        guard block != nil else { return nil }
        // Blank lines between two rules belong to none of them.
        while found.count > 1, found[found.count - 1].allSatisfy({ $0 == " " }) {
            found.removeLast()
        }
        self.file = place.file
        firstLine = place.line
        self.lines = found
        self.isCut = isCut
    }
}

/// The extent of a mapping's member or a list's item, by indentation.
private struct YAMLBlock {
    private let indent: Int
    private let isItem: Bool

    init(first line: ArraySlice<UInt8>) {
        indent = line.prefix { $0 == UInt8(ascii: " ") }.count
        isItem = Self.isItem(line)
    }

    /// Returns true if a later line belongs to it. A list may be as far to the left as its key.
    func contains(_ line: ArraySlice<UInt8>) -> Bool {
        let rest = line.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") }
        guard !rest.isEmpty else { return true }
        let here = line.prefix { $0 == UInt8(ascii: " ") }.count
        return here > indent || (here == indent && !isItem && Self.isItem(line))
    }

    private static func isItem(_ line: ArraySlice<UInt8>) -> Bool {
        line.drop { $0 == UInt8(ascii: " ") }.starts(with: "- ".utf8)
    }
}
