import InterlockShell

extension Invariants {
    private static let listed = ShellAllowList(
        ["git diff *", "git push origin *", "make test", "foo *"].compactMap {
            try? ShellPattern($0)
        })

    /// A text has the kind of its worst part, a push after it is never read, and no list holds what people always decide.
    package static func shell(_ bytes: [UInt8]) {
        let source = String(decoding: bytes, as: UTF8.self)
        let text = ShellText(source)
        let length = source.utf8.count
        precondition(text.commands.count <= ShellLimits.commands, "bounded commands")
        for part in text.parts {
            precondition(part.range.upperBound <= length, "a part lies in its text")
            precondition(part.command.map(text.commands.indices.contains) ?? true, "a command")
        }
        precondition(text.kind == text.parts.map(\.kind).max() ?? .read, "the worst part decides")
        precondition(text.worst?.kind ?? .read == text.kind, "the worst part is named")
        let rest = listed.kind(of: text) ?? .read
        precondition(rest <= text.kind, "a list makes nothing worse")
        precondition(!text.kind.isAlwaysDecided || rest == text.kind, "people decide")
        // A backslash would join the lines.
        if !source.hasSuffix("\\") {
            precondition(ShellText(source + "\ngit push").kind >= .arbitrary, "a push is seen")
        }
        // A text within a text is no better than by itself. Without the space, `-` would begin an option.
        if length < 2_000, !source.utf8.contains(UInt8(ascii: "'")) {
            precondition(ShellText("sh -c ' \(source)'").kind >= text.kind, "a text within a text")
        }
        if let pattern = try? ShellPattern(source) {
            precondition(!pattern.isOpen || source.hasSuffix(" *"), "a star is the last word")
            let exact = ShellText(source)
            precondition(
                pattern.isOpen
                    || exact.commands.contains(where: pattern.matches)
                        && !exact.kind.isAlwaysDecided,
                "a pattern is a command")
        }
    }
}
