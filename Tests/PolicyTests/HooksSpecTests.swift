import InterlockModel
import InterlockShell
import InterlockTesting
import InterlockYAML
import Testing

@testable import InterlockPolicy

/// The key `hooks` of an agent (docs/specs/coding-agents.md, section 3).
@Suite struct `Hooks in a policy` {
    private func agent(_ hooks: String) throws -> AgentSpec {
        let reading = PolicyReader.read(
            policyFiles("interlock: 1\norg: acme\nagents: {a: {hooks: {\(hooks)}}}\n"))
        let problems = reading.findings.reported.map(\.text).joined(separator: "\n")
        let document = try #require(reading.document, Comment(rawValue: problems))
        return try #require(document.agents.first)
    }

    @Test func `the defaults are the strictest`() throws {
        let hooks = try #require(try agent("").hooks)
        #expect(hooks.hostPrompt == .never)
        #expect(hooks.onBypass == .kill && hooks.onUnredactable == .kill)
        #expect(hooks.wait == .seconds(20))
        #expect(hooks.shellPatterns.isEmpty)
    }

    @Test func `each key is read`() throws {
        let agent = try agent(
            "host_prompt: low, wait: 5s, on_bypass: alert, on_unredactable: alert, "
                + "shell_allow: [make test]")
        let hooks = try #require(agent.hooks)
        #expect(hooks.hostPrompt == .low)
        #expect(hooks.onBypass == .alert && hooks.onUnredactable == .alert)
        #expect(hooks.wait == .seconds(5))
    }

    @Test func `the user of hooks is no root and no odd number`() throws {
        #expect(try agent("uid: 1000").hooks?.user?.value == 1000)
        #expect(try agent("").hooks?.user == nil)
        for text in ["0", "65534", "-1", "4294967295", "1000.5", "name"] {
            let reading = PolicyReader.read(
                policyFiles("interlock: 1\norg: acme\nagents: {a: {hooks: {uid: \(text)}}}\n"))
            #expect(reading.document == nil, "\(text)")
        }
    }

    @Test(.requirement("R064")) func `a listed command is held by the list`() throws {
        let hooks = try #require(
            try agent("shell_allow: [make test, \"git push origin *\"]").hooks)
        #expect(hooks.shellAllow.kind(of: ShellText("make test")) == nil)
        #expect(hooks.shellAllow.kind(of: ShellText("git push origin a")) == nil)
        #expect(hooks.shellAllow.kind(of: ShellText("make test2")) == .arbitrary)
        #expect(hooks.shellAllow.kind(of: ShellText("git push fork a")) == .push)
    }
}
