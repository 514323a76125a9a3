/// Help texts, made from the commands themselves.
package enum Help {
    /// - Parameter groups: a few words about each group of commands, by its first word.
    package static func overview(_ commands: [Command], groups: [String: String]) -> String {
        let rows = rows(commands, groups)
        let width = rows.map(\.name.count).max() ?? 0
        let lines = rows.map { "  \($0.name.padded(to: width + 2))\($0.summary)" }
        return """
            interlock decides, outside the model, what an AI agent may do; enforces it; and proves it held.

            \(lines.joined(separator: "\n"))

            `login` names who signs, `openapi` prints the document of the API, `config reference` that of interlock.yaml, `cluster` prepares several nodes and their database, `limits` shows what agents have taken of their limits, `detectors report` says how good the noticing is, `hook` answers coding agents, `hook install` and `hook uninstall` make them ask, `doctor` checks that they do, `provenance mark` and `provenance check` keep what agents wrote known until the merge, `outcomes` lists calls whose outcome is unknown, `ready` says whether an agent may be given more, `review` reads what agents did and signs for it, `selftest` asks the gateway for what it must refuse, `incidents` keeps what people are handling, `evidence` makes and checks what an auditor gets, `provenance capacity` says who reviews how much, `tokens` lets services read without a person, `signer` holds the log's key as another user. `interlock COMMAND --help` tells more, also of a group; `--version`, `completion SHELL` and `manual` are for shells.
            Exit codes: 0 yes, 1 no, 64 and above as in sysexits.h.

            """
    }

    /// The commands that the last lines name.
    private static let unlisted: Set = [
        "cluster admit", "cluster init", "cluster join", "cluster migrate", "cluster permit",
        "cluster status", "completion", "config reference",
        "detectors report", "doctor", "evidence build", "evidence controls",
        "evidence sign-tests", "evidence verify", "hook", "hook install",
        "hook policy-helper", "hook uninstall", "incidents act", "incidents close",
        "incidents list", "incidents open", "incidents show", "incidents timeline",
        "limits", "login", "manual", "openapi", "outcomes check", "outcomes list",
        "provenance capacity", "provenance check", "provenance mark", "ready",
        "review discard", "review findings", "review postpone", "review sample",
        "review sign", "review start", "review status", "selftest list", "selftest run",
        "selftest sandbox", "selftest status", "signer", "signer move", "signer return",
        "signer status", "tokens issue", "tokens list", "tokens revoke", "version",
    ]

    /// A row for each command of one word and for each group of others: they fit one screen, however many
    /// there are.
    private static func rows(
        _ commands: [Command], _ groups: [String: String]
    ) -> [(name: String, summary: String)] {
        var rows: [(name: String, summary: String)] = []
        for command in commands where !unlisted.contains(command.name) {
            let name = command.path[0]
            guard rows.last?.name != name else { continue }
            guard command.path.count > 1 else {
                rows.append((name, command.summary))
                continue
            }
            var words: [String] = []
            for member in commands where member.path.count > 1 && member.path[0] == name {
                if words.last != member.path[1] { words.append(member.path[1]) }
            }
            let about = groups[name].map { $0 + ": " } ?? ""
            rows.append((name, about + words.joined(separator: ", ")))
        }
        return rows
    }

    package static func group(_ commands: [Command]) -> String {
        let width = commands.map(\.name.count).max() ?? 0
        return commands.map { "  interlock \($0.name.padded(to: width + 2))\($0.summary)" }
            .joined(separator: "\n") + "\n"
    }

    package static func text(of command: Command) -> String {
        var text = "usage: interlock \(command.name)"
        for argument in command.arguments { text += " \(argument)" }
        for option in command.options where option.isRequired { text += " \(option.usage)" }
        if command.options.contains(where: { !$0.isRequired }) { text += " [options]" }
        text += "\n\n\(command.summary)\n\nexample:\n  \(command.example)\n"
        if !command.options.isEmpty { text += "\n" + options(of: command) }
        if !command.notes.isEmpty { text += "\n\(command.notes)\n" }
        text += "\nexit codes:\n"
        for exit in [Exit.ok] + command.exits + [.usage, .internalError] {
            text += "  \(String(exit.rawValue).padded(to: 4))\(exit.meaning)\n"
        }
        return text
    }

    private static func options(of command: Command) -> String {
        let shown = command.options.map { option in
            (option.usage, option.help + (option.isRequired ? " (required)" : ""))
        }
        let width = shown.map(\.0.count).max() ?? 0
        return shown.map { "  \($0.padded(to: width + 2))\($1)\n" }.joined()
    }
}

extension String {
    package func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
