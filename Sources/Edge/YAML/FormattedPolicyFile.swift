import InterlockModel
package import InterlockPolicy

/// A policy file in the form of `PolicyTextForm`, with the value that it had.
///
/// INVARIANT: formatting changes no value and loses no comment. Kept by `FormattedPolicyFileTests`.
package struct FormattedPolicyFile: Sendable {
    package let bytes: [UInt8]
    /// The differences from the form; empty if the file has it already.
    package let changes: [PolicyTextForm.Change]

    /// The widths of tabs in common editors.
    private static let otherTabWidths = [4, 8]

    /// - Parameter file: the name that findings carry.
    package init(_ bytes: [UInt8], file: String) throws(PolicyFormatRefusal) {
        let firstTab = PolicyTextForm.firstTab(in: bytes)
        let spaced = firstTab == nil ? bytes : PolicyTextForm.withoutTabs(bytes, width: 2)
        let value = try Self.value(of: spaced, file)
        if let firstTab {
            for width in Self.otherTabWidths {
                let other = readYAML(
                    PolicyTextForm.withoutTabs(bytes, width: width), file: file)
                guard let root = other.root, root.hasSameValue(as: value) else {
                    throw .ambiguousTab(line: firstTab)
                }
            }
        }
        let formed = PolicyTextForm(spaced, keeping: Self.linesOfValues(spaced, file))
        guard try Self.value(of: formed.text, file).hasSameValue(as: value),
            PolicyTextForm.visible(formed.text) == PolicyTextForm.visible(bytes)
        else { throw .changesValue }
        self.bytes = formed.text
        let found = Set(formed.changes).union(firstTab == nil ? [] : [.tabs])
        changes = PolicyTextForm.Change.allCases.filter(found.contains)
    }

    private static func value(
        of bytes: [UInt8], _ file: String
    ) throws(PolicyFormatRefusal) -> YAMLNode {
        let reading = readYAML(bytes, file: file)
        guard let root = reading.root else { throw .unreadable(reading.findings) }
        return root
    }

    /// The lines, counted from 1, whose blanks are part of a text of several lines.
    private static func linesOfValues(_ bytes: [UInt8], _ file: String) -> Set<Int> {
        let newline = UInt8(ascii: "\n")
        let ended = bytes.last == newline ? bytes : bytes + [newline]
        let lines = ended.split(separator: newline, omittingEmptySubsequences: false)
        var found: Set<Int> = []
        _ = libyamlEvents(of: ended, file: file) { event in
            guard case .scalar(let text, let style) = event.kind, !event.isOneLine else {
                return true
            }
            switch style {
            case .plain, .singleQuoted, .doubleQuoted: found.formUnion(event.line..<event.lastLine)
            case .literal, .folded:
                var block = event.line + 1..<max(event.lastLine, event.line + 1)
                // Empty lines behind a block belong to it only if it keeps them, by `|+`.
                if !text.hasSuffix("\n\n"), text != "\n" {
                    let indentation = indentation(of: lines, in: block)
                    while let last = block.last, isEmpty(lines[last - 1], within: indentation) {
                        block = block.dropLast()
                    }
                }
                found.formUnion(block)
            }
            return true
        }
        return found
    }

    /// The columns before the text of a block: those of its first line that has any.
    private static func indentation(of lines: [ArraySlice<UInt8>], in block: Range<Int>) -> Int {
        let first = block.first { !isEmpty(lines[$0 - 1], within: .max) }
        return first.map { lines[$0 - 1].prefix { $0 == UInt8(ascii: " ") }.count } ?? .max
    }

    /// Returns true if the line has `width` spaces at most and nothing else.
    private static func isEmpty(_ line: ArraySlice<UInt8>, within width: Int) -> Bool {
        let text = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
        return text.count <= width && text.allSatisfy { $0 == UInt8(ascii: " ") }
    }
}

/// The reason why a policy file is left as it is.
package enum PolicyFormatRefusal: Error, Sendable {
    case unreadable([Finding])
    /// Tabs could be read as different indentations, with different values.
    case ambiguousTab(line: Int)
    /// The form cannot be had without a change of a value.
    case changesValue

    package var message: String {
        switch self {
        case .unreadable: "it is no policy file that can be read"
        case .ambiguousTab(let line):
            "the tab in line \(line) could be several indentations, or is part of a text; replace it by hand"
        case .changesValue:
            "its form would change a value: a block of text at the end of the file needs `|-`, or its last newline"
        }
    }
}
