import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockPatterns
import InterlockPolicy
import InterlockYAML

extension Invariants {
    /// The input is a policy file. Reading ends with a document or with findings, each of one line and at a location in
    /// the file; reading twice gives the same result; and a compiled policy decides.
    package static func policy(_ bytes: [UInt8]) {
        let file = PolicyFile(path: "policy.yaml", role: .single, bytes: bytes)
        let reading = PolicyReader.read([file])
        let findings = reading.report(with: policyEngines, at: policyTime)
        precondition(
            findings == PolicyReader.read([file]).report(with: policyEngines, at: policyTime),
            "what is said of a policy is a function of its bytes")
        // libyaml reports the end of a file on a line of its own, even if the last line is unterminated. A line break
        // that libyaml counts and this does not would only make the check laxer.
        let lines = bytes.count { $0 == 0x0a } + 2
        for finding in findings {
            precondition(!finding.message.utf8.contains(0x0a), "a finding is one line")
            precondition((1...lines).contains(finding.place.line), "a finding has a place")
            precondition(finding.place.column >= 1, "columns begin at 1")
        }
        guard let document = reading.document else {
            return precondition(reading.findings.hasErrors, "what is refused has a reason")
        }
        guard let policy = try? compiled(document) else { return }
        for (name, _) in policy.agents {
            guard let tool = ToolAddress(wireName: "server__tool") else { continue }
            let decision = policy.decide(
                DecisionRequest(agent: name, address: tool, arguments: [:]),
                facts: DecisionFacts(effectiveStage: .trusted), now: policyTime)
            precondition(decision.verdict == .deny || decision.toolClass != nil, "unlisted: denied")
        }
    }

    static func compiled(_ document: PolicyDocument) throws(PolicyRefusal) -> PolicySnapshot {
        try PolicySnapshot(
            compiling: document, with: policyEngines, at: policyTime, hashing: OpenSSLHashing())
    }
}

let policyEngines = PolicyEngines(patterns: RE2Compiler(), zones: NoZones())
/// 2026-11-20T09:00:00Z
let policyTime = Timestamp(microseconds: 1_795_165_200_000_000)

private struct NoZones: ZoneSource {
    let version = "none"
    func zone(named name: String) -> ZoneRules? { nil }
}
