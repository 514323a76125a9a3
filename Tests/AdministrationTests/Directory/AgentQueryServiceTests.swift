import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockPolicyReview
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockEvidence
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The agents on pages, by the visibility of each person.
struct AgentQueryServiceTests {
    private func names(_ listing: AgentListing) -> [String] { listing.lines.map(\.name.text) }

    @Test func `an owner sees what is theirs, a role sees all, others see nothing`() async throws {
        let bench = try Bench()
        let service = bench.agentQueries
        let clerk = try #require(AgentName("clerk"))
        // `li` owns clerk and `dana` reader; both may break glass, so both see all.
        for (name, seen) in [
            ("eve", ["clerk", "reader"]), ("kim", ["clerk", "reader"]), ("ines", []),
            ("mallory", []),
        ] {
            let visibility = bench.visibility(of: name)
            #expect(
                names(service.agents(AgentFilter(), page: 1, for: visibility)) == seen, "\(name)")
            #expect(
                await (service.agent(clerk, for: visibility) != nil) == !seen.isEmpty, "\(name)")
        }
        let owner = Visibility(person: People.all["ines"].person, roles: [], own: [clerk])
        #expect(names(service.agents(AgentFilter(), page: 1, for: owner)) == ["clerk"])
        let nobody = try #require(AgentName("nobody"))
        #expect(await service.agent(nobody, for: bench.visibility(of: "eve")) == nil)
    }

    @Test func `records are for the owner and security, and no look at the page reads the log`()
        async throws
    {
        let bench = try Bench()
        let clerk = try #require(AgentName("clerk"))
        let before = bench.ledger.drafts.count
        for (name, reads) in [("eve", true), ("kim", false), ("li", true)] {
            let detail = await bench.agentQueries.agent(clerk, for: bench.visibility(of: name))
            #expect(detail?.reads == reads, "\(name)")
        }
        #expect(bench.ledger.drafts.count == before)
    }

    @Test func `a filter leaves what fits, and pages have all of it`() throws {
        let more = (1...120).map { number in
            """
              a\(number):
                owner: li@acme.example
                purpose: Reads
                tier: low
                stage: \(number <= 60 ? "trusted" : "observe")
                review_by: "2027-02-01"
                mcp_scopes: {desk: [look]}
            """
        }
        let bench = try Bench(policy: [
            ("  reader:\n", more.joined(separator: "\n") + "\n  reader:\n")
        ])
        let service = bench.agentQueries
        let visibility = bench.visibility(of: "eve")
        func found(_ filter: AgentFilter) -> Int {
            service.agents(filter, page: 1, for: visibility).count
        }
        #expect(found(AgentFilter()) == 122)
        #expect(found(AgentFilter(name: "a1")) == 32)
        #expect(found(AgentFilter(owner: "dana")) == 1)
        #expect(found(AgentFilter(name: "A1", owner: "Acme")) == 32)
        #expect(found(AgentFilter(owner: "@acme.example")) == 122)
        #expect(found(AgentFilter(owner: "na@acme.example.")) == 0)
        #expect(found(AgentFilter(name: "")) == 122)
        #expect(found(AgentFilter(tier: .medium)) == 1)
        #expect(found(AgentFilter(stage: .observe)) == 60)
        #expect(found(AgentFilter(state: .stopped)) == 0)
        #expect(found(AgentFilter(server: ServerName("desk"))) == 122)
        #expect(found(AgentFilter(server: ServerName("other"))) == 0)
        var all: [String] = []
        for page in 1...3 {
            all += names(service.agents(AgentFilter(), page: page, for: visibility))
        }
        #expect(all.count == 122 && all == all.sorted() && Set(all).count == 122)
        for page in [3, 4, 1_000_000, Int.max] {
            #expect(service.agents(AgentFilter(), page: page, for: visibility).page == 3)
        }
        #expect(service.agents(AgentFilter(), page: -5, for: visibility).page == 1)
    }

    @Test(.requirement("R130")) func `what is granted stands beside what was used`() async throws {
        let bench = try Bench(policy: [
            ("    stage: trusted\n", "    stage: trusted\n    sandbox: isolated\n"),
            ("finance: {", "finance: {escalate: {after: 10m, to: dana@acme.example}, "),
            ("desk: [look, report", "desk: [{tool: look, when: 'args.n >= 0'}, report"),
        ])
        let service = bench.agentQueries
        let client = try await Client.open(bench)
        for number in 0..<3 {
            check(await client.call("look", ["n": .integer(Int64(number))]), .text("done"))
        }
        check(await client.call("audit"), .refused(4030, "guard-false"))
        service.sweep()
        let clerk = try #require(AgentName("clerk"))
        let detail = try #require(await service.agent(clerk, for: bench.visibility(of: "eve")))
        func use(_ name: String) throws -> AgentUse {
            try #require(detail.rights.first { $0.right.address.tool.text == name }?.use)
        }
        #expect(try use("look") == AgentUse(calls: 3, refused: 0, wasUsed: true))
        #expect(try use("audit").kind == .refused)
        #expect(try use("pay").kind == .unused)
        #expect(detail.line.lastHour.refused == 1)
        let denied = service.mostDenied(3, for: bench.visibility(of: "eve"))
        #expect(
            denied.map(\.name) == [clerk]
                && service.mostDenied(0, for: bench.visibility(of: "eve")).isEmpty)
        #expect(
            detail.guidance == ["agents.clerk.sandbox"] && detail.controls == ControlPoint.all)
        #expect(detail.controls.contains { $0.control.hasPrefix("escalation ") })
        // A tool in daily use has the verdicts that its calls can receive, not that of a call without arguments.
        func right(_ name: String) throws -> AgentRight {
            try #require(detail.rights.first { $0.right.address.tool.text == name }?.right)
        }
        #expect(try right("look").verdicts == [.allow] && right("look").guards == ["args.n >= 0"])
        #expect(try right("pay").verdicts == [.approve(2)] && right("pay").group == "finance")
        #expect(try right("audit").verdicts == [] && right("audit").easiest?.reason == .guardFalse)
        #expect(detail.terms.written == .trusted && detail.terms.stage == .supervised)
        #expect(detail.worstCase?.rows.contains { $0.tool.tool.text == "pay" } == true)
        #expect(detail.runs.map(\.agent) == [clerk])
        let reader = try #require(AgentName("reader"))
        let other = try #require(await service.agent(reader, for: bench.visibility(of: "eve")))
        #expect(other.rights.map(\.use.kind) == [.unused] && other.line.lastHour.refused == 0)
    }

    @Test func `a list is put in the order that is asked for before it is cut into pages`() throws {
        let more = (1...60).map { number in
            """
              a\(number):
                owner: li@acme.example
                purpose: Reads
                tier: low
                stage: observe
                review_by: "2027-02-01"
                mcp_scopes: {desk: [look]}
            """
        }
        let bench = try Bench(policy: [
            ("  reader:\n", more.joined(separator: "\n") + "\n  reader:\n")
        ])
        func all(_ order: AgentFilter.Sorting?) -> [AgentSummary] {
            (1...2).flatMap { page in
                bench.agentQueries.agents(
                    AgentFilter(order: order), page: page, for: bench.visibility(of: "eve")
                ).lines
            }
        }
        let byName = all(nil)
        #expect(byName.count == 62 && all(AgentFilter.Sorting(.name)) == byName)
        #expect(all(AgentFilter.Sorting(.name, isDescending: true)) == byName.reversed())
        let owners = all(AgentFilter.Sorting(.owner)).map { $0.owner?.address ?? "" }
        #expect(owners.first?.hasPrefix("dana") == true && owners == owners.sorted())
        let tiers = all(AgentFilter.Sorting(.tier, isDescending: true)).map(\.tier)
        #expect(tiers.last == .low && tiers == tiers.sorted(by: >))
        for column in AgentFilter.Column.allCases {
            let found = all(AgentFilter.Sorting(column, isDescending: true))
            #expect(Set(found) == Set(byName), "\(column)")
        }
    }

    @Test func `an agent that is stopped is found as one`() async throws {
        let bench = try Bench()
        let service = bench.agentQueries
        let clerk = try #require(AgentName("clerk"))
        try await bench.halt(.agent(clerk), by: "kim")
        let visibility = bench.visibility(of: "eve")
        #expect(
            names(service.agents(AgentFilter(state: .stopped), page: 1, for: visibility)) == [
                "clerk"
            ])
        #expect(await service.agent(clerk, for: visibility)?.line.halt != nil)
    }
}
