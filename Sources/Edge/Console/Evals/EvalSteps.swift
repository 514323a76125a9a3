import InterlockChangeGate
import InterlockMarkup
import InterlockModel

/// The commands that lead to a result that counts, in their order, each with a button that copies it. Upper-case words
/// are places to fill in.
struct EvalSteps {
    let line: AgentEvalSummary

    private var commands: [TypedCommand] {
        let agent = line.agent.text
        var commands: [TypedCommand] = []
        if line.fact == .thin {
            commands.append(
                TypedCommand("Complete the suite", "interlock", "eval", "lint", agent))
        }
        // A starter suite counts at tier low alone.
        if line.fact == .missing, line.latest == nil, line.tier == .low {
            commands.append(
                TypedCommand(
                    "Write a first suite, run and sign", "interlock", "eval", "run", agent,
                    "--starter", "--sign", "KEY"))
        } else {
            commands.append(
                TypedCommand(
                    "Run and sign", "interlock", "eval", "run", agent, "--sign", "KEY"))
        }
        commands.append(
            TypedCommand("Submit", "interlock", "eval", "gate", "--submit", "FILE"))
        if line.outlook.state == .refused {
            commands.append(
                TypedCommand(
                    "Until then, two people", "interlock", "eval", "except", agent, "--reason",
                    "TEXT", "--until", "TIME", "--out", "FILE", "--as", "EMAIL"))
        }
        return commands
    }

    var html: HTML {
        var facts = Facts()
        for command in commands {
            facts.add(command.title) {
                element(.code, .text(.copied, command.text)) { SafeLine.text(command.text) }
            }
        }
        return facts.html
    }
}
