import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockPolicy
@testable import InterlockPolicyReview

@Suite struct `The worst case` {
    private func text(_ agent: String, at now: Timestamp = exampleTime) throws -> String {
        let name = try #require(AgentName(agent))
        return try #require(WorstCase(try acme(), of: name, .asWritten, at: now)).text
    }

    @Test(.requirement("R008", "R009")) func `of code-fix is the page of the specification`() throws
    {
        #expect(
            try text("code-fix") == """
                code-fix: tier medium, stage trusted, owner li@acme.example, 4 of 14 tools
                  deploy.rollback     irreversible, production  denied if it is 2026-12-20T00:00:00Z or later and it is before 2027-01-04T00:00:00Z, by rule change-freeze; denied unless service is "checkout" (by INC-4711 until 2026-11-20T12:00:00Z); 2 approvals if environment is not given or environment is not one of "dev", "staging"; otherwise 1 approval
                  repo.open_draft_pr  reversible                allowed if base is not "release" and the size of files is at most 20, otherwise denied  10/d
                  deploy.status       read                      allowed
                  repo.read_file      read                      allowed if path does not begin with "secrets/" and path does not contain "..", otherwise denied
                  per day: 86400 calls, 10 repo.open_draft_pr; spend none; flows none
                  sandbox by `interlock run` alone: can reach: 1 host, proxy.packages.example:443; can read: the workspace; can write: a layer over the workspace; secrets: none; isolation: full; limits: 30m, 2 cpu, 4GiB of memory, 512 processes
                """)
    }

    @Test func `an elevation that has ended reaches nothing`() throws {
        let later = try #require(Timestamp(rfc3339: "2026-11-20T12:00:00Z"))
        #expect(try !text("code-fix", at: later).contains("deploy.rollback"))
    }

    @Test func `money without a fixed unit is in mixed units, and data can flow out`() throws {
        let page = try text("refunds")
        #expect(
            page.contains("spend 500000 args.amount_cents of billing.refund_request in mixed units")
        )
        #expect(page.contains("billing.get_invoice -> api.carrier.example:443"))
        #expect(page.contains("billing.get_invoice -> crm.send_customer_email"))
    }

    @Test(arguments: [
        ("args.currency == 'EUR'", false), ("args.currency in ['EUR', 'USD']", true),
        ("(args.currency == 'EUR' || args.currency == 'USD')", true),
    ])
    func `a unit is fixed if every granted call has the same one`(
        _ condition: String, _ isMixed: Bool
    ) throws {
        let name = try #require(AgentName("refunds"))
        let policy = try acme(("args.currency in ['EUR', 'USD']", condition))
        let page = try #require(WorstCase(policy, of: name, .asWritten, at: exampleTime)).text
        #expect(page.contains(" in mixed units") == isMixed, "\(page)")
    }

    @Test func `before and after is what differs, and nothing for an agent that stays the same`()
        throws
    {
        let old = try acme()
        let new = try acme(("args.currency in ['EUR', 'USD']", "args.currency == 'EUR'"))
        func change(_ agent: String) throws -> WorstCaseChange? {
            WorstCaseChange(
                of: try #require(AgentName(agent)), from: old, to: new, .asWritten, at: exampleTime)
        }
        let lines = try #require(try change("refunds")).lines
        let tool = try #require(lines.first { $0.subject == "billing.refund_request" })
        #expect(tool.before.contains("USD") && !tool.after.contains("USD"))
        #expect(!lines.contains { $0.subject == "Tools that it reaches" })
        #expect(try change("code-fix") == nil)
        let name = try #require(AgentName("refunds"))
        let clerk = try oneClerk(tools: ["find"], scopes: "[read]")
        let gone = try #require(
            WorstCaseChange(of: name, from: clerk, to: new, .asWritten, at: exampleTime))
        #expect(gone.lines.contains { $0.before == "No call can be allowed" })
    }

    @Test func `an effect is reached at a verdict, or not`() throws {
        let name = try #require(AgentName("code-fix"))
        let page = try #require(WorstCase(try acme(), of: name, .asWritten, at: exampleTime))
        #expect(page.reaches(.production, at: .approve(2)))
        #expect(!page.reaches(.production, at: .approve(1)))
        #expect(page.reaches(.irreversible, at: .approve(1)))
        #expect(!page.reaches(.spendsMoney, at: .approve(9)))
    }
}
