import InterlockPolicy

/// Recovers the written form of scalars, which libyaml does not report, from the file.
///
/// Scalars come in the order of the file, so all of them together need one pass over it.
struct ScalarLayouts {
    private let bytes: [UInt8]
    /// A file without a backslash has no escapes to recover.
    private let hasEscapes: Bool
    /// The next byte, and its line and column in code points; all begin at 0.
    private var position = 0
    private var line = 0
    private var column = 0

    init(of bytes: [UInt8]) {
        self.bytes = bytes
        hasEscapes = bytes.contains(UInt8(ascii: "\\"))
    }

    /// - Parameters:
    ///   - line: the line in which the scalar begins, from 0; must not precede that of an earlier call.
    ///   - columns: the columns of a scalar on one line including quotes, from 0 and in code points.
    mutating func layout(
        of text: String, _ style: YAMLStyle, line: Int, columns: Range<Int>?
    ) -> YAMLLayout {
        switch style {
        case .literal: return .indented(indentation(of: text, line: line))
        case .doubleQuoted:
            guard hasEscapes, let columns, columns.count >= 2 else { return .verbatim }
            move(to: line, columns.lowerBound + 1)
            let start = position
            move(to: line, columns.upperBound - 1)
            let inner = bytes[start..<position]
            guard inner.contains(UInt8(ascii: "\\")) else { return .verbatim }
            return .escaped(String(decoding: inner, as: UTF8.self))
        case .plain, .singleQuoted, .folded: return .verbatim
        }
    }

    /// Returns the indentation in the file that is not part of the text, measured on the first line with text.
    private mutating func indentation(of text: String, line: Int) -> Int {
        let lines = text.utf8.split(separator: 0x0a, omittingEmptySubsequences: false)
        guard let number = lines.firstIndex(where: { !$0.isEmpty }) else { return 0 }
        move(to: line + 1 + number, 0)
        let written = bytes[position...].prefix { $0 == 0x20 }.count
        return max(0, written - lines[number].prefix { $0 == 0x20 }.count)
    }

    private mutating func move(to wantedLine: Int, _ wantedColumn: Int) {
        while position < bytes.count, (line, column) < (wantedLine, wantedColumn) {
            let byte = bytes[position]
            position += 1
            if byte == 0x0a {
                line += 1
                column = 0
            } else if position == bytes.count || bytes[position] & 0xc0 != 0x80 {
                column += 1
            }
        }
    }
}
