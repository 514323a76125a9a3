import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockPolicyReview
import InterlockYAML

extension Invariants {
    /// The input is two guards on two lines. For any input, the analysis ends; a guard equals itself; two guards are
    /// equal in both directions or in neither; and the evaluator, which knows nothing of the analysis, decides each
    /// satisfying input as the difference claims.
    package static func analysis(_ bytes: [UInt8]) {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 1)
            .map { String(decoding: $0, as: UTF8.self) }
        guard lines.count == 2, bytes.count <= 2048, let one = policy(granting: lines[0]),
            let two = policy(granting: lines[1])
        else { return }
        let there = PolicyComparison.compare(one, two, at: policyTime)
        let back = PolicyComparison.compare(two, one, at: policyTime)
        precondition(
            PolicyComparison.compare(one, one, at: policyTime).differences.isEmpty,
            "a policy equals itself")
        precondition(
            there.differences.isEmpty == back.differences.isEmpty, "equal is the same both ways")
        for difference in there.differences { check(difference, from: one, to: two) }
    }

    private static func check(
        _ difference: Difference, from one: PolicySnapshot, to two: PolicySnapshot
    ) {
        guard let arguments = difference.witness, difference.stage == nil else { return }
        let now = difference.time.flatMap { Timestamp(rfc3339: $0) } ?? policyTime
        let (was, isNow) = (verdict(of: arguments, one, now), verdict(of: arguments, two, now))
        switch difference.direction {
        case .widens: precondition(was == .deny && isNow == .allow, "a witness of more is one")
        case .narrows: precondition(was == .allow && isNow == .deny, "a witness of less is one")
        case .notComparable: return
        }
    }

    private static func verdict(
        of arguments: JSONValue, _ policy: PolicySnapshot, _ now: Timestamp
    ) -> Verdict? {
        guard let agent = AgentName("helper"), let tool = ToolAddress(wireName: "desk__look") else {
            return nil
        }
        let request = DecisionRequest(agent: agent, address: tool, arguments: arguments)
        let facts = DecisionFacts(effectiveStage: .trusted)
        return policy.decide(request, facts: facts, now: now).verdict
    }

    /// - Returns: nil if a policy must not contain the guard.
    private static func policy(granting text: String) -> PolicySnapshot? {
        // A JSON string is also a YAML string.
        let quoted = String(decoding: JSONValue.string(text).serialized(), as: UTF8.self)
        let source = """
            interlock: 1
            org: acme
            kill_switch: org-wide, tested monthly
            servers:
              desk: {tools: {look: {class: read}}}
            agents:
              helper:
                owner: li@acme.example
                purpose: Helps people
                tier: low
                stage: trusted
                review_by: "2027-02-01"
                mcp_scopes: {desk: [{tool: look, when: \(quoted)}]}

            """
        let file = PolicyFile(path: "policy.yaml", role: .single, bytes: Array(source.utf8))
        return PolicyReader.read([file]).document.flatMap { try? compiled($0) }
    }
}
