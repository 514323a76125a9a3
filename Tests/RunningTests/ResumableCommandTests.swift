import InterlockSandboxes
import Testing

@testable import InterlockRunning

/// The command lines whose session can be resumed (docs/specs/coding-agents.md, section 8).
@Suite struct ResumableCommandTests {
    private static let text = "cea6c03d-b833-48e6-b3b9-0969b02e965c"

    private func lines(_ command: String...) throws -> (first: [String], later: [String]) {
        let session = try #require(HostSessionID(Self.text))
        let parsed = try ResumableCommand(["claude"] + command)
        return (parsed.beginning(session), parsed.resuming(session))
    }

    /// The message of the refusal, or nil if there is none.
    private func refusal(_ command: String...) -> String? {
        do throws(RunRefusal) {
            _ = try ResumableCommand(["claude"] + command)
            return nil
        } catch { return error.outcome.message }
    }

    @Test func `the prompt is said once, and the options each time`() throws {
        let lines = try lines(
            "-p", "Fix it", "--model=opus", "--output-format", "json", "--allowedTools", "Bash",
            "Read")
        let options = [
            "-p", "--model=opus", "--output-format", "json", "--allowedTools", "Bash", "Read",
        ]
        #expect(
            lines.first == ["claude", "--session-id", Self.text] + options + ["--", "Fix it"])
        #expect(lines.later == ["claude", "--resume", Self.text] + options)
    }

    @Test func `a prompt after the end of the options, or on standard input, is no option`() throws
    {
        let said = try lines("--print", "--", "--resume", "x")
        #expect(said.first.suffix(3) == ["--", "--resume", "x"])
        #expect(said.later == ["claude", "--resume", Self.text, "--print"])
        #expect(try lines("-p").first == ["claude", "--session-id", Self.text, "-p"])
    }

    @Test func `a value that looks like an option is a value`() throws {
        let later = try lines("-p", "--append-system-prompt", "--resume", "go").later
        #expect(later.suffix(3) == ["-p", "--append-system-prompt", "--resume"])
    }

    @Test(
        arguments: [
            "--resume", "-r", "--continue", "-c", "--fork-session", "--no-session-persistence",
            "--session-id", "--bare", "--safe-mode", "--bg", "--debug", "--input-format",
            "-pd", "--unheard-of", "--print=yes",
        ])
    func `every other option is refused by name`(_ option: String) throws {
        let name = option.split(separator: "=").first.map(String.init) ?? option
        let message = try #require(refusal("-p", option, "x"))
        #expect(message.contains("`\(name)`"))
    }

    @Test func `a session that is not headless, and a missing value, are refused`() {
        #expect(refusal("Fix it")?.contains("`-p`") == true)
        #expect(refusal()?.contains("`-p`") == true)
        #expect(refusal("-p", "--model")?.contains("`--model`") == true)
    }
}
