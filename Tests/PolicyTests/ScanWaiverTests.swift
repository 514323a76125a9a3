import InterlockModel
import InterlockTesting
import InterlockYAML
import Testing

@testable import InterlockPolicy

/// Waivers of secrets that were found in a workspace (docs/specs/coding-agents.md, section 11).
@Suite struct `Waivers of secrets` {
    private static let sum = String(repeating: "0a", count: 32)

    private static func read(_ waiver: String) -> ParsedPolicy {
        PolicyReader.read(
            policyFiles(
                """
                interlock: 1
                org: acme
                agents:
                  a:
                    scan: {waive: [\(waiver)]}
                """))
    }

    private static func waiver(
        path: String = "tests/a.pem", rule: String = "private-key", sum: String = sum,
        until: String = "2026-12-31", reason: String = "a key of the tests"
    ) -> String {
        "{path: \"\(path)\", rule: \(rule), sha256: \"\(sum)\", owner: li@acme.example, "
            + "until: \"\(until)\", reason: \(reason)}"
    }

    @Test func `a waiver counts through its last day, and at most 180 days ahead`() throws {
        let document = try #require(Self.read(Self.waiver()).document)
        let waiver = try #require(document.agents.first?.scan?.waivers.first)
        #expect(waiver.words == "tests/a.pem (private-key) until 2026-12-31")
        let last = try #require(CivilDate("2026-12-31"))
        #expect(waiver.isLive(at: last.start) && !waiver.isLive(at: last.end))
        #expect(!waiver.isLive(at: last.start + .seconds(-200 * 86_400)))
    }

    @Test(
        arguments: [
            waiver(path: "/etc/a"), waiver(path: "a/../b"), waiver(path: ""), waiver(path: "a//b"),
            waiver(rule: "Private"), waiver(rule: "brokered-value"), waiver(rule: "canary"),
            waiver(sum: "0a0b"),
            waiver(reason: "short"),
        ])
    func `a waiver that names no file, rule or reason is an error`(text: String) {
        let reading = Self.read(text)
        #expect(reading.findings.all.contains { $0.code == .wrongType })
    }

    @Test(arguments: [("history: true", true), ("history: false", false), ("waive: []", false)])
    func `the history is searched if the policy says so`(text: String, isSearched: Bool) throws {
        let reading = PolicyReader.read(
            policyFiles("interlock: 1\norg: acme\nagents: {a: {scan: {\(text)}}}\n"))
        let agent = try #require(reading.document?.agents.first)
        #expect(agent.scan?.searchesHistory == isSearched)
    }
}
