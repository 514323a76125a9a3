package import InterlockAdministration
import InterlockEvidence
import InterlockGovernor
package import InterlockJSON
package import InterlockModel
import InterlockPolicy
import InterlockPorts
package import InterlockReview
import InterlockTrust

// The steps that people take on pages. Who may review is decided here alone.
extension ReviewService: ReviewActions {
    static let statementEnd = ".stated"

    package func work(
        on scope: ReviewScope, for person: ReviewPerson
    ) async throws(Problem) -> ReviewWork? {
        try admit(person, to: scope)
        guard let review = registry.open(of: scope) else { return nil }
        let drawn = try await drawn(review)
        let statement = try await statement(of: review)
        let document = try await unchanged(drawn)
        let basis = basis(of: drawn)
        let latest = try latest(after: documentDate(of: review), scope)
        let signed = document.flatMap { found in
            registry.keys.map { (signOff: found.signOff, signed: found.signed(among: $0)) }
        }
        let lack = missing(drawn, statement, latest, person)
        return ReviewWork(
            id: review.id, scope: scope, period: review.period,
            marked: drawn.marked, drift: drawn.facts.drift(with: statement.drift),
            open: registry.reviews(of: scope)?.findings ?? [], statement: statement,
            policy: gateway.policy.snapshot.digest, latest: latest,
            reviewersNeeded: basis.reviewersNeeded, objection: objection(to: person, basis),
            missing: lack.missing, draft: lack.missing.isEmpty ? lack.signOff : nil,
            document: signed)
    }

    /// Refuses a person who may not see the scope as if it was not there.
    private func admit(_ person: ReviewPerson, to scope: ReviewScope) throws(Problem) {
        let isKnown = scope.agent.map { gateway.policy.snapshot.agents[$0] != nil } ?? true
        guard isKnown, person.visibility.sees(scope) else { throw Problem.noVisibleAgent }
    }

    private func basis(of drawn: DrawnReview) -> SignOffBasis {
        SignOffBasis(
            sample: drawn.sample, marks: drawn.review.marks,
            owners: owners(of: drawn.review.scope, gateway.policy.snapshot),
            approvals: drawn.facts.approvals, tier: tier(of: drawn.review.scope))
    }

    private func objection(to person: ReviewPerson, _ basis: SignOffBasis) -> String? {
        guard registry.keys?.person(person.person) != nil else {
            return "the authorized keys do not have you"
        }
        let reviewer = Reviewer(person: person.person, pseudonym: person.pseudonym)
        return basis.objections(to: reviewer).first?.text
    }

    /// Returns the open review of a scope with its files, if the person may review it.
    ///
    /// - Throws: `noSuchOrder` if none is open, `notEligible`.
    private func reviewing(
        _ scope: ReviewScope, by person: ReviewPerson
    ) async throws(Problem) -> DrawnReview {
        try admit(person, to: scope)
        guard let review = registry.open(of: scope) else {
            throw Problem(.noSuchOrder, "no review of \(scope.text) is open")
        }
        let drawn = try await drawn(review)
        if let objection = objection(to: person, basis(of: drawn)) {
            throw Problem(.notEligible, objection)
        }
        return drawn
    }

    package func proposal(
        of scope: ReviewScope, for person: ReviewPerson
    ) throws(Problem) -> ReviewProposal {
        try admit(person, to: scope)
        var objection: String?
        if owners(of: scope, gateway.policy.snapshot).contains(person.person) {
            objection = ReviewRefusal.reviewerIsOwner(person.person).text
        }
        let now = registry.now()
        let reviews = registry.reviews(of: scope)
        let end = reviews?.signed?.signOff.period.end ?? reviews?.began ?? now
        // A longer period is refused; dates are whole days.
        let first = now - ReviewPeriod.longest + Duration.seconds(86_400)
        return ReviewProposal(objection: objection, from: max(end, first).day)
    }

    package func start(
        _ scope: ReviewScope, _ period: ReviewPeriod, by person: ReviewPerson
    ) async throws(Problem) {
        try admit(person, to: scope)
        guard !owners(of: scope, gateway.policy.snapshot).contains(person.person) else {
            throw Problem(.notEligible, ReviewRefusal.reviewerIsOwner(person.person).text)
        }
        let access = try look(.file, by: person)
        defer { access?.end() }
        _ = try await start(scope, period, by: person.pseudonym)
    }

    package func record(
        _ leaf: Digest, of scope: ReviewScope, for person: ReviewPerson
    ) async throws(Problem) -> OpenedRecordView {
        let drawn = try await reviewing(scope, by: person)
        let (review, sample) = (drawn.review, drawn.sample)
        let access = try look(.page, by: person)
        defer { access?.end() }
        let (found, stratum) = try await openRecord(
            leaf, of: review, sample, by: person.pseudonym)
        let marks = registry.open(review.id)?.marks ?? review.marks
        return OpenedRecordView(
            agent: stratum.agent, stratum: stratum.stratum, read: found,
            showsPayloads: person.visibility.reads(stratum.agent), mark: marks[leaf],
            next: MarkedSample(sample, marks: marks).unmarked.first { $0.leaf != leaf }?.leaf)
    }

    package func mark(
        _ leaf: Digest, of scope: ReviewScope, as word: String, severity: Int?, note: String,
        by person: ReviewPerson
    ) async throws(Problem) {
        let drawn = try await reviewing(scope, by: person)
        _ = try await mark(
            leaf, of: drawn.review.id, as: word, severity: severity, note: note,
            by: person.pseudonym)
    }

    package func compare(
        _ scope: ReviewScope, for person: ReviewPerson
    ) async throws(Problem) -> ReviewUse {
        let drawn = try await reviewing(scope, by: person)
        guard let reader = sources.use else {
            throw Problem(.notRead, "scopes are not compared with their use here")
        }
        let access = try look(.file, by: person)
        defer { access?.end() }
        let found = try await reader.use(in: drawn.sample)
        try await noteAccess(drawn.review.id, .query, count: found.count, person.pseudonym)
        keep(found, of: drawn.review.id)
        return found
    }

    private func look(
        _ kind: LogAccessLimiter.Kind, by person: ReviewPerson
    ) throws(Problem) -> LogAccessLimiter.Access? {
        guard let looks = sources.looks else { return nil }
        let reader = EvidenceReader(
            visibility: person.visibility, pseudonym: person.pseudonym)
        do throws(EvidenceRefusal) { return try looks.begin(kind, by: reader) } catch {
            throw Problem(.tooMany, "you read too much of the log at once; try again")
        }
    }
}

// The statements, the document and its signatures.
extension ReviewService {
    package func state(
        _ change: ReviewChange, on scope: ReviewScope, by person: ReviewPerson
    ) async throws(Problem) {
        let drawn = try await reviewing(scope, by: person)
        let review = drawn.review
        await changing.enter()
        defer { changing.leave() }
        if case .withdrawal = change {
            guard let found = try await waiting(of: review) else { return }
            guard found.signOff.reviewers.contains(person.person) else { throw Self.unnamed }
            try await discardDocument(of: review, by: person.pseudonym)
            return
        }
        try await refuseChange(of: review)
        var statement = try await statement(of: review)
        try await take(change, into: &statement, of: review, by: person.person)
        let bytes: [UInt8]
        do throws(FormError) { bytes = try statement.canonical() } catch { throw Problem(error) }
        guard bytes.count <= ReviewStatement.largest else {
            throw Problem(.tooLarge, "the statements are longer than a review may have")
        }
        try await write(bytes, review.id.text + Self.statementEnd)
    }

    private func take(
        _ change: ReviewChange, into statement: inout ReviewStatement, of review: OpenReview,
        by person: Person
    ) async throws(Problem) {
        switch change {
        case .controls(let answers): statement.answer(answers)
        case .compared(let policy):
            guard let shown = compared(review.id), shown.use.policy == policy,
                policy == gateway.policy.snapshot.digest
            else {
                throw Problem(
                    .otherState, "the policy changed since, so compare the scopes again")
            }
            statement.compare(
                policy: policy, retire: shown.patch?.digest, items: shown.proposal.items.map(\.text)
            )
        case .retire(let item, let declined):
            guard statement.decide(item, declined: declined) else {
                throw Problem(
                    .malformed,
                    "an item of the proposal is declined for a reason of at most 400 bytes"
                )
            }
        case .drift(let item):
            let facts = try await facts(of: review)
            guard facts.drift.contains(where: { $0.isSame(as: item) }) else {
                throw Problem(.noSuchRecord, "the log raised no such item")
            }
            statement.decide(item)
        case .finding(let severity, let text, let owner, let due, let leaf, let control):
            guard registry.keys?.person(owner) != nil else {
                throw Problem(.noSuchPerson, "`\(owner)` is not among the authorized people")
            }
            guard due > registry.now() else {
                throw Problem(.malformed, "a finding is due after today")
            }
            let isAdded = statement.add(
                severity, text, owner: owner, due: due, leaf: leaf, control: control)
            guard isAdded else {
                throw Problem(
                    .malformed, "a finding has 1 to 1,000 bytes, and there are 50 at most")
            }
        case .earlier(let id, let number, let isMended):
            let outcome = FindingOutcome(
                review: id, number: number, isMended: isMended, by: person)
            let open = registry.reviews(of: review.scope)?.findings ?? []
            guard let found = open.first(where: { outcome.isAbout($0) }) else {
                throw Problem(.noSuchRecord, "no such finding is open")
            }
            guard !isMended || found.finding.owner != person else {
                throw Problem(.notEligible, ReviewRefusal.mendedByOwner(found).text)
            }
            guard statement.decide(outcome) else {
                throw Problem(.tooLarge, "a review holds \(ReviewSignOff.mostFindings) findings")
            }
        case .withdrawal: break
        case .removal(let number): statement.removeFinding(number)
        case .plan(let next, let others):
            for other in others where registry.keys?.person(other) == nil {
                throw Problem(.noSuchPerson, "`\(other)` is not among the authorized people")
            }
            // The last day counts to its end, as far as the schedule permits.
            let latest = try latest(after: documentDate(of: review), review.scope)
            let isLastDay = next > latest && next - latest < Duration.seconds(86_400)
            guard statement.plan(next: isLastDay ? latest : next, others: others) else {
                throw Problem(.malformed, "a review has 8 reviewers at most, each once")
            }
        }
    }

    /// The statements so far; empty if their file is damaged. It has no authority, and is stated again.
    private func statement(of review: OpenReview) async throws(Problem) -> ReviewStatement {
        guard let bytes = try await read(review.id.text + Self.statementEnd),
            let statement = try? ReviewStatement(parsing: bytes)
        else { return ReviewStatement() }
        return statement
    }

    private func missing(
        _ drawn: DrawnReview, _ statement: ReviewStatement, _ latest: Timestamp,
        _ person: ReviewPerson
    ) -> (signOff: ReviewSignOff?, missing: [String]) {
        let stated = statement.stated(by: person.person, next: latest)
        var signOff: ReviewSignOff?
        var missing: [String] = []
        do throws(Problem) {
            let made = try draft(drawn, .object(stated))
            signOff = made.signOff
            // Three parts follow from one comparison, which is missed once.
            let parts = [SignOffPart.scopes, .retire].map { ReviewRefusal.missing($0).text }
            missing = made.missing.filter { text in
                statement.policy != nil || !parts.contains(where: { sameBytes($0, text) })
            }
        } catch { missing = [error.detail] }
        if statement.next == nil { missing.append("the date of the next review is not stated") }
        return (signOff, missing)
    }

    package func draft(
        _ id: ReviewID, by person: ReviewPerson
    ) async throws(Problem) -> OrderDraft {
        let drawn = try await reviewing(try open(id).scope, by: person)
        guard let keys = registry.keys, let signer = keys.person(person.person) else {
            throw Problem(.notRead, "the people who may sign cannot be read")
        }
        let payload = try await payload(for: person, drawn, keys)
        return OrderDraft(
            .review, payload, for: signer.pseudonym, trust: keys, hashing: registry.hashing)
    }

    /// The document that waits for this person, or a new one of the statements.
    private func payload(
        for person: ReviewPerson, _ drawn: DrawnReview, _ keys: AuthorizedKeys
    ) async throws(Problem) -> [UInt8] {
        if let waiting = try await unchanged(drawn) {
            guard waiting.signOff.reviewers.contains(person.person) else { throw Self.unnamed }
            let signed = waiting.signed(among: keys)
            guard !waiting.signOff.isAwaitingOthers(than: person.person, signed: signed) else {
                throw Problem(.signedAlready, "you have signed it already")
            }
            return waiting.envelope.payload
        }
        let statement = try await statement(of: drawn.review)
        guard let next = statement.next else {
            throw Problem(.otherState, "the date of the next review is not stated")
        }
        let stated = statement.stated(by: person.person, next: next)
        let (signOff, missing) = try draft(drawn, .object(stated))
        guard missing.isEmpty else {
            throw Problem(.otherState, "it cannot be signed: " + missing.joined(separator: "; "))
        }
        try check(signOff, drawn)
        do throws(FormError) { return try signOff.canonical() } catch { throw Problem(error) }
    }

    package func sign(
        _ id: ReviewID, _ body: JSONValue, for person: ReviewPerson
    ) async throws(Problem) -> JSONValue {
        let review = try await reviewing(try open(id).scope, by: person).review
        return try await sign(review.id, body, by: person.pseudonym)
    }
}
