package import InterlockModel
import InterlockSelfTest

/// The policy of a self-test and the names in it. Its text is always the same, so a process in a sandbox has the same
/// digest as the gateway.
package enum SelfTestPolicy {
    /// The class of the canary that reads, of the one that asks people, and of the one in a sandbox.
    static let reader = "selftest"
    static let asker = "selftest-asker"
    package static let runner = "selftest-runner"
    /// The class of the canary with a low limit, of the one at stage observe, and of the one that untrusted content binds.
    static let limited = "selftest-limited"
    static let observer = "selftest-observer"
    static let tainted = "selftest-tainted"
    /// The calls of the limited canary in a minute.
    static let mostCalls = 3
    static let server = CanaryNames.server("selftest")
    /// A tool that reads, one that reads what outsiders wrote, one that writes, one that needs approval, and one that the
    /// policy does not name.
    static let look = "look"
    static let page = "page"
    static let change = "change"
    static let pay = "pay"
    static let absent = "absent"
    /// The argument value that a rule forbids.
    static let forbiddenNote = "forbidden"

    /// The people who approve in the copy, by the part of their address before the `@`. The first owns the canary that
    /// asks, so the first does not decide.
    static let owner = "first"
    static let approvers = [owner, "second", "third"]
    static func address(of approver: String) -> String {
        "\(approver).selftest@drill.interlock.invalid"
    }

    package static func made(at now: Timestamp) throws -> CanaryPolicy {
        try CanaryPolicy("selftest.yaml", text, at: now)
    }

    private static var text: String {
        let members = approvers.map(address).joined(separator: ", ")
        return """
            interlock: 1
            org: drill
            kill_switch: org-wide, tested monthly
            tiers: {low: {calls: 1000000/m}, medium: {calls: 1000000/m}}
            approvals:
              canaries: {members: [\(members)], expires: 10m}
            servers:
              \(server):
                tools:
                  \(look): {class: read}
                  \(page): {class: read, source: untrusted}
                  \(change): {class: write, effects: [reversible]}
                  \(pay): {class: write, effects: [irreversible]}
            forbid:
              - id: \(SelfTestCase.forbid)
                tools: [\(server).\(look)]
                when: "has(args.note) && args.note == '\(forbiddenNote)'"
            elevations:
              - id: selftest-later
                agent: \(CanaryNames.agent(reader))
                grant: {\(server): [\(change)]}
                from: "2099-01-01T00:00:00Z"
                until: "2099-01-01T01:00:00Z"
                approved_by: [\(members)]
                reason: Permits a write after every self-test
            agents:
              \(CanaryNames.agent(reader)):
                owner: drill@interlock.invalid
                purpose: Makes forbidden calls in a self-test
                tier: medium
                stage: trusted
                review_by: "2099-12-31"
                approvers: canaries
                mcp_scopes: {\(server): [\(look)]}
              \(CanaryNames.agent(asker)):
                owner: \(address(of: owner))
                purpose: Asks for approval in a self-test
                tier: medium
                stage: trusted
                review_by: "2099-12-31"
                approvers: canaries
                mcp_scopes: {\(server): [\(look), \(pay)]}
              \(CanaryNames.agent(limited)):
                owner: drill@interlock.invalid
                purpose: Exceeds a limit in a self-test
                tier: low
                stage: trusted
                review_by: "2099-12-31"
                mcp_scopes: {\(server): [\(look)]}
                limits: {calls: \(mostCalls)/m}
              \(CanaryNames.agent(observer)):
                owner: drill@interlock.invalid
                purpose: Calls at stage observe in a self-test
                tier: low
                stage: observe
                review_by: "2099-12-31"
                mcp_scopes: {\(server): [\(look)]}
              \(CanaryNames.agent(tainted)):
                owner: drill@interlock.invalid
                purpose: Writes after it read untrusted content in a self-test
                tier: medium
                stage: trusted
                review_by: "2099-12-31"
                approvers: canaries
                taint: {mode: strict}
                mcp_scopes: {\(server): [\(page), \(change)]}
              \(CanaryNames.agent(runner)):
                owner: drill@interlock.invalid
                purpose: Asks for a host in a self-test
                tier: low
                stage: trusted
                review_by: "2099-12-31"
                mcp_scopes: {\(server): [\(look)]}
                sandbox:
                  workspace: {mode: none}
                  limits: {wall: 2m}

            """
    }
}
