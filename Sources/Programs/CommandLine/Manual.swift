import InterlockModel

/// The manual page, made from the commands themselves, in the language of `man` (groff_man(7)).
package enum Manual {
    /// - Parameters:
    ///   - groups: a few words about each group of commands, by its first word.
    package static func page(_ commands: [Command], groups: [String: String]) -> String {
        var lines = [
            ".TH INTERLOCK 1 \"\" \"interlock \(Product.version)\" \"Interlock\"",
            ".SH NAME", "interlock \\- decides, outside the model, what an AI agent may do",
            ".SH SYNOPSIS", ".B interlock", "\\fICOMMAND\\fR [\\fIoptions\\fR] [\\fIarguments\\fR]",
            ".SH DESCRIPTION",
            text(
                "Interlock is between AI agents and the systems they act on. It decides what each agent may do from a "
                    + "policy that people review, enforces it on every call, and proves afterwards that it held."
            ),
            ".SH COMMANDS",
        ]
        var group = ""
        let alone = commands.filter { $0.path.count == 1 }
        for command in alone + commands.filter({ $0.path.count > 1 }) {
            if command.path[0] != group, command.path.count > 1 {
                group = command.path[0]
                lines += [
                    ".SS \(group)", text(groups[group].map { $0.capitalizedFirst + "." } ?? ""),
                ]
            }
            lines += entry(command)
        }
        lines.append(".SH EXIT STATUS")
        for exit in Exit.allCases {
            lines += [".TP", ".B \(exit.rawValue)", text(exit.meaning)]
        }
        return lines.filter { !$0.isEmpty }.joined(separator: "\n") + "\n"
    }

    private static func entry(_ command: Command) -> [String] {
        let arguments = command.arguments.map { " \\fI\(escaped($0))\\fR" }.joined()
        var lines = [".TP", "\\fBinterlock \(escaped(command.name))\\fR\(arguments)"]
        lines.append(text(command.summary.capitalizedFirst + "."))
        if !command.options.isEmpty { lines.append(".RS") }
        for option in command.options {
            let value = option.value.map { " \\fI\(escaped($0))\\fR" } ?? ""
            lines += [
                ".TP", "\\fB\(escaped(option.dashed))\\fR\(value)",
                text(option.help + (option.isRequired ? " (required)" : "")),
            ]
        }
        if !command.options.isEmpty { lines.append(".RE") }
        if !command.notes.isEmpty { lines += [".IP", text(command.notes)] }
        lines += [".IP", text("For instance: \(command.example)")]
        return lines
    }

    /// A paragraph: no line of it is a request.
    private static func text(_ words: String) -> String {
        words.split(separator: "\n", omittingEmptySubsequences: true).map { line in
            let line = escaped(String(line))
            return line.hasPrefix(".") || line.hasPrefix("'") ? "\\&" + line : line
        }.joined(separator: "\n")
    }

    private static func escaped(_ words: String) -> String {
        words.replacing("\\", with: "\\e").replacing("-", with: "\\-")
    }
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
