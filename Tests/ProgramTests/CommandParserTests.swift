import InterlockCommandLine
import Testing

@testable import interlock

@Suite struct CommandParserTests {
    private func parse(_ text: String) throws -> CommandParser.Parsed {
        try CommandParser(commands: commands).parse(text.split(separator: " ").map(String.init))
    }

    private func invocation(_ text: String) throws -> Invocation {
        guard case .run(let invocation) = try parse(text) else {
            throw Failure(.internalError, "`\(text)` runs nothing")
        }
        return invocation
    }

    private func failure(of text: String) -> Failure? {
        do {
            _ = try parse(text)
            return nil
        } catch {
            return error as? Failure
        }
    }

    @Test func `the longest command that matches is the one that runs`() throws {
        #expect(try invocation("audit tail -n 3 --json").command.name == "audit tail")
        #expect(try invocation("audit tail -n 3 --json")["n"] == "3")
        #expect(try invocation("agents token triage --ttl=30m")["ttl"] == "30m")
        #expect(try invocation("agents token triage").positional == ["triage"])
    }

    @Test(arguments: [
        ("audti tail", "did you mean `audit`?"), ("audit tial", "did you mean `tail`?"),
        ("agents token a --purpse x", "did you mean `--purpose`?"),
        ("agents token a --nothing-like-it", "interlock agents token --help lists the options"),
        ("nothing-like-it", "interlock --help lists the commands"),
    ])
    func `a typing error is answered with the nearest word`(_ text: String, _ help: String) {
        let failure = failure(of: text)
        #expect(failure?.exit == .usage)
        #expect(failure?.help == help)
    }

    @Test(arguments: [
        "agents token", "agents token a b", "kill --agent", "kill --all=yes",
        "audit tail -n 1 -n 2",
        "serve extra",
    ])
    func `what is missing, too much or twice is refused`(_ text: String) {
        #expect(failure(of: text)?.exit == .usage)
    }

    @Test func `after two dashes the rest is a command line of its own`() throws {
        let run = try invocation("run fix --wall 5m -- claude -p --json --help")
        #expect(run.positional == ["fix", "claude", "-p", "--json", "--help"])
        #expect(run["wall"] == "5m" && !run.has("json"))
        #expect(try invocation("run --check").positional.isEmpty)
        #expect(failure(of: "status --")?.exit == .usage)
    }

    @Test func `a group alone shows its commands, and nothing shows the overview`() throws {
        guard case .group(let group) = try parse("approvals") else {
            Issue.record("no group")
            return
        }
        let names = [
            "list", "watch", "show", "approve", "batch", "deny", "revoke", "break-glass", "review",
            "delegate", "delegations", "verify", "metrics",
        ]
        #expect(group.map(\.path.last) == names)
        guard case .overview = try parse("") else {
            Issue.record("no overview")
            return
        }
    }
}
