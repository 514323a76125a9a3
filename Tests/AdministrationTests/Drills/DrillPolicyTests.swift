import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The policy of a drill and the policy in force.
@Suite struct DrillPolicyTests {
    private let canary = AgentName(CanaryNames.agent("http")).unwrapped
    private let clerk = AgentName("clerk").unwrapped

    private func drill() throws -> PolicySnapshot {
        try BenchPolicy.snapshot(
            of: """
                interlock: 1
                org: drill
                kill_switch: org-wide, tested monthly
                servers:
                  desk:
                    tools:
                      look: {class: read}
                agents:
                  interlock-drill-http:
                    owner: drill@interlock.invalid
                    purpose: Counts
                    tier: low
                    review_by: "2099-12-31"
                    mcp_scopes: {desk: [look]}
                  clerk:
                    owner: drill@interlock.invalid
                    purpose: Is no canary
                    tier: low
                    review_by: "2099-12-31"
                    mcp_scopes: {desk: [look]}
                """)
    }

    @Test func `the listener of a drill serves its canary alone`() throws {
        let plane = CanaryPlane(try Bench().pipeline, for: CanaryCredential { "its-token" })
        for bearer in ["another", "its-token"] {
            let head = RequestHead(
                listener: .agents, method: "POST", path: "/mcp", query: nil,
                headers: [
                    (name: "host", value: "elsewhere.example"),
                    (name: "authorization", value: "Bearer \(bearer)"),
                ], contentLength: 2)
            guard case .refuse(let response) = plane.judge(head) else {
                Issue.record("neither token is one of an agent")
                return
            }
            let text = String(decoding: response.body, as: UTF8.self)
            #expect(response.status == 401, "not 421: it gets a Host that is served")
            #expect(text.contains("only the canary") == (bearer == "another"), "\(text)")
        }
    }

    @Test func `it decides about canaries alone, while the drill runs`() throws {
        let inForce = try BenchPolicy.snapshot()
        let holder = PolicyHolder(inForce, isFounding: false, pseudonyms: PlainPseudonyms())
        #expect(holder.snapshot(for: canary).agents[canary] == nil)
        #expect(holder.owner(of: canary) == nil)
        let owner = holder.owner(of: clerk)
        let drill = try drill()
        holder.setDrill(drill)
        #expect(holder.snapshot(for: canary) === drill && holder.owner(of: canary) != nil)
        #expect(holder.snapshot(for: clerk) === inForce && holder.snapshot === inForce)
        #expect(holder.owner(of: clerk) == owner, "the drill's policy names no owner of others")
        let next = try BenchPolicy.snapshot([("desk.nuke", "desk.pay")])
        holder.swap(to: next, isFounding: false)
        #expect(holder.snapshot(for: canary) === drill && holder.snapshot(for: clerk) === next)
        #expect(holder.owner(of: canary) != nil)
        holder.setDrill(nil)
        #expect(holder.snapshot(for: canary) === next)
    }
}
