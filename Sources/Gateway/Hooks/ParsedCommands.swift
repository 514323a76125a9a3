package import InterlockPolicy
import InterlockShell

/// Parses each command. Its class is the worst kind of those parts that the agent's `hooks.shell_allow` does not hold.
package struct ParsedCommands: ShellClassifier {
    package init() {}

    package func read(_ command: String, for agent: AgentEntry) -> ShellReading {
        let text = ShellText(command)
        // Everything that the list holds is as if it only read.
        let kind = agent.hooks.map { $0.shellAllow.kind(of: text) ?? .read } ?? text.kind
        return ShellReading(
            kind,
            // Empty for a program that the shell expands.
            commands: text.commands.map { $0.program ?? "" })
    }
}
