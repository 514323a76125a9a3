/// A command text, parsed into simple commands, with the kind of each part.
///
/// Parsing never fails: whatever is not understood is a part of the kind `arbitrary`. It takes time linear in the
/// length of the text.
package struct ShellText: Sendable {
    /// The simple commands in the order in which they were found. Those of texts within the text come last.
    package let commands: [ShellCommand]
    /// Each command, and everything else that is above `read`, in the order in which it was found.
    package let parts: [ShellPart]
    /// The worst kind of all parts; `read` for a text without commands.
    package let kind: ShellKind

    package init(_ text: String) {
        var classifier = ShellClassifier(Array(text.utf8))
        classifier.run()
        commands = classifier.found.commands
        parts = classifier.found.parts
        kind = parts.map(\.kind).max() ?? .read
    }

    /// The first part of the worst kind, or nil for a text without commands.
    package var worst: ShellPart? { parts.first { $0.kind == kind } }
}

/// The results of parsing and classification so far.
struct ShellFindings {
    var commands: [ShellCommand] = []
    var parts: [ShellPart] = []
    /// The bodies of here-documents; nil for a body that the shell expands.
    var documents: [String?] = []
    /// The bytes of nested texts that may still be read.
    var nestedBytes = ShellLimits.nestedBytes
    var words = 0

    mutating func add(
        _ kind: ShellKind, _ reason: ShellReason, _ entry: String = "", at range: Range<Int>,
        command: Int? = nil
    ) {
        if let command, commands[command].kind < kind { commands[command].kind = kind }
        parts.append(
            ShellPart(kind: kind, reason: reason, entry: entry, range: range, command: command))
    }
}

/// The end of parsing: the text from here on is not understood.
struct ShellFault: Error {
    let reason: ShellReason
    let offset: Int
}
