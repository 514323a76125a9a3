import InterlockApprovals
import InterlockJSON
import InterlockLedger
import InterlockModel
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Break-glass: one person decides in place of several (docs/specs/approvals.md, section 6).
@Suite struct `Break-glass` {
    private struct Glass {
        let bench: Bench
        let client: Client
        let call: Client.Call
        let request: ApprovalRequest

        init(_ tool: String = "pay") async throws {
            bench = try Bench()
            await bench.approvals.restoreBreakGlass()
            client = try await Client.open(bench)
            call = client.begin(tool, ["n": 42])
            request = try await bench.request()
        }

        var service: ApprovalService { bench.approvals }

        func lower(
            by name: String = "dana", revision: Int? = nil, at: Timestamp? = nil,
            author: String? = nil, org: String = "acme"
        ) async throws -> Int {
            try await service.breakGlass(
                try People.all.breakGlass(
                    request.id, .lower(revision: revision ?? request.revision, ticket: "INC-1"),
                    by: name, at: at ?? bench.clock.now.wall, author: author, org: org))
        }

        func review(by name: String) async throws {
            try await service.review(
                try People.all.breakGlass(
                    request.id, .review, by: name, at: bench.clock.now.wall))
        }
    }

    @Test func `one person decides then, also the one who ordered it, and it is on record`()
        async throws
    {
        let glass = try await Glass()
        try await glass.bench.vote(on: glass.request.id, by: "paul")
        #expect(try await glass.lower() == 2)
        let shown = try #require(glass.service[glass.request.id])
        #expect(shown.decision.quorum == 1 && shown.decision.asked == 2 && shown.votes.isEmpty)
        #expect(shown.review.facts["break_glass"]?["ticket"]?.string == "INC-1")
        #expect(glass.bench.upstreams.sent.isEmpty, "an order is no vote")
        try await glass.bench.vote(on: glass.request.id, by: "dana")
        check(await glass.call.answer(), .text("done"))
        #expect(
            glass.bench.types.suffix(6) == [
                .approvalGranted, .approvalBreakGlass, .approvalReissued, .approvalGranted,
                .approvalUsed, .callOutcome,
            ])
        let record = try #require(glass.bench.ledger.drafts(of: .approvalBreakGlass).last)
        #expect(record.fields["was"] == 2 && record.fields["rev"] == 2)
        let form = try #require(glass.bench.ledger.drafts(of: .approvalReissued).last)
        #expect(form.fields["need"] == 1 && form.fields["rev"] == 2)
        #expect(glass.bench.alarmed.contains("approval.break_glass"))
    }

    @Test func `who has not the role, a stale or foreign order: nothing is lowered`() async throws {
        let glass = try await Glass()
        let now = glass.bench.clock.now.wall
        await #expect(throws: BreakGlassRefusal.order(.missingRole(.breakGlass))) {
            try await glass.lower(by: "paul")
        }
        await #expect(throws: BreakGlassRefusal.order(.missingRole(.breakGlass))) {
            try await glass.lower(by: "eve")
        }
        await #expect(throws: BreakGlassRefusal.order(.unknownKey)) {
            try await glass.lower(by: "mallory")
        }
        await #expect(throws: BreakGlassRefusal.order(.notAuthor)) {
            try await glass.lower(by: "dana", author: "li")
        }
        await #expect(throws: BreakGlassRefusal.order(.otherOrganisation("other"))) {
            try await glass.lower(org: "other")
        }
        for late: Int64 in [-601, 601] {
            await #expect(throws: BreakGlassRefusal.staleOrder) {
                try await glass.lower(at: now + .seconds(late))
            }
        }
        await #expect(throws: BreakGlassRefusal.request(.revisionChanged)) {
            try await glass.lower(revision: 2)
        }
        #expect(glass.service[glass.request.id]?.revision == 1)
        #expect(glass.bench.ledger.drafts(of: .approvalBreakGlass).isEmpty)
    }

    @Test func `one is never lowered to none, an end is no request, an order counts once`()
        async throws
    {
        let one = try await Glass("note")
        await #expect(throws: BreakGlassRefusal.nothingToLower) { try await one.lower() }
        let glass = try await Glass()
        _ = try await glass.lower()
        await #expect(throws: BreakGlassRefusal.request(.revisionChanged)) {
            try await glass.lower()
        }
        await #expect(throws: BreakGlassRefusal.nothingToLower) {
            try await glass.lower(revision: 2)
        }
        try await glass.bench.vote(.deny, on: glass.request.id, by: "rui")
        await #expect(throws: BreakGlassRefusal.request(.closed(.denied))) {
            try await glass.lower(revision: 2)
        }
    }

    @Test func `whoever may not vote may not after it either, and a halt stays a halt`()
        async throws
    {
        let glass = try await Glass()
        _ = try await glass.lower(by: "li")
        await #expect(throws: ApprovalRefusal.notEligible(.notMember)) {
            try await glass.bench.vote(on: glass.request.id, by: "li")
        }
        try await glass.bench.halt(.org)
        _ = await glass.call.answer()
        #expect(await until { glass.service[glass.request.id]?.state == .void })
        #expect(glass.bench.upstreams.sent.isEmpty)
    }

    @Test func `another person reviews it; overdue, the role is suspended and an alarm tells`()
        async throws
    {
        let glass = try await Glass()
        await #expect(throws: BreakGlassRefusal.noUse) { try await glass.review(by: "eve") }
        _ = try await glass.lower()
        await #expect(throws: BreakGlassRefusal.ownReview) { try await glass.review(by: "dana") }
        await #expect(throws: BreakGlassRefusal.order(.missingRole(.breakGlass))) {
            try await glass.review(by: "paul")
        }
        glass.bench.clock.advance(BreakGlassHistory.reviewWithin)
        await glass.service.expire()
        await glass.service.expire()
        #expect(glass.bench.alarmed.count { $0 == "break_glass.review_overdue" } == 1)
        let later = glass.client.begin("pay", ["n": 43])
        let next = try await glass.bench.request()
        func again(by name: String) async throws -> Int {
            try await glass.service.breakGlass(
                try People.all.breakGlass(
                    next.id, .lower(revision: 1, ticket: "INC-2"), by: name,
                    at: glass.bench.clock.now.wall))
        }
        await #expect(throws: BreakGlassRefusal.suspended(glass.request.id)) {
            try await again(by: "dana")
        }
        try await glass.review(by: "eve")
        await #expect(throws: BreakGlassRefusal.reviewed) { try await glass.review(by: "li") }
        #expect(try await again(by: "dana") == 2)
        #expect(glass.bench.ledger.drafts(of: .approvalReviewed).count == 1)
        try await glass.bench.halt(.org)
        _ = await (glass.call.answer(), later.answer())
    }

    @Test func `what was done before comes from the log; until it is read nobody may`()
        async throws
    {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let call = client.begin("pay", ["n": 42])
        let request = try await bench.request()
        let order = try People.all.breakGlass(
            request.id, .lower(revision: 1, ticket: "INC-1"), by: "dana", at: bench.clock.now.wall)
        await #expect(throws: BreakGlassRefusal.notRead) {
            try await bench.approvals.breakGlass(order)
        }
        var book = BreakGlassHistory()
        let old = ApprovalID(milliseconds: 1, random: [UInt8](repeating: 9, count: 10))
        let leaf: JSONValue = [
            "t": "approval.breakglass", "appr": .string(old.text), "ts": 5_000_000,
            "by": .string(People.all["dana"].pseudonym.text),
        ]
        book.replay(leaf, at: 7)
        let due = Timestamp(microseconds: 5_000_000) + BreakGlassHistory.reviewWithin
        #expect(book.overdue(at: due + .seconds(-1)).isEmpty)
        #expect(throws: BreakGlassRefusal.suspended(old)) {
            try book.allow(People.all["dana"].pseudonym, at: due)
        }
        #expect(throws: Never.self) { try book.allow(People.all["li"].pseudonym, at: due) }
        book.replay(
            [
                "t": "approval.reviewed", "appr": .string(old.text), "ts": 6_000_000,
                "by": .string(People.all["eve"].pseudonym.text),
            ], at: 8)
        #expect(book.unreviewed.isEmpty && book.uses.count == 1)
        #expect(book.uses.first?.record == 7 && book.uses.first?.review?.record == 8)
        try await bench.halt(.org)
        _ = await call.answer()
    }

    @Test func `neither who voted there reviews it, nor what was signed before it`() async throws {
        let glass = try await Glass()
        let early = try People.all.breakGlass(
            glass.request.id, .review, by: "eve", at: glass.bench.clock.now.wall + .seconds(-1))
        _ = try await glass.lower(by: "li")
        await #expect(throws: BreakGlassRefusal.staleOrder) {
            try await glass.service.review(early)
        }
        try await glass.bench.vote(on: glass.request.id, by: "dana")
        check(await glass.call.answer(), .text("done"))
        await #expect(throws: BreakGlassRefusal.ownReview) { try await glass.review(by: "dana") }
        var book = BreakGlassHistory()
        for (type, name) in [("approval.breakglass", "dana"), ("approval.granted", "paul")] {
            book.replay(
                [
                    "t": .string(type), "appr": .string(glass.request.id.text), "ts": 5_000_000,
                    "by": .string(People.all[name].pseudonym.text),
                ], at: 1)
        }
        #expect(book.uses.first?.voters == [People.all["paul"].pseudonym])
        try await glass.review(by: "eve")
    }

    @Test func `a call that a template describes runs too, when one has decided`() async throws {
        let (bench, _) = try `Templates of reviews`.bench()
        await bench.approvals.restoreBreakGlass()
        let client = try await Client.open(bench)
        let call = client.begin("pay", `Templates of reviews`.arguments)
        let request = try await bench.request()
        _ = try await bench.approvals.breakGlass(
            try People.all.breakGlass(
                request.id, .lower(revision: 1, ticket: "INC-1"), by: "dana",
                at: bench.clock.now.wall))
        try await bench.vote(on: request.id, by: "paul")
        check(await call.answer(), .text("done"))
        #expect(`Templates of reviews`.paid(bench) == 1)
    }

    @Test func `a record that cannot be written: nothing is lowered`() async throws {
        let glass = try await Glass()
        glass.bench.ledger.refuse(.approvalBreakGlass, kept: false)
        await #expect(throws: BreakGlassRefusal.self) { try await glass.lower() }
        #expect(glass.service[glass.request.id]?.revision == 1)
        #expect(glass.service.breakGlass?.uses.isEmpty == true)
        glass.bench.ledger.accept()
        try await glass.bench.halt(.org)
        _ = await glass.call.answer()
    }
}
