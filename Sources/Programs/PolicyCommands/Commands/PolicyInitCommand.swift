package import InterlockCommandLine
import InterlockCredentials
import InterlockJSON
import InterlockModel

extension Command {
    package static let policyInit = Command(
        "policy init [FOLDER]", "write a policy to begin with",
        example: "interlock policy init policy --org acme --owner ada@acme.example",
        options: [
            .json,
            Option("--org NAME", "the organisation").required,
            Option("--owner EMAIL", "who answers for the policy and its first agent").required,
            Option(
                "--claude-code",
                "a policy for Claude Code in `interlock run`, in place of a server and its reader"),
        ],
        exits: [.cannotCreate],
        notes: """
            FOLDER (default: policy) must be empty or absent. It gets org.yaml, one server and one agent that only reads, \
            with tests: edit them, then `interlock policy check` and `interlock policy test`. With --claude-code its \
            agent is `claude-code`, which edits and tests in a sandbox, and asks its model by the secret `anthropic`.
            """
    ) { invocation in
        let folder = invocation.positional.first ?? "policy"
        let name = try invocation.require("org")
        guard AgentName(name) != nil else {
            throw Failure(
                .usage, "`\(TerminalEscaping.shown(name))` is no name of an organisation",
                help: "lower case, digits and hyphens, such as acme")
        }
        let owner = try Invocation.parsed(
            try invocation.require("owner"), "no e-mail address", .usage
        ) { Person($0) }
        let today = CivilDate(
            daysSince1970: SystemClock().now.wall.microseconds / 86_400_000_000)
        let files =
            invocation.has("claude-code")
            ? ClaudeCodeStarter(organisation: name, owner: owner, today: today).files
            : StarterPolicy(organisation: name, owner: owner, today: today).files
        do throws(FileFailure) {
            let isFree = try File.exists(folder) ? File.names(in: folder).isEmpty : true
            guard isFree else { throw FileFailure(message: "`\(folder)` is not empty") }
            try File.makeFolder(folder, mode: 0o755)
            for (path, text) in files {
                if let below = path.split(separator: "/").dropLast().first {
                    try File.makeFolder("\(folder)/\(below)", mode: 0o755)
                }
                try File.write(Array(text.utf8), to: folder + "/" + path, mode: 0o644)
            }
        } catch { throw Failure(.cannotCreate, error.message) }
        return invocation.print(
            ["folder": .string(folder), "files": .strings(files.map(\.path))],
            files.map { "\(folder)/\($0.path)" }.joined(separator: "\n")
                + "\nnext: interlock policy check \(folder)")
    }
}
