import InterlockCredentials
import InterlockEvidence
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockReview
@testable import InterlockReviews

/// Reviews that people do on pages, and sign by passkey.
@Suite(.requirement("R129", "R133")) struct ReviewPeopleTests {
    private static let scope = ReviewScope.agent(ReviewBench.clerk)

    private func person(_ name: String, roles: Set<Role> = [.security]) -> ReviewPerson {
        let known = People.all[name]
        return ReviewPerson(
            person: known.person, pseudonym: known.pseudonym,
            visibility: Visibility(person: known.person, roles: roles, own: []))
    }

    private func who(_ name: String) -> String { People.all[name].pseudonym.text }

    private func kind(_ body: () async throws(Problem) -> Void) async -> ProblemKind? {
        do throws(Problem) {
            try await body()
            return nil
        } catch { return error.kind }
    }

    /// Opens and marks each record of the sample, and states the other parts.
    private func work(
        _ made: ReviewBench, by name: String, with others: [String] = [], inDays days: Int64 = 7
    ) async throws {
        let person = person(name)
        for number in 0..<3 {
            let leaf = ReviewBench.leaf(number)
            _ = try await made.service.record(leaf, of: Self.scope, for: person)
            made.bench.clock.advance(.seconds(5))
            try await made.service.mark(
                leaf, of: Self.scope, as: "ok", severity: nil, note: "", by: person)
        }
        let found = try await made.service.compare(Self.scope, for: person)
        try await made.service.state(
            .compared(policy: found.use.policy), on: Self.scope, by: person)
        let answers = ReviewControl.allCases.map { ControlAnswer($0, isInOrder: true) }
        try await made.service.state(.controls(answers), on: Self.scope, by: person)
        try await made.service.state(
            .plan(
                next: made.now + .seconds(days * 86_400),
                others: others.map { People.all[$0].person }
            ), on: Self.scope, by: person)
    }

    private func sign(
        _ made: ReviewBench, _ id: ReviewID, by name: String, counter: UInt8 = 8
    ) async throws(Problem) -> JSONValue {
        let draft = try await made.service.draft(id, by: person(name))
        guard let envelope = try? Passkeys.signed(draft, by: name, counter: counter) else {
            throw Problem(.malformed, "the device of a test signed nothing")
        }
        return try await made.service.sign(id, envelope.json, for: person(name))
    }

    private func signKind(
        _ made: ReviewBench, _ id: ReviewID, by name: String, counter: UInt8 = 8
    ) async -> ProblemKind? {
        await kind { () async throws(Problem) in
            _ = try await sign(made, id, by: name, counter: counter)
        }
    }

    @Test func `one person reviews and signs by passkey, also after a restart`() async throws {
        let passkeys = Passkeys("ines", "rui")
        let made = try await ReviewBench(passkeys: passkeys)
        await made.service.sweep()
        let id = try await made.start()
        try await work(made, by: "ines")
        let shown = try #require(try await made.service.work(on: Self.scope, for: person("ines")))
        #expect(shown.missing == [] && shown.objection == nil)
        #expect(shown.statement.decisions.map(\.item) == ["clerk desk.note"])
        let answer = try await sign(made, id, by: "ines")
        #expect(answer["signed"] == true && passkeys.counter(of: "ines") == 8)
        let record = try #require(made.bench.ledger.drafts(of: .reviewSigned).first)
        #expect(record.fields["signers"] == [.string(People.all["ines"].pseudonym.text)])
        // The public key of the passkey is with its signature, so that an auditor can verify it.
        let proof = try JSONValue(
            parsing: try #require(record.plaintext("proof")), limits: JSONLimits(bytes: 1 << 20))
        let key = proof["signatures"]?.array?.first?["key"]
        #expect(key == .string(Base64.encode(Array("ines".utf8))))
        let again = try await ReviewBench(
            log: made.log, files: made.files, clock: made.bench.clock, passkeys: passkeys)
        #expect(again.clerkReview?.signed != nil && again.registry.ignored.isEmpty)
        // A gateway that cannot judge passkeys believes none.
        let blind = try await ReviewBench(
            log: made.log, files: made.files, clock: made.bench.clock)
        #expect(blind.clerkReview?.signed == nil && blind.registry.ignored.count == 1)
    }

    @Test func `two people sign the same document, and none signs it twice`() async throws {
        let passkeys = Passkeys("ines", "rui")
        let made = try await ReviewBench.ofHighTier(passkeys: passkeys)
        let id = try await made.start()
        try await work(made, by: "ines", with: ["rui"])
        let first = try await sign(made, id, by: "ines")
        #expect(first["signed"] == false)
        #expect(first["waits_for"] == [.string(People.all["rui"].person.address)])
        #expect(await signKind(made, id, by: "ines", counter: 9) == .signedAlready)
        let waiting = try #require(try await made.service.work(on: Self.scope, for: person("rui")))
        #expect(waiting.document?.signed == [People.all["ines"].person])
        let left = try #require(made.service.waiting().first)
        #expect(left.id == id && left.signed == [People.all["ines"].person])
        let payload = try #require(waiting.document?.signOff).canonical()
        let byKey = try People.all["ines"].key.envelope(.review, payload)
        _ = try await made.service.sign(id, byKey.json, for: person("ines"))
        let second = try await sign(made, id, by: "rui")
        #expect(second["signed"] == true && made.service.waiting().isEmpty)
        let record = try #require(made.bench.ledger.drafts(of: .reviewSigned).first)
        #expect(record.fields["signers"]?.array?.count == 2)
    }

    @Test func `a passkey whose counter went back is suspended, and nothing is stored`()
        async throws
    {
        let passkeys = Passkeys("ines")
        let made = try await ReviewBench(passkeys: passkeys)
        await made.service.sweep()
        let id = try await made.start()
        try await work(made, by: "ines")
        #expect(await signKind(made, id, by: "ines", counter: 7) == .badAssertion)
        #expect(passkeys.suspended == [Passkeys.id(of: "ines")])
        #expect(made.bench.ledger.drafts(of: .reviewSigned).isEmpty)
        passkeys.fail()
        #expect(await signKind(made, id, by: "ines") == .notRecorded)
        #expect(made.files.contents.value.keys.allSatisfy { !$0.hasSuffix(".dsse") })
    }

    @Test func `neither the owner nor who gave most of the approvals takes a step`() async throws {
        let made = try await ReviewBench()
        await made.service.sweep()
        made.reader.approvals.value = [People.all["paul"].pseudonym: 3]
        let period = try #require(
            ReviewPeriod(from: made.now - .seconds(86_400), to: made.now - .seconds(60)))
        #expect(
            await kind { () async throws(Problem) in
                try await made.service.start(Self.scope, period, by: person("li"))
            } == .notEligible)
        try await made.service.start(Self.scope, period, by: person("ines"))
        for name in ["li", "paul"] {
            let who = person(name)
            let shown = try #require(try await made.service.work(on: Self.scope, for: who))
            #expect(shown.objection != nil, "\(name)")
            let kinds = [
                await kind { () async throws(Problem) in
                    _ = try await made.service.record(
                        ReviewBench.leaf(0), of: Self.scope, for: who)
                },
                await kind { () async throws(Problem) in
                    try await made.service.mark(
                        ReviewBench.leaf(0), of: Self.scope, as: "ok", severity: nil, note: "",
                        by: who)
                },
                await kind { () async throws(Problem) in
                    _ = try await made.service.compare(Self.scope, for: who)
                },
                await kind { () async throws(Problem) in
                    try await made.service.state(.controls([]), on: Self.scope, by: who)
                },
                await kind { () async throws(Problem) in
                    _ = try await made.service.draft(shown.id, by: who)
                },
            ]
            #expect(kinds == Array(repeating: .notEligible, count: 5), "\(name)")
        }
        #expect(made.bench.ledger.drafts(of: .reviewMarked).isEmpty)
    }

    @Test func `who does not see the agent gets the answer for what does not exist`() async throws {
        let made = try await ReviewBench()
        await made.service.sweep()
        _ = try await made.start()
        let stranger = person("paul", roles: [])
        #expect(
            await kind { () async throws(Problem) in
                _ = try await made.service.work(on: Self.scope, for: stranger)
            } == .noSuchAgent)
        #expect(
            await kind { () async throws(Problem) in
                _ = try await made.service.work(on: .org, for: stranger)
            } == .noSuchAgent)
        let reader = person("paul", roles: [.kill])
        let view = try await made.service.record(
            ReviewBench.leaf(0), of: Self.scope, for: reader)
        #expect(!view.showsPayloads, "arguments and results require the role security")
    }

    @Test func `what is missing is said, and a damaged statement is stated again`() async throws {
        let made = try await ReviewBench()
        await made.service.sweep()
        let id = try await made.start()
        let who = person("ines")
        let first = try #require(try await made.service.work(on: Self.scope, for: who))
        for words in ["no mark", "matrix", "owner", "next review is not stated"] {
            #expect(first.missing.contains { $0.contains(words) }, "\(words): \(first.missing)")
        }
        #expect(
            await kind { () async throws(Problem) in
                try await made.service.state(
                    .compared(policy: made.bench.policy.digest), on: Self.scope, by: who)
            } == .otherState, "nothing was compared")
        try await work(made, by: "ines")
        var files = made.files.contents.value
        files[id.text + ReviewService.statementEnd] = Array("{".utf8)
        made.files.contents.value = files
        let again = try #require(try await made.service.work(on: Self.scope, for: who))
        #expect(again.statement == ReviewStatement() && !again.missing.isEmpty)
    }

    @Test func `items are declined for a reason, and findings have an owner`() async throws {
        let made = try await ReviewBench()
        await made.service.sweep()
        _ = try await made.start()
        let who = person("ines")
        try await work(made, by: "ines")
        try await made.service.state(
            .retire(item: "clerk desk.note", declined: "the sale begins"), on: Self.scope, by: who)
        #expect(
            await kind { () async throws(Problem) in
                try await made.service.state(
                    .retire(item: "clerk desk.other", declined: nil), on: Self.scope, by: who)
            } == .malformed)
        let stranger = try #require(Person("mallory@acme.example"))
        let finding = ReviewChange.finding(
            .serious, text: "stale", owner: stranger, due: made.now + .seconds(86_400), leaf: nil,
            control: nil)
        #expect(
            await kind { () async throws(Problem) in
                try await made.service.state(finding, on: Self.scope, by: who)
            } == .noSuchPerson)
        let shown = try #require(try await made.service.work(on: Self.scope, for: who))
        #expect(shown.statement.decisions.map(\.declined) == ["the sale begins"])
        #expect(shown.statement.findings.isEmpty)
    }

    @Test func `a finding stays open until a reviewer who does not own it calls it mended`()
        async throws
    {
        let passkeys = Passkeys("ines", "rui")
        let made = try await ReviewBench(passkeys: passkeys)
        await made.service.sweep()
        let first = try await made.start()
        try await work(made, by: "ines")
        let owner = People.all["rui"].person
        let due = (made.now + .seconds(20 * 86_400)).wholeSecond
        try await made.service.state(
            .finding(.serious, text: "stale", owner: owner, due: due, leaf: nil, control: nil),
            on: Self.scope, by: person("ines"))
        _ = try await sign(made, first, by: "ines")
        let owned = made.service.findings(of: owner, for: person("rui").visibility)
        #expect(owned.map(\.open.review) == [first] && owned.map(\.open.finding.due) == [due])
        #expect(made.service.findings(of: owner, for: person("rui", roles: []).visibility).isEmpty)

        made.bench.clock.advance(.seconds(86_400))
        let second = try await made.start()
        try await work(made, by: "rui")
        let missed = try #require(try await made.service.work(on: Self.scope, for: person("rui")))
        #expect(missed.missing.count == 1 && missed.missing[0].contains("neither mended nor"))
        #expect(
            await kind { () async throws(Problem) in
                try await made.service.state(
                    .earlier(first, number: 1, isMended: true), on: Self.scope, by: person("rui"))
            } == .notEligible)
        #expect(
            await kind { () async throws(Problem) in
                try await made.service.state(
                    .earlier(first, number: 2, isMended: false), on: Self.scope, by: person("rui"))
            } == .noSuchRecord)
        try await made.service.state(
            .earlier(first, number: 1, isMended: false), on: Self.scope, by: person("rui"))
        _ = try await sign(made, second, by: "rui")
        #expect(made.registry.reviews(of: Self.scope)?.findings.map(\.review) == [first])
        let item = DueItem(scope: Self.scope, subject: .finding(first, number: 1), due: due)
        #expect(made.registry.items.contains(item), "it keeps its date")

        made.bench.clock.advance(.seconds(86_400))
        let third = try await made.start()
        try await work(made, by: "ines")
        try await made.service.state(
            .earlier(first, number: 1, isMended: true), on: Self.scope, by: person("ines"))
        _ = try await sign(made, third, by: "ines", counter: 9)
        #expect(made.registry.reviews(of: Self.scope)?.findings.isEmpty == true)
        let again = try await ReviewBench(
            log: made.log, files: made.files, clock: made.bench.clock, passkeys: passkeys)
        #expect(again.registry.ignored.isEmpty)
        #expect(again.registry.reviews(of: Self.scope)?.findings.isEmpty == true)
    }

    @Test func `what people signed does not change until the document is discarded`()
        async throws
    {
        let passkeys = Passkeys("ines", "rui")
        let made = try await ReviewBench.ofHighTier(passkeys: passkeys)
        let id = try await made.start()
        try await work(made, by: "ines", with: ["rui"])
        let draft = try await made.service.work(on: Self.scope, for: person("ines"))?.draft
        #expect(draft?.controls.count == ReviewControl.allCases.count)
        _ = try await sign(made, id, by: "ines")
        let others = ReviewControl.allCases.map { ControlAnswer($0, isInOrder: false) }
        var detail = ""
        do throws(Problem) {
            try await made.service.state(.controls(others), on: Self.scope, by: person("rui"))
        } catch {
            #expect(error.kind == .otherState)
            detail = error.detail
        }
        #expect(detail.contains(People.all["ines"].person.address), "\(detail)")
        _ = try await made.service.record(
            ReviewBench.leaf(0), of: Self.scope, for: person("rui"))
        #expect(
            await kind { () async throws(Problem) in
                try await made.service.mark(
                    ReviewBench.leaf(0), of: Self.scope, as: "unclear", severity: nil, note: "",
                    by: person("rui"))
            } == .otherState)
        let shown = try #require(try await made.service.work(on: Self.scope, for: person("rui")))
        #expect(shown.document?.signOff == draft)
        #expect(shown.document?.signOff.controls.allSatisfy { $0.isInOrder } == true)

        // A person whom the document does not name neither discards nor replaces it.
        #expect(
            await kind { () async throws(Problem) in
                try await made.service.state(.withdrawal, on: Self.scope, by: person("eve"))
            } == .notEligible)
        #expect(
            await kind { () async throws(Problem) in
                _ = try await made.service.draft(id, by: person("eve"))
            } == .notEligible)
        #expect(!made.service.waiting().isEmpty)
        #expect(made.bench.ledger.drafts(of: .reviewDiscarded).isEmpty)
        try await made.service.state(.withdrawal, on: Self.scope, by: person("rui"))
        #expect(made.service.waiting().isEmpty)
        let dropped = made.bench.ledger.drafts(of: .reviewDiscarded)
        #expect(dropped.count == 1 && dropped[0].fields["by"] == .string(who("rui")))
        #expect(dropped[0].fields["signers"] == [.string(who("ines"))])
        #expect(dropped[0].fields["rvw"] == .string(id.text))
        try await made.service.state(.controls(others), on: Self.scope, by: person("rui"))
        let after = try #require(try await made.service.work(on: Self.scope, for: person("ines")))
        #expect(after.document == nil)
        #expect(after.missing.count == ReviewControl.allCases.count, "each needs a finding")
    }

    @Test func `a mark as a finding is taken back only with a note`() async throws {
        let made = try await ReviewBench()
        await made.service.sweep()
        _ = try await made.start()
        let who = person("ines")
        func mark(_ word: String, _ severity: Int?, _ note: String) async -> ProblemKind? {
            await kind { () async throws(Problem) in
                _ = try await made.service.record(
                    ReviewBench.leaf(0), of: Self.scope, for: who)
                try await made.service.mark(
                    ReviewBench.leaf(0), of: Self.scope, as: word, severity: severity, note: note,
                    by: who)
            }
        }
        #expect(await mark("finding", 2, "a wrong account") == nil)
        #expect(await mark("ok", nil, "") == .malformed)
        let kept = try await made.service.work(on: Self.scope, for: who)?.marked
        #expect(kept?.marks[ReviewBench.leaf(0)]?.judgement == .finding(.serious))
        #expect(await mark("finding", 1, "") == nil)
        #expect(await mark("finding", 3, "") == .malformed, "milder")
        // A finding that was made before its payload was erased stays one.
        made.reader.erased.value = [ReviewBench.leaf(0)]
        let view = try await made.service.record(ReviewBench.leaf(0), of: Self.scope, for: who)
        #expect(view.mark?.judgement == .finding(.severe))
        made.reader.erased.value = []
        #expect(await mark("ok", nil, "the account was right") == nil)
    }
}
