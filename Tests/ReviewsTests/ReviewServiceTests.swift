import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockReview
@testable import InterlockReviews
@testable import InterlockTrust

/// Samples, marks and signatures of reviews (docs/specs/trust-and-review.md, sections 7 to 9).
@Suite(.requirement("R129", "R133")) struct ReviewServiceTests {
    private func kind(_ body: () async throws(Problem) -> JSONValue) async -> ProblemKind? {
        do throws(Problem) {
            _ = try await body()
            return nil
        } catch { return error.kind }
    }

    @Test func `a review is started, marked and signed, and each step is on record`() async throws {
        let made = try await ReviewBench()
        await made.service.sweep()
        let id = try await made.start()
        let started = try #require(made.bench.ledger.drafts(of: .reviewStarted).first)
        #expect(started.fields["rvw"] == .string(id.text) && started.fields["cnt"] == 3)
        #expect(started.fields["agent"] == "clerk")
        #expect(Base64.decode(started.fields["rand"]?.string ?? "")?.count == 32)
        #expect(started.payloads.map(\.field) == ["setup"])
        try await made.mark(id, 3)
        let marked = made.bench.ledger.drafts(of: .reviewMarked)
        #expect(marked.map { $0.fields["as"] } == ["ok", "ok", "ok"])
        let answers = made.answers(["ines"])
        #expect(try await made.missing(id, answers) == [])
        let body = try await made.document(id, answers, signedBy: ["ines"])
        #expect(await made.problem(id, body) == nil)
        let signed = try #require(made.bench.ledger.drafts(of: .reviewSigned).first)
        #expect(signed.fields["signers"] == [.string(People.all["ines"].pseudonym.text)])
        #expect(signed.fields["digest"] == started.fields["digest"])
        let status = try #require(made.registry.reviewStatus(of: ReviewBench.clerk))
        #expect(status.signed != nil && status.isCurrent(at: made.now))
        #expect(made.registry.open(id) == nil)
    }

    @Test func `a record without a mark, and each part that is missing, keeps it unsigned`()
        async throws
    {
        let made = try await ReviewBench()
        await made.service.sweep()
        let id = try await made.start()
        try await made.mark(id, 2)
        let first = try await made.missing(id, made.answers(["ines"]))
        #expect(first.count == 1 && first[0].contains("no mark"), "\(first)")
        try await made.mark(id, 3)
        var object = try #require(made.answers(["ines"]).object)
        object["parts"] = ["scopes", "drift"]
        object["policy"] = nil
        object["controls"] = []
        let missing = try await made.missing(id, .object(object))
        for part in ["retire", "controls", "matrix", "owner"] {
            #expect(missing.contains { $0.contains(part) }, "\(part): \(missing)")
        }
        #expect(made.bench.ledger.drafts(of: .reviewSigned).isEmpty)
    }

    @Test func `neither the owner nor who gave most of the approvals reviews`() async throws {
        let made = try await ReviewBench()
        await made.service.sweep()
        made.reader.approvals.value = [
            People.all["paul"].pseudonym: 3, People.all["rui"].pseudonym: 2,
        ]
        let id = try await made.start()
        try await made.mark(id, 3)
        let owner = try await made.missing(id, made.answers(["li"]))
        #expect(owner.count == 1 && owner[0].contains("owns"), "\(owner)")
        let approver = try await made.missing(id, made.answers(["paul"]))
        #expect(approver.count == 1 && approver[0].contains("approvals"), "\(approver)")
        #expect(try await made.missing(id, made.answers(["rui"])) == [])
        #expect(
            await kind { () async throws(Problem) -> JSONValue in
                try await made.service.draft(id, made.answers(["mallory"]))
            } == .noSuchPerson)
    }

    @Test func `at tier high two reviewers sign the same document`() async throws {
        let made = try await ReviewBench.ofHighTier()
        let id = try await made.start()
        try await made.mark(id, 3)
        let alone = try await made.missing(id, made.answers(["ines"]))
        #expect(alone.count == 1, "\(alone)")
        let answers = made.answers(["ines", "rui"])
        let one = try await made.document(id, answers, signedBy: ["ines"])
        #expect(await made.problem(id, one) == nil)
        #expect(made.bench.ledger.drafts(of: .reviewSigned).isEmpty, "it waits")
        #expect(try await made.service.document(of: id) == one)
        let other = try made.document(one, signedBy: "rui")
        #expect(await made.problem(id, other) == nil)
        let record = try #require(made.bench.ledger.drafts(of: .reviewSigned).first)
        #expect(record.fields["signers"]?.array?.count == 2)
    }

    @Test func `a signature of another person, and one that was changed, is not stored`()
        async throws
    {
        let made = try await ReviewBench()
        await made.service.sweep()
        let id = try await made.start()
        try await made.mark(id, 3)
        let answers = made.answers(["ines"])
        let stranger = try await made.document(id, answers, signedBy: ["rui"])
        #expect(await made.problem(id, stranger)?.kind == .badSignature)
        #expect(made.files.contents.value.keys.allSatisfy { !$0.hasSuffix(".dsse") })
        #expect(made.clerkReview?.signed == nil)
    }

    @Test func `a sample is drawn once: a log that grows changes nothing of it`() async throws {
        let made = try await ReviewBench()
        await made.service.sweep()
        let id = try await made.start()
        let before = try await made.service.shown(id)
        made.reader.count.value = 30
        #expect(try await made.service.shown(id) == before)
        let period = try #require(
            ReviewPeriod(from: made.now - .seconds(7 * 86_400), to: made.now - .seconds(60)))
        #expect(
            await kind { () async throws(Problem) -> JSONValue in
                try await made.service.start(.agent(ReviewBench.clerk), period, by: made.by)
            } == .otherState)
        made.bench.clock.advance(.seconds(14 * 86_400))
        let next = try await made.start()
        #expect(next != id && made.registry.open(id) == nil)
    }

    @Test func `periods follow each other without a gap, and end within 7 days`() async throws {
        let made = try await ReviewBench()
        await made.service.sweep()
        let began = try #require(made.registry.reviews(of: .agent(ReviewBench.clerk))?.began)
        made.bench.clock.advance(.seconds(10 * 86_400))
        func start(_ from: Timestamp, _ to: Timestamp) async throws -> ProblemKind? {
            let period = try #require(ReviewPeriod(from: from, to: to))
            return await kind { () async throws(Problem) -> JSONValue in
                try await made.service.start(.agent(ReviewBench.clerk), period, by: made.by)
            }
        }
        let hour = made.now - .seconds(3_600)
        #expect(try await start(hour, made.now) == .otherState, "an hour without calls")
        #expect(try await start(began, made.now + .seconds(60)) == .otherState)
        #expect(try await start(began, made.now - .seconds(8 * 86_400)) == .otherState)
        #expect(try await start(began + .seconds(1), hour) == .otherState)
        made.reader.first.value = made.now - .seconds(2 * 86_400)
        #expect(try await start(hour, made.now) == .otherState, "a day after the log begins")
        made.reader.first.value = nil
        #expect(try await start(began, hour) == nil)
        let open = try #require(made.registry.open(of: .agent(ReviewBench.clerk)))
        try await made.mark(open.id, 3)
        let body = try await made.document(open.id, made.answers(["ines"]), signedBy: ["ines"])
        #expect(await made.problem(open.id, body) == nil)
        made.bench.clock.advance(.seconds(86_400))
        #expect(try await start(hour + .seconds(1), made.now) == .otherState)
        made.reader.first.value = hour - .seconds(1)
        #expect(try await start(hour + .seconds(1), made.now) == .otherState)
        made.reader.first.value = hour + .seconds(1)
        #expect(try await start(hour + .seconds(1), made.now) == nil, "the log begins there")
    }

    @Test func `drift beyond what a sign-off holds is said and needs an outcome`() async throws {
        let made = try await ReviewBench()
        await made.service.sweep()
        made.reader.drift.value = (0..<200).map {
            DriftItem(.incident, subject: "i\($0)", leaf: ReviewBench.leaf($0))
        }
        let id = try await made.start()
        let drift = try #require(try await made.service.shown(id)["drift"]?.array)
        #expect(drift.count == 150)
        #expect(drift.last?["subject"] == "51 further items, from this record on")
        try await made.mark(id, 3)
        #expect(try await made.missing(id, made.answers(["ines"])).count == 150)
    }

    @Test func `no owner of an agent reviews the organisation`() async throws {
        let made = try await ReviewBench()
        await made.service.sweep()
        let id = try await made.start(.org)
        try await made.mark(id, 3)
        for owner in ["li", "dana"] {
            let missing = try await made.missing(id, made.answers([owner]))
            #expect(missing.count == 1 && missing[0].contains("owns"), "\(missing)")
        }
        #expect(try await made.missing(id, made.answers(["ines"])) == [])
    }

    @Test func `a policy that changes needs a fresh matrix`() async throws {
        let made = try await ReviewBench()
        await made.service.sweep()
        let id = try await made.start()
        try await made.mark(id, 3)
        let answers = made.answers(["ines"])
        let body = try await made.document(id, answers, signedBy: ["ines"])
        let changed = try BenchPolicy.snapshot([("purpose: Clerks", "purpose: Other clerks")])
        made.bench.gateway.policy.swap(to: changed, isFounding: false)
        let problem = try #require(await made.problem(id, body))
        #expect(problem.kind == .otherState && problem.detail.contains("policy changed"))
        let missing = try await made.missing(id, answers)
        #expect(missing.count == 1, "\(missing)")
    }

    @Test func `a record is marked only after it was opened, and one at a time`() async throws {
        let made = try await ReviewBench()
        await made.service.sweep()
        let id = try await made.start()
        func mark(_ number: Int, _ word: String, _ severity: Int? = nil) async -> ProblemKind? {
            await kind { () async throws(Problem) -> JSONValue in
                try await made.service.mark(
                    ReviewBench.leaf(number), of: id, as: word, severity: severity, note: "n",
                    by: made.by)
            }
        }
        #expect(await mark(0, "ok") == .otherState)
        let before = made.bench.ledger.drafts(of: .exportMade).count
        _ = try await made.service.read(ReviewBench.leaf(0), of: id, by: made.by)
        #expect(made.bench.ledger.drafts(of: .exportMade).count == before + 1, "it was read")
        #expect(await mark(0, "finding") == .malformed)
        #expect(await mark(0, "ok", 1) == .malformed)
        #expect(await mark(0, "erased") == .malformed)
        #expect(await mark(0, "finding", 2) == nil)
        #expect(await mark(0, "ok") == .otherState, "it is to be opened again")
        #expect(await mark(77, "ok") == .noSuchRecord)
        let record = try #require(made.bench.ledger.drafts(of: .reviewMarked).first)
        #expect(record.fields["sev"] == 2 && record.payloads.map(\.field) == ["note"])
        let missing = try await made.missing(id, made.answers(["ines"]))
        #expect(missing.contains { $0.contains("no owner") }, "\(missing)")
    }

    @Test func `an erased record stays in the list, and the next one takes its place`()
        async throws
    {
        let made = try await ReviewBench()
        await made.service.sweep()
        let id = try await made.start()
        made.reader.erased.value = [ReviewBench.leaf(1)]
        let shown = try await made.service.read(ReviewBench.leaf(1), of: id, by: made.by)
        #expect(shown["erased"] == true && shown["as"] == "erased")
        let list = try await made.service.shown(id)
        #expect(list["records"] == 4 && list["unmarked"] == 3)
        _ = try await made.service.read(ReviewBench.leaf(1), of: id, by: made.by)
        #expect(
            await kind { () async throws(Problem) -> JSONValue in
                try await made.service.mark(
                    ReviewBench.leaf(1), of: id, as: "ok", severity: nil, note: "", by: made.by)
            } == .otherState, "it was not read")
        let after = try await made.service.shown(id)
        #expect(after["records"] == 4 && after["unmarked"] == 3)
    }

    @Test func `more than thirty marks in less than two seconds each are a warning`()
        async throws
    {
        let made = try await ReviewBench()
        made.reader.count.value = 32
        await made.service.sweep()
        let id = try await made.start()
        try await made.mark(id, 31, after: .milliseconds(900))
        try await made.mark(id, 32, after: .milliseconds(900))
        let draft = try await made.service.draft(id, made.answers(["ines"]))
        let warnings = try #require(draft["document"]?["warnings"]?.array, "\(draft)")
        #expect(warnings.count == 1)
    }

    @Test func `after each step that fails, the review is as it was, and is signed once`()
        async throws
    {
        let made = try await ReviewBench()
        await made.service.sweep()
        made.files.fails.value = true
        let period = try #require(
            ReviewPeriod(from: made.now - .seconds(7 * 86_400), to: made.now - .seconds(60)))
        func start() async -> ProblemKind? {
            await kind { () async throws(Problem) -> JSONValue in
                try await made.service.start(.agent(ReviewBench.clerk), period, by: made.by)
            }
        }
        #expect(await start() == .notRecorded)
        made.files.fails.value = false
        made.bench.ledger.refuse(.reviewStarted)
        #expect(await start() == .notRecorded)
        made.bench.ledger.accept()
        made.log.fail()
        #expect(await start() == .notRecorded)
        made.log.mend()
        let id = try await made.start()
        _ = try await made.service.read(ReviewBench.leaf(0), of: id, by: made.by)
        made.bench.ledger.refuse(.reviewMarked)
        #expect(
            await kind { () async throws(Problem) -> JSONValue in
                try await made.service.mark(
                    ReviewBench.leaf(0), of: id, as: "ok", severity: nil, note: "", by: made.by)
            } == .notRecorded)
        made.bench.ledger.accept()
        #expect(made.registry.open(id)?.marks.isEmpty == true)
        try await made.mark(id, 3)
        let body = try await made.document(id, made.answers(["ines"]), signedBy: ["ines"])
        made.bench.ledger.refuse(.reviewSigned)
        #expect(await made.problem(id, body)?.kind == .notRecorded)
        made.bench.ledger.accept()
        #expect(made.clerkReview?.signed == nil)
        made.log.fail()
        #expect(await made.problem(id, body)?.kind == .notRecorded)
        #expect(made.clerkReview?.signed == nil)
        made.log.mend()
        #expect(await made.problem(id, body) == nil)
        #expect(made.clerkReview?.signed != nil)
        let codes = made.bench.ledger.drafts(of: .reviewSigned).map { $0.fields["code"] }
        #expect(codes.count { $0 == "review.unkept" } == 1 && codes.count { $0 == nil } == 2)
    }

    @Test
    func `marks and the signature hold over a restart, and a forged entry counts for nothing`()
        async throws
    {
        let made = try await ReviewBench()
        await made.service.sweep()
        let id = try await made.start()
        try await made.mark(id, 3)
        let next = try await ReviewBench(
            log: made.log, files: made.files, clock: made.bench.clock)
        #expect(next.registry.open(id)?.marks.count == 3)
        let body = try await next.document(id, next.answers(["ines"]), signedBy: ["ines"])
        #expect(await next.problem(id, body) == nil)
        let signed = try #require(next.log.all.last(where: { $0.kind == .reviewSignOff }))
        let forged = try await next.forged(signed.body)
        _ = try await next.log.append([forged])
        let last = try await ReviewBench(
            log: next.log, files: next.files, clock: next.bench.clock)
        #expect(last.registry.ignored.count == 1)
        #expect(last.clerkReview?.signed == next.clerkReview?.signed)
        await last.service.sweep()
        #expect(last.alerts.contains { $0.hasPrefix("review.foreign ") })
    }

    @Test func `two people postpone a review once, and by fourteen days at most`() async throws {
        let made = try await ReviewBench()
        await made.service.sweep()
        let due = try #require(made.registry.reviewStatus(of: ReviewBench.clerk)).due
        func order(_ days: Int64, from start: Timestamp) -> PostponementOrder? {
            PostponementOrder(
                org: "acme", scope: .agent(ReviewBench.clerk), due: start,
                until: start + .seconds(days * 86_400), reason: "the reviewer is ill this week",
                deciders: [People.all["ines"].person, People.all["rui"].person], date: made.now)
        }
        #expect(order(15, from: due) == nil)
        func postpone(_ order: PostponementOrder?, _ name: String) async throws -> Bool? {
            let order = try #require(order)
            let body = try People.all[name].key.envelope(
                .reviewPostponement, order.canonical()
            ).json
            do throws(Problem) {
                return try await made.service.postpone(body, by: made.by)["postponed"]?.bool
            } catch { return nil }
        }
        let moved = order(10, from: due)
        #expect(try await postpone(moved, "mallory") == nil)
        #expect(try await postpone(moved, "ines") == false)
        #expect(made.registry.reviewStatus(of: ReviewBench.clerk)?.due == due)
        #expect(try await postpone(moved, "rui") == true)
        let later = due + .seconds(10 * 86_400)
        #expect(made.registry.reviewStatus(of: ReviewBench.clerk)?.due == later)
        #expect(made.bench.ledger.drafts(of: .reviewPostponed).count == 1)
        #expect(try await postpone(order(3, from: later), "ines") == nil, "once")
        await made.pass(days: 7 + 14)
        #expect(made.clerkReview?.isReadOnly == false)
        await made.pass(days: 10)
        #expect(made.clerkReview?.isReadOnly == true)
    }
}

extension ReviewBench {
    /// The entry of a sign-off that its reviewer did not sign.
    func forged(_ body: JSONObject) async throws -> ControlDraft {
        let envelope = try Envelope(json: try #require(body["signed"]))
        let later = try ReviewSignOff(envelope).json
        var object = try #require(later.object)
        object["date"] = .string((now + .seconds(5)).wholeSecond.rfc3339(fractionDigits: 0))
        let payload = try JSONValue.object(object).canonical()
        let signed = try People.all["mallory"].key.envelope(.review, payload)
        var entry = body
        entry["signed"] = signed.json
        return ControlDraft(.reviewSignOff, "agent:clerk", entry)
    }
}
