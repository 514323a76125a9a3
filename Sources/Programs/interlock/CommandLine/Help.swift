/// Help texts, made from the commands themselves.
enum Help {
    static func overview(_ commands: [Command]) -> String {
        let width = commands.map(\.name.count).max() ?? 0
        let lines = commands.map { "  \($0.name.padded(to: width + 2))\($0.summary)" }
        return """
            interlock decides, outside the model, what an AI agent may do; enforces it; and proves it held.

            \(lines.joined(separator: "\n"))

            `interlock COMMAND --help` tells more. Exit codes: 0 yes, 1 no, 64 and above as in sysexits.h.

            """
    }

    static func group(_ commands: [Command]) -> String {
        let width = commands.map(\.name.count).max() ?? 0
        return commands.map { "  interlock \($0.name.padded(to: width + 2))\($0.summary)" }
            .joined(separator: "\n") + "\n"
    }

    static func text(of command: Command) -> String {
        var text = "usage: interlock \(command.name)"
        if !command.options.isEmpty { text += " [options]" }
        for argument in command.arguments { text += " \(argument)" }
        text += "\n\n\(command.summary)\n"
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
            (option.dashed + (option.value.map { " " + $0 } ?? ""), option.help)
        }
        let width = shown.map(\.0.count).max() ?? 0
        return shown.map { "  \($0.padded(to: width + 2))\($1)\n" }.joined()
    }
}

extension String {
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
