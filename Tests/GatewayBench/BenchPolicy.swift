import InterlockCredentials
import InterlockModel
import InterlockPatterns
import InterlockPolicy
import InterlockYAML
import InterlockZones
import Synchronization
import Testing

let testEngines = PolicyEngines(patterns: RE2Compiler(), zones: SystemZones())

/// The policy of the tests, as text, so that a test can change a line of it.
enum BenchPolicy {
    /// Tools by the outcome of a call of `clerk` at stage supervised: `look` is allowed; `note` and `mail` require one
    /// approval and `pay` two; `audit` is denied although visible; `secret` and `nuke` are hidden.
    static let text = """
        interlock: 1
        org: acme
        kill_switch: org-wide, tested monthly
        tiers: {low: {calls: 1000000/m}, medium: {calls: 1000000/m}, high: {calls: 1000000/m}}
        approvals:
          finance: {members: [ines@acme.example, paul@acme.example, rui@acme.example, dana@acme.example], expires: 30m}
          board: {members: [ines@acme.example, paul@acme.example, rui@acme.example], expires: 30m}
        servers:
          desk:
            environment: staging
            tools:
              look: {class: read}
              report: {class: read}
              audit: {class: read}
              secret: {class: read}
              note: {class: write, effects: [reversible]}
              mail: {class: write, effects: [customer_facing]}
              pay: {class: write, effects: [irreversible, spends_money]}
              nuke: {class: write, effects: [irreversible]}
        forbid:
          - {id: no-nuke, tools: [desk.nuke]}
        agents:
          clerk:
            owner: li@acme.example
            purpose: Clerks
            tier: medium
            stage: trusted
            review_by: "2027-02-01"
            approvers: finance
            mcp_scopes: {desk: [look, report, {tool: audit, when: "false"}, note, mail, pay, nuke]}
          reader:
            owner: dana@acme.example
            purpose: Reads
            tier: low
            stage: trusted
            review_by: "2027-02-01"
            mcp_scopes: {desk: [look]}
        """

    /// The text with replacements; the test fails if a part to replace is missing.
    static func text(_ changes: [(String, String)]) throws -> String {
        var text = text
        for (old, new) in changes {
            try #require(text.contains(old), "the policy has no `\(old)`")
            text = text.replacing(old, with: new)
        }
        return text
    }

    private static let compiled = Mutex<[String: PolicySnapshot]>([:])

    static func snapshot(_ changes: [(String, String)] = []) throws -> PolicySnapshot {
        try snapshot(of: try text(changes))
    }

    static func snapshot(
        _ changes: [(String, String)], lock: PolicyLock
    ) throws -> PolicySnapshot {
        try PolicySnapshot(
            compiling: try document(changes), lock: .read(lock), with: testEngines,
            at: FakeClock().now.wall, hashing: OpenSSLHashing())
    }

    /// The snapshot with review templates, `approvals/desk.yaml`.
    static func snapshot(
        _ changes: [(String, String)], templates: String?
    ) throws -> PolicySnapshot {
        guard let templates else { return try snapshot(changes) }
        let server = try #require(ServerName("desk"))
        let reading = TemplateReader.read(
            Array(templates.utf8), of: server, file: "approvals/desk.yaml")
        let document = try document(changes)
        let set = TemplateSet(Array(reading.byTool.values), OpenSSLHashing())
        let findings = (reading.findings + set.findings(under: document))
            .filter { $0.code.grade == .error }
        try #require(findings.isEmpty, "\(findings.map(\.text))")
        return try PolicySnapshot(
            compiling: document, with: testEngines, at: FakeClock().now.wall,
            hashing: OpenSSLHashing(), templates: set)
    }

    static func document(_ changes: [(String, String)] = []) throws -> PolicyDocument {
        try document(of: try text(changes))
    }

    private static func document(of text: String) throws -> PolicyDocument {
        // Policies of drills too: what a deployment's policy may name is a test of the policy.
        let reading = PolicyReader.read(
            [PolicyFile(path: "policy.yaml", role: .single, bytes: Array(text.utf8))],
            namesCanaries: true)
        let problems = reading.findings.reported.map(\.text).joined(separator: "\n")
        return try #require(reading.document, Comment(rawValue: problems))
    }

    static func snapshot(of text: String) throws -> PolicySnapshot {
        if let known = compiled.withLock({ $0[text] }) { return known }
        let snapshot = try PolicySnapshot(
            compiling: try document(of: text), with: testEngines, at: FakeClock().now.wall,
            hashing: OpenSSLHashing())
        compiled.withLock { $0[text] = snapshot }
        return snapshot
    }
}
