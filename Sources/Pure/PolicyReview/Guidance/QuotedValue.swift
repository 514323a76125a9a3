import InterlockModel

/// Values of a policy in a text that an agent reads, as Markdown. Each is a code span, so that a value shows as itself and
/// never becomes a heading, a link or a sentence of the text around it.
///
/// Coding agents read their Markdown before any parser does: `!` before a backtick runs a command, `$1` is an argument and
/// `@path` a file to read. What would start one of these within a value is shown by its code point.
enum QuotedValue {
    /// Returns a code span on one line.
    static func span(_ text: String) -> String {
        "`" + (text.isEmpty ? " " : marked(text.withMarks)) + "`"
    }

    /// Returns code spans with commas between them, or `none`.
    static func list(_ texts: some Sequence<String>) -> String {
        let spans = texts.map(span)
        return spans.isEmpty ? "none" : spans.joined(separator: ", ")
    }

    private static func marked(_ text: String) -> String {
        let scalars = Array(text.unicodeScalars)
        var output = ""
        for (place, scalar) in scalars.enumerated() {
            let before = place > 0 ? scalars[place - 1] : nil
            let after = place + 1 < scalars.count ? scalars[place + 1] : nil
            if isActive(scalar, after: before, before: after) {
                output += scalar.mark
            } else {
                output.unicodeScalars.append(scalar)
            }
        }
        return output
    }

    private static func isActive(
        _ scalar: Unicode.Scalar, after before: Unicode.Scalar?, before after: Unicode.Scalar?
    ) -> Bool {
        switch scalar {
        case "`": true
        // The backtick that ends the span would follow.
        case "!": after == nil
        case "$": after.map { isWord($0) || $0 == "{" } ?? false
        case "@": !(before.map(isWord) ?? false)
        // A comment is taken out of the text, with all that follows it.
        case "<": after == "!"
        default: false
        }
    }

    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
    }
}
