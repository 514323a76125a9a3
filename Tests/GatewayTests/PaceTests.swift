import InterlockApprovals
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Countermeasures at the vote (docs/specs/approvals.md, section 12): an approval is refused with its reason, a denial
/// never.
@Suite struct `Pace of deciding` {
    private struct Told: ApprovalHistoryReader {
        var history = ApprovalHistory()
        var fails = false
        func history(since: Timestamp) async throws(StoreFailure) -> ApprovalHistory {
            if fails { throw StoreFailure(reason: "disk") }
            return history
        }
    }

    private func bench(
        cap: Int = ReviewQualityPolicy.usualCap, told: Told? = nil, refuses: Bool = true
    ) async throws -> Bench {
        let bench = try Bench(
            reviewQuality: ReviewQualityPolicy(logReader: told, capPerHour: cap, refuses: refuses))
        bench.approvals.beginReadingHistory()
        return bench
    }

    /// - Returns: the refusal of the vote, or nil if it counted.
    private func decide(
        _ bench: Bench, _ verdict: Vote.Verdict = .approve, by name: String = "ines", n: Int
    ) async throws -> ApprovalRefusal? {
        let client = try await Client.open(bench)
        let call = client.begin("note", ["n": .integer(Int64(n))])
        let id = try await bench.request().id
        do {
            try await bench.vote(verdict, on: id, by: name)
        } catch let refusal as ApprovalRefusal {
            // A denial is never refused, and ends the request.
            try await bench.vote(.deny, on: id, by: name == "dana" ? "rui" : "dana")
            _ = await call.answer()
            return refusal
        }
        _ = await call.answer()
        return nil
    }

    /// The history of one person that an earlier process left in the log.
    private func told(
        _ count: Int, _ verdict: Vote.Verdict = .approve, every: Duration, dwell: Duration? = nil,
        isProbe: Bool = false
    ) -> Told {
        let now = FakeClock().now.wall
        var history = ApprovalHistory()
        for number in 0..<count {
            let at = now - every * (count - number)
            let id = ApprovalID(
                milliseconds: at.milliseconds, random: [UInt8](repeating: UInt8(number), count: 10))
            history.asked(id, isProbe: isProbe, floor: .seconds(5))
            let person = People.all["ines"].pseudonym
            if let dwell { history.viewed(id, by: person, at: at - dwell) }
            history.decided(id, verdict, by: person, at: at)
        }
        return Told(history: history)
    }

    @Test func `five in a minute, then one in 30 seconds`() async throws {
        let bench = try await bench()
        for n in 1...5 {
            #expect(try await decide(bench, n: n) == nil, "\(n)")
            bench.clock.advance(.seconds(1))
        }
        #expect(try await decide(bench, n: 6) == .notEligible(.spaced))
        #expect(try await decide(bench, by: "paul", n: 7) == nil, "somebody else may")
        bench.clock.advance(.seconds(28))
        #expect(try await decide(bench, n: 8) == .notEligible(.spaced))
        bench.clock.advance(.seconds(1))
        #expect(try await decide(bench, n: 9) == nil)
    }

    @Test func `the cap of an hour`() async throws {
        let bench = try await bench(cap: 3)
        for n in 1...3 {
            #expect(try await decide(bench, n: n) == nil)
            bench.clock.advance(.seconds(600))
        }
        #expect(try await decide(bench, n: 4) == .notEligible(.capped))
        #expect(try await decide(bench, .deny, n: 5) == nil, "denying goes on")
        bench.clock.advance(.seconds(2399))
        #expect(try await decide(bench, n: 6) == .notEligible(.capped))
        bench.clock.advance(.seconds(1))
        #expect(try await decide(bench, n: 7) == nil)
    }

    @Test func `when all are capped the request waits, and somebody is told`() async throws {
        let bench = try await bench(cap: 1)
        for (n, name) in ["ines", "paul", "rui"].enumerated() {
            #expect(try await decide(bench, by: name, n: n) == nil)
        }
        #expect(!bench.alarmed.contains("approval.all_capped"))
        #expect(try await decide(bench, by: "dana", n: 8) == nil)
        #expect(!bench.alarmed.contains("approval.all_capped"))
        let call = try await Client.open(bench).begin("note", ["n": 9])
        let waiting = try await bench.request()
        // The alert follows the request, which is listed first.
        let isTold = await until { bench.alarmed.contains("approval.all_capped") }
        #expect(isTold)
        bench.clock.advance(.seconds(30 * 60))
        await bench.approvals.expire()
        check(await call.answer(), .refused(4031, "expired"))
        #expect(bench.approvals[waiting.id]?.state == .expired)
    }

    @Test func `messages go to those who may approve, and to all where too few may`() async throws {
        let bench = try await bench(cap: 1)
        #expect(try await decide(bench, n: 1) == nil)
        let call = try await Client.open(bench).begin("note", ["n": 2])
        let request = try await bench.request()
        let service = bench.approvals
        let ines = People.all["ines"].pseudonym
        #expect(
            service.addressed(request).voters == request.voters.filter { $0.pseudonym != ines })
        #expect(request.voters.contains { $0.pseudonym == ines }, "she may deny it")
        try await bench.vote(on: request.id, by: "paul")
        _ = await call.answer()
        for (n, name) in ["rui", "dana"].enumerated() {
            #expect(try await decide(bench, by: name, n: n + 3) == nil)
        }
        let last = try await Client.open(bench).begin("note", ["n": 9])
        let waiting = try await bench.request()
        #expect(service.addressed(waiting) == waiting)
        try await bench.vote(.deny, on: waiting.id, by: "ines")
        _ = await last.answer()
    }

    @Test func `a row of 25 without a no is followed by ten minutes`() async throws {
        let bench = try await bench(told: told(24, every: .seconds(7200)))
        #expect(try await decide(bench, n: 1) == nil)
        #expect(try await decide(bench, n: 2) == .notEligible(.paused))
        bench.clock.advance(.seconds(599))
        #expect(try await decide(bench, n: 3) == .notEligible(.paused))
        bench.clock.advance(.seconds(1))
        #expect(try await decide(bench, n: 4) == nil)
    }

    @Test func `two missed probes: out of the pool, also after a restart, until enrolled anew`()
        async throws
    {
        let one = try await bench(told: told(1, every: .seconds(60), isProbe: true))
        #expect(try await decide(one, n: 1) == nil)
        // The probes were missed before the clock's start, at which the people were enrolled.
        let trained = try await bench(told: told(2, every: .seconds(60), isProbe: true))
        #expect(try await decide(trained, n: 1) == nil)
        let out = try await bench(told: told(2, every: .seconds(-60), isProbe: true))
        out.clock.advance(.seconds(600))
        #expect(try await decide(out, n: 1) == .notEligible(.untrained))
        #expect(try await decide(out, .deny, n: 2) == nil)
    }

    @Test func `three in haste: everything is typed for a week`() async throws {
        let hasty = told(3, every: .seconds(3600), dwell: .seconds(4))
        let bench = try await bench(told: hasty)
        let call = try await Client.open(bench).begin("note", ["text": "x"])
        let request = try await bench.request()
        let service = bench.approvals
        await service.historyIsRead()
        #expect(service.confirmation(of: request, by: People.all["ines"].pseudonym) != nil)
        #expect(service.confirmation(of: request, by: People.all["paul"].pseudonym) == nil)
        try await bench.vote(on: request.id, by: "ines")
        check(await call.answer(), .text("done"))
        let slow = try await self.bench(told: told(2, every: .seconds(3600), dwell: .seconds(4)))
        await slow.approvals.historyIsRead()
        #expect(
            slow.approvals.confirmation(of: request, by: People.all["ines"].pseudonym)
                == nil)
    }

    @Test func `a log that cannot be read keeps everybody from approving`() async throws {
        let bench = try await bench(told: Told(fails: true))
        #expect(try await decide(bench, n: 1) == .notRead)
        #expect(bench.alarmed.contains("approval.history_unread"))
        #expect(try await decide(bench, .deny, n: 2) == nil)
    }

    @Test func `where it is only marked nothing is refused`() async throws {
        let bench = try await bench(cap: 1, refuses: false)
        for n in 1...8 { #expect(try await decide(bench, n: n) == nil) }
    }

    @Test func `at tier high a key signs nothing that nobody can have read`() async throws {
        let bench = try Bench(
            policy: [
                ("tier: medium", "tier: high"),
                (
                    "high: {calls: 1000000/m}",
                    "high: {calls: 1000000/m, classes: [read, write, destructive], require: [approvers]}"
                ),
            ], reviewQuality: ReviewQualityPolicy(refuses: true))
        let call = try await Client.open(bench).begin("note", ["text": "x"])
        let request = try await bench.request()
        await #expect(throws: ApprovalRefusal.tooFast) {
            try await bench.vote(on: request.id, by: "ines")
        }
        await bench.approvals.wasShown(request, to: People.all["ines"].pseudonym)
        bench.clock.advance(MinimumReadingTime.time(for: request.review) - .milliseconds(1))
        await #expect(throws: ApprovalRefusal.tooFast) {
            try await bench.vote(on: request.id, by: "ines")
        }
        bench.clock.advance(.milliseconds(1))
        try await bench.vote(on: request.id, by: "ines")
        check(await call.answer(), .text("done"))
        #expect(bench.ledger.drafts(of: .approvalViewed).count == 1)
    }
}
