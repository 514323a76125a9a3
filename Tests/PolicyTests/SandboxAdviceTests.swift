import InterlockModel
import InterlockTesting
import InterlockYAML
import Testing

@testable import InterlockPolicy
@testable import InterlockPolicyReview

/// Advice from what one run did (docs/specs/policy.md, section 8.4).
@Suite struct SandboxAdviceTests {
    private static let head = """
        interlock: 1
        org: acme
        agents:
          a:
            owner: ada@acme.example

        """

    private static func settings(_ text: String) throws -> SandboxSettings {
        let reading = PolicyReader.read(policyFiles(text))
        let document = try #require(reading.document, "\(reading.findings.reported.map(\.text))")
        return try #require(document.agents.first?.sandbox).settings
    }

    private static func use(
        _ permitted: [(host: String?, port: Int, rule: String)] = [], secrets: [String]? = nil
    ) -> RunUse {
        var use = RunUse()
        for one in permitted {
            use.add(
                RunUse.Connections(host: one.host, port: one.port, rule: one.rule, code: nil))
        }
        use.secrets = secrets
        return use
    }

    /// Edits the policy and reads it again.
    private static func edited(_ text: String, _ advice: SandboxAdvice) throws -> String {
        let bytes = Array(text.utf8)
        let root = try #require(readYAML(bytes, file: "policy.yaml").root)
        let agent = try #require(AgentName("a"))
        let edit = try #require(SandboxEdit(bytes, root: root, agent: agent))
        let new = String(decoding: try #require(edit.applying(advice)), as: UTF8.self)
        let settings = try settings(new)
        #expect(settings.egress == advice.egress && settings.secrets == advice.secrets)
        return new
    }

    @Test(.requirement("R029"))
    func `rules, ports and wildcards that were not used are narrowed, and refusals are not added`()
        throws
    {
        let text =
            Self.head + """
                    sandbox:
                      # what it builds with
                      read: [/opt/toolchain]
                      egress:
                        - api.example.com:443   # the registry
                        - {host: git.example.com, ports: [22, 2222], protocol: tcp}
                        - {host: "*.example.org", max_bytes_up: 1MiB}
                        - old.example.com:443
                      # how long
                      limits: {wall: 10m}
                  b:
                    owner: ada@acme.example
                    sandbox: isolated

                """
        var use = Self.use([
            ("api.example.com", 443, "tls api.example.com:443"),
            ("git.example.com", 22, "tcp git.example.com:22,2222"),
            ("b.example.org", 443, "tls *.example.org:443"),
            ("a.example.org", 443, "tls *.example.org:443"),
        ])
        use.add(
            RunUse.Connections(host: "evil.test", port: 443, rule: nil, code: "net.no_rule"),
            count: 3)
        let advice = SandboxAdvice(try Self.settings(text), use)
        #expect(
            advice.changes.map(\.text) == [
                "egress: `a.example.org:443`, `b.example.org:443` in place of `*.example.org:443`",
                "egress: `tcp git.example.com:22` in place of `tcp git.example.com:22,2222`",
                "egress: remove `old.example.com:443`, not used",
            ])
        #expect(
            advice.refused.map(\.text) == [
                "refused: evil.test:443, net.no_rule, 3 times; not proposed"
            ])
        #expect(advice.notes == ["read: the kernel records no reads, so the listed trees are kept"])
        let new = try Self.edited(text, advice)
        #expect(!new.contains("evil.test") && !new.contains("old.example.com"))
        // Lines that stay keep their text and their comments.
        for line in [
            "      # what it builds with", "        - api.example.com:443   # the registry",
            "      # how long", "      limits: {wall: 10m}",
            "        - {host: a.example.org, max_bytes_up: 1MiB}",
            "        - {host: git.example.com, ports: [22], protocol: tcp}", "  b:",
        ] {
            #expect(new.split(separator: "\n").contains(line[...]), "\(line)\n\(new)")
        }
    }

    @Test func `a sandbox in braces is written as a block, and an unused list is empty`() throws {
        let text =
            Self.head + """
                    sandbox: {profile: isolated, egress: [api.example.com:443], env: {MODE: "a: b"}, secrets: [{name: ONE, from: "files:one"}, {name: TWO, from: "files:two"}]}
                    purpose: Tries

                """
        let advice = SandboxAdvice(try Self.settings(text), Self.use(secrets: ["TWO"]))
        #expect(
            advice.changes.map(\.text) == [
                "egress: remove `api.example.com:443`, not used",
                "secrets: remove `ONE`, not used",
            ])
        let new = try Self.edited(text, advice)
        #expect(new.contains("      egress: []\n") && new.contains("      env: {MODE: \"a: b\"}\n"))
        #expect(new.contains("      secrets:\n        - {name: TWO, from: \"files:two\"}\n"))
        #expect(new.contains("\n    purpose: Tries\n"))
    }

    @Test func `what cannot be known is kept`() throws {
        let text =
            Self.head + "    sandbox: {egress: [{host: \"*.example.org\", ports: [443, 8443]}]}\n"
        let settings = try Self.settings(text)
        // The payload with the host was erased.
        let advice = SandboxAdvice(settings, Self.use([(nil, 443, "tls *.example.org:443,8443")]))
        #expect(advice.egress == [EgressSpec(host: "*.example.org", ports: [443])])
        #expect(
            advice.notes == [
                "egress: the hosts below `*.example.org` cannot be read, so it is kept"
            ])
        // A rule of another protocol is not the one that was used.
        let other = SandboxAdvice(
            settings, Self.use([("a.example.org", 443, "tcp *.example.org:443")]))
        #expect(other.egress.isEmpty && other.changes.count == 1)
    }

    @Test func `a run that used everything gets no advice`() throws {
        let text = Self.head + "    sandbox: {egress: [api.example.com:443]}\n"
        let advice = SandboxAdvice(
            try Self.settings(text),
            Self.use([("api.example.com", 443, "tls api.example.com:443")], secrets: []))
        #expect(advice.isEmpty && advice.notes.isEmpty)
    }
}
