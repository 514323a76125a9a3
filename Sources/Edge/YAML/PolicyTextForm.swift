/// The one form of a policy file's text: lines end in LF, the last one too; no line ends in blanks or begins with tabs;
/// no two empty lines follow each other, and none is at the beginning or end. Nothing but blanks is added or removed.
package struct PolicyTextForm: Sendable {
    package enum Change: String, Sendable, CaseIterable {
        case lineEnds = "line_ends"
        case tabs
        case trailingBlanks = "trailing_blanks"
        case emptyLines = "empty_lines"
        case finalNewline = "final_newline"

        package var words: String {
            switch self {
            case .lineEnds: "line ends in CRLF"
            case .tabs: "tabs in indentation"
            case .trailingBlanks: "blanks at line ends"
            case .emptyLines: "surplus empty lines"
            case .finalNewline: "missing newline at the end"
            }
        }
    }

    package private(set) var text: [UInt8] = []
    /// The differences from the form, in the order of `Change`.
    package var changes: [Change] { Change.allCases.filter(found.contains) }
    private var found: Set<Change> = []

    private static let newline = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")
    private static let space = UInt8(ascii: " ")
    private static let tab = UInt8(ascii: "\t")

    /// - Parameter protected: the lines, counted from 1, whose blanks are part of a value. Only their ends change.
    package init(_ bytes: [UInt8], keeping protected: Set<Int>) {
        var lines = bytes.split(separator: Self.newline, omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true {
            lines.removeLast()
        } else {
            found.insert(.finalNewline)
        }
        var output: [(bytes: ArraySlice<UInt8>, isProtected: Bool)] = []
        for (place, line) in lines.enumerated() {
            var line = line
            if line.last == Self.carriageReturn {
                line.removeLast()
                found.insert(.lineEnds)
            }
            let isProtected = protected.contains(place + 1)
            if !isProtected {
                while let last = line.last, last == Self.space || last == Self.tab {
                    line.removeLast()
                    found.insert(.trailingBlanks)
                }
                if line.isEmpty, output.last?.bytes.isEmpty ?? true {
                    found.insert(.emptyLines)
                    continue
                }
            }
            output.append((line, isProtected))
        }
        while let last = output.last, last.bytes.isEmpty, !last.isProtected {
            output.removeLast()
            found.insert(.emptyLines)
        }
        for line in output { text += line.bytes + [Self.newline] }
    }

    /// The first line, counted from 1, that has a tab before its text, or nil.
    package static func firstTab(in bytes: [UInt8]) -> Int? {
        let lines = bytes.split(separator: newline, omittingEmptySubsequences: false)
        return lines.firstIndex { indentation(of: $0).contains(tab) }.map { $0 + 1 }
    }

    /// The text with `width` spaces for each tab before the text of a line.
    package static func withoutTabs(_ bytes: [UInt8], width: Int) -> [UInt8] {
        let spaces = [UInt8](repeating: space, count: width)
        let lines = bytes.split(separator: newline, omittingEmptySubsequences: false).map { line in
            let blanks = indentation(of: line)
            return blanks.flatMap { $0 == tab ? spaces : [$0] } + line[blanks.endIndex...]
        }
        return Array(lines.joined(separator: [newline]))
    }

    /// The characters that are neither blanks nor line ends: formatting changes none of them.
    package static func visible(_ bytes: [UInt8]) -> [UInt8] {
        bytes.filter { ![newline, carriageReturn, space, tab].contains($0) }
    }

    private static func indentation(of line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        line.prefix { $0 == space || $0 == tab }
    }
}
