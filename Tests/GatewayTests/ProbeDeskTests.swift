import InterlockApprovals
import InterlockJSON
import InterlockLedger
import InterlockModel
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Probes, from the request that precedes them to the record of their decision (docs/specs/approvals.md, section 12).
@Suite struct `Probes` {
    private let store = MemoryProbes()

    /// A bench with enough probes a month that each person is due after eight hours.
    private func bench(
        _ ledger: MemoryLedger = MemoryLedger(), refuses: Bool = false, hasTrail: Bool = false
    ) throws -> Bench {
        try Bench(
            ledger: ledger, hasTrail: hasTrail,
            reviewQuality: ReviewQualityPolicy(
                plan: ProbePlan(rate: 0, leastPerMonth: 100), store: store, refuses: refuses))
    }

    /// Requests a real call, which is denied, and waits for the probe that follows it.
    private func probe(
        _ bench: Bench, text: String = "hello", tool: String = "note",
        deniedBy name: String = "ines"
    ) async throws -> ApprovalRequest {
        bench.clock.advance(.seconds(8 * 3600))
        let call = try await Client.open(bench).begin(tool, ["text": .string(text)])
        let real = try await bench.request()
        try await bench.vote(.deny, on: real.id, by: name)
        _ = await call.answer()
        bench.clock.advance(.seconds(31))
        await bench.approvals.expire()
        let shown = bench.approvals.shownLive
        try #require(shown.count == 1)
        return shown[0]
    }

    @discardableResult
    private func vote(
        _ bench: Bench, _ verdict: Vote.Verdict, on probe: ApprovalRequest, by name: String
    ) async throws -> ApprovalAction {
        let service = bench.approvals
        let nonce = try await service.challenge(probe.id, for: People.all[name].pseudonym)
        return try await service.vote(
            try People.all.vote(on: probe, verdict, by: name, nonce: nonce))
    }

    @Test func `a probe has the form of the request before it, with one thing wrong`() async throws
    {
        let bench = try bench()
        let form = try await probe(bench)
        let asked = bench.ledger.drafts(of: .approvalRequested)
        #expect(asked.count == 2)
        let (real, probed) = (asked[0].fields, asked[1].fields)
        #expect(real["intent"] != nil && probed["intent"] == nil)
        #expect(real["group"] == probed["group"] && real["need"] == probed["need"])
        let names = Set(real.members.map(\.key)).subtracting(["intent"])
        #expect(names == Set(probed.members.map(\.key)))
        #expect(form.review.call.arguments != ["text": "hello"])
        #expect(form.review.facts.object?.members.map(\.key).contains("probe") == false)
        #expect(form.probe == nil)
        #expect(bench.approvals[form.id] == nil, "it is no request of any call")
        #expect(bench.approvals.pendingCount == 1)
    }

    @Test func `an approved probe releases nothing, and says at once what was wrong`() async throws
    {
        let bench = try bench()
        let form = try await probe(bench)
        let action = try await vote(bench, .approve, on: form, by: "paul")
        #expect(action == .probed(isCaught: false, by: People.all["paul"].pseudonym))
        let told = try #require(bench.approvals.shown(form.id)?.probe)
        #expect(told.verdict == .approve && told.by == People.all["paul"].person)
        let record = try #require(bench.ledger.drafts(of: .approvalProbe).last)
        #expect(record.fields["verdict"] == "approve" && record.fields["via"] == "cli-key")
        #expect(record.fields["code"]?.string?.hasPrefix("probe.") == true)
        #expect(Set(record.payloads.map(\.field)) == ["flaw", "proof"])
        #expect(bench.ledger.drafts(of: .approvalGranted).isEmpty)
        #expect(bench.upstreams.sent.isEmpty)
        // The same call as the probe in the same run: people are asked anew.
        let arguments = try #require(form.review.call.arguments.object)
        let client = try await Client.open(bench)
        let again = client.begin("note", arguments)
        let asked = try await bench.request()
        #expect(asked.id != form.id && bench.upstreams.sent.isEmpty)
        try await bench.vote(.deny, on: asked.id, by: "rui")
        check(await again.answer(), .refused(4031, "denied"))
        #expect(store.count == 0)
        await #expect(throws: ApprovalRefusal.closed(.void)) {
            try await self.vote(bench, .deny, on: form, by: "rui")
        }
    }

    @Test func `a denied probe is caught, whatever it is denied by`() async throws {
        let bench = try bench()
        let form = try await probe(bench)
        let rui = People.all["rui"]
        let action = try await bench.approvals.object(
            to: form.id,
            Objection(
                person: rui.person, pseudonym: rui.pseudonym, revision: 1, means: .session,
                reason: .suspicious, text: "odd"))
        #expect(action == .probed(isCaught: true, by: rui.pseudonym))
        let record = try #require(bench.ledger.drafts(of: .approvalProbe).last)
        #expect(record.fields["verdict"] == "deny" && record.fields["via"] == "console-session")
        #expect(Set(record.payloads.map(\.field)) == ["flaw", "note"])
        #expect(bench.approvals.shown(form.id)?.state == .denied)
        #expect(!bench.alarmed.contains("approval.suspicious"))
        #expect(bench.ledger.drafts(of: .approvalDenied).count == 1, "the real one's")
    }

    @Test func `break-glass ends a probe as a request whose agent gave up`() async throws {
        let bench = try bench()
        await bench.approvals.restoreBreakGlass()
        let form = try await probe(bench, tool: "pay", deniedBy: "rui")
        let content = BreakGlassContent(
            request: form.id, action: .lower(revision: 1, ticket: "INC-1"))
        #expect(throws: Never.self) {
            try bench.approvals.mayOrder(content, People.all["dana"].pseudonym)
        }
        let order = try People.all.breakGlass(
            form.id, content.action, by: "dana", at: bench.clock.now.wall)
        await #expect(throws: BreakGlassRefusal.request(.closed(.withdrawn))) {
            try await bench.approvals.breakGlass(order)
        }
        let shown = try #require(bench.approvals.shown(form.id))
        #expect(shown.state == .withdrawn && shown.probe == nil)
        #expect(bench.ledger.drafts(of: .approvalBreakGlass).isEmpty)
    }

    @Test func `nobody decides: it runs out like any other, and nobody is told`() async throws {
        let bench = try bench()
        let form = try await probe(bench)
        bench.clock.advance(.seconds(30 * 60))
        await bench.approvals.expire()
        let shown = try #require(bench.approvals.shown(form.id))
        #expect(shown.state == .expired && shown.probe == nil)
        #expect(bench.types.last == .approvalExpired)
        #expect(store.count == 0)
    }

    @Test func `one probe waits at a time, and who was asked rests`() async throws {
        let bench = try bench()
        let form = try await probe(bench)
        for round in 1...2 {
            bench.clock.advance(.seconds(60))
            let call = try await Client.open(bench).begin(
                "note", ["text": .string("more \(round)")])
            let real = try await bench.request()
            try await bench.vote(.deny, on: real.id, by: "ines")
            _ = await call.answer()
            bench.clock.advance(.seconds(31))
            await bench.approvals.expire()
            #expect(bench.ledger.drafts(of: .approvalRequested).count == 2 + round)
            if round == 1 { try await vote(bench, .deny, on: form, by: "ines") }
        }
    }

    @Test func `a call with nothing to make wrong is followed by none`() async throws {
        let bench = try bench()
        bench.clock.advance(.seconds(8 * 3600))
        let call = try await Client.open(bench).begin("note", ["n": 42])
        let real = try await bench.request()
        try await bench.vote(.deny, on: real.id, by: "ines")
        _ = await call.answer()
        bench.clock.advance(.seconds(31))
        await bench.approvals.expire()
        #expect(bench.approvals.shownLive.isEmpty)
    }

    @Test func `what the policy would not ask about is not asked`() async throws {
        // Only one value of the argument requires approval at all.
        let bench = try Bench(
            policy: [
                (
                    "report, {tool: audit, when: \"false\"}, note,",
                    "report, {tool: audit, when: \"false\"}, {tool: note, when: \"args.text == 'hello'\"},"
                )
            ],
            reviewQuality: ReviewQualityPolicy(
                plan: ProbePlan(rate: 0, leastPerMonth: 100), store: store, refuses: false))
        bench.clock.advance(.seconds(8 * 3600))
        let call = try await Client.open(bench).begin("note", ["text": "hello"])
        let real = try await bench.request()
        try await bench.vote(.deny, on: real.id, by: "ines")
        _ = await call.answer()
        bench.clock.advance(.seconds(31))
        await bench.approvals.expire()
        #expect(bench.approvals.shownLive.isEmpty)
    }

    @Test func `a halt and a new policy end it`() async throws {
        let bench = try bench()
        let form = try await probe(bench)
        try await bench.halt(.org)
        #expect(await until { bench.approvals.shownLive.isEmpty })
        #expect(bench.approvals.shown(form.id)?.cause == .halted)
        let other = try self.bench()
        let next = try await probe(other)
        try await other.swap([("expires: 30m}\n  board", "expires: 31m}\n  board")])
        #expect(other.approvals.shown(next.id)?.cause == .policyChanged)
    }

    @Test func `a start takes back what waits, and nothing that was decided`() async throws {
        let old = try bench(hasTrail: true)
        let form = try await probe(old)
        let new = try bench(old.ledger, hasTrail: true)
        try await new.approvals.restore()
        #expect(new.approvals.shownLive.map(\.id) == [form.id])
        #expect(new.approvals.live.isEmpty)
        // The decision is recorded, and the row outlives it.
        store.fail(.drop, kept: false)
        try await vote(new, .approve, on: form, by: "paul")
        #expect(store.count == 1)
        store.mend()
        let last = try bench(new.ledger, hasTrail: true)
        try await last.approvals.restore()
        #expect(last.approvals.shownLive.isEmpty && store.count == 0)
    }

    @Test(arguments: [false, true]) func `a store that fails: nobody is asked by a lost one`(
        isKept: Bool
    ) async throws {
        let bench = try bench(hasTrail: true)
        store.fail(.keep, kept: isKept)
        bench.clock.advance(.seconds(8 * 3600))
        let call = try await Client.open(bench).begin("note", ["text": "hello"])
        let real = try await bench.request()
        try await bench.vote(.deny, on: real.id, by: "ines")
        _ = await call.answer()
        bench.clock.advance(.seconds(31))
        await bench.approvals.expire()
        #expect(bench.approvals.shownLive.isEmpty)
        #expect(bench.alarmed.contains("approval.probe_unkept"))
    }

    @Test func `a decision that cannot be recorded is not counted`() async throws {
        let bench = try bench()
        let form = try await probe(bench)
        bench.ledger.refuse(.approvalProbe)
        await #expect(throws: ApprovalRefusal.notRecorded("audit.full")) {
            try await self.vote(bench, .approve, on: form, by: "paul")
        }
        #expect(bench.approvals.shown(form.id)?.probe == nil)
        bench.ledger.accept()
        try await vote(bench, .deny, on: form, by: "paul")
        #expect(bench.approvals.shown(form.id)?.probe?.isCaught == true)
    }
}
