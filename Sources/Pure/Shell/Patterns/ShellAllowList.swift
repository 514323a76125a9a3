/// The commands that an operator has listed in `hooks.shell_allow`.
package struct ShellAllowList: Sendable {
    private let byProgram: [String: [ShellPattern]]

    /// The entries of a list.
    package static let most = 200

    package init(_ patterns: [ShellPattern]) {
        byProgram = Dictionary(grouping: patterns) { $0.words[0] }
    }

    /// The worst kind of the parts of a text that the list does not hold, or nil if there is none. Parts that deploy or
    /// change production are never held.
    package func kind(of text: ShellText) -> ShellKind? {
        let holds = text.commands.map(holds)
        return text.parts.filter { part in
            part.kind.isAlwaysDecided || !(part.command.map { holds[$0] } ?? false)
        }.map(\.kind).max()
    }

    private func holds(_ command: ShellCommand) -> Bool {
        [0, command.passedOn].contains { skipped in
            guard let program = command.words.dropFirst(skipped).first?.literal else {
                return false
            }
            return byProgram[program]?.contains { $0.matches(command) } ?? false
        }
    }
}
