import InterlockJSON
package import InterlockModel

/// The orders of people. Each statement counts once, so a row that repeats an earlier one widens nothing.
extension ChainState {
    mutating func widen(
        _ kind: WideningKind, _ statements: PeopleStatements, of entry: ChainEntry,
        at time: Timestamp, _ verifier: any EntryVerifier
    ) throws(EntryRejection) -> EntryEffect {
        let digests = Set(
            statements.countingOnce(in: kind).map { verifier.hashing.sha256($0.message) })
        guard counted.isDisjoint(with: digests) else { return .unchanged }
        try expectVerifiable(statements.envelopes, of: entry, verifier)
        let effect: EntryEffect
        switch kind {
        case .release: effect = try release(statements, of: entry, at: time, verifier)
        case .member: effect = try member(statements, of: entry, at: time, verifier)
        case .person, .elevation, .revision, .quarantineEnd, .pauseEnd, .promotion:
            let context = StatementContext(people: people, at: time, state: self)
            let change: OrderedChange
            do throws(StatementRefusal) {
                change = try verifier.change(kind, statements, in: context)
            } catch { return try void(error, entry) }
            guard change.kind == kind else {
                throw .fault(.badStatement(entry.number, "another kind of statement"))
            }
            try expect(change.subject, of: entry)
            effect = try widen(by: change, of: entry, at: time)
        }
        if effect == .changed { counted.formUnion(digests) }
        return effect
    }

    private mutating func widen(
        by change: OrderedChange, of entry: ChainEntry, at time: Timestamp
    ) throws(EntryRejection) -> EntryEffect {
        switch change {
        case .people(let next, _):
            guard sameBytes(next.org, org) else {
                throw .fault(.badStatement(entry.number, "people of another organisation"))
            }
            people = next
        case .elevation(let elevation, let end):
            guard time < end else { return .void(.late) }
            guard elevations[elevation] == nil, !elevationsEnded.contains(elevation) else {
                return .void(.superseded)
            }
            elevations[elevation] = end
        case .revision(let next, let before):
            guard before == revision else { return .void(.superseded) }
            revision = next
        case .quarantineEnd(let server, let signed):
            guard let since = quarantines[server]?.at, since <= signed else {
                return .void(.superseded)
            }
            quarantines[server] = nil
        case .pauseEnd(let run, let signed):
            guard let since = pauses[run]?.at, since <= signed else { return .void(.superseded) }
            pauses[run] = nil
        case .promotion(let agent, let stage, let signed):
            guard let demotion = demotions[agent], demotion.at.at <= signed, demotion.to < stage
            else { return .void(.superseded) }
            demotions[agent] = nil
        }
        return .changed
    }

    private mutating func release(
        _ statements: PeopleStatements, of entry: ChainEntry, at time: Timestamp,
        _ verifier: any EntryVerifier
    ) throws(EntryRejection) -> EntryEffect {
        let envelope = try sole(statements, of: entry)
        let release: AcceptedRelease
        do throws(OrderRefusal) {
            release = try HaltVerifier(orders(verifier)).release(envelope, .again(time))
        } catch { return try void(error, entry) }
        try expect(release.order.id.text, of: entry)
        if let refusal = halts.apply(release, at: entry.number) {
            return .void(.unauthorized("\(refusal)"))
        }
        return .changed
    }

    /// The verifier of orders by the people and nodes of this state.
    package func orders(_ verifier: any EntryVerifier) -> SignedOrderVerifier {
        SignedOrderVerifier(
            trust: people, verifier: verifier.signatures,
            formerKeys: members.values.filter { $0.status == .admitted }.map(\.keys.log),
            passkeys: verifier.passkeys(of: people))
    }

    /// Returns the effect of an order that is refused: none if those who signed may not give it.
    ///
    /// - Throws: a fault if the order is malformed or a signature does not verify.
    func void(_ refusal: OrderRefusal, _ entry: ChainEntry) throws(EntryRejection) -> EntryEffect {
        try void(StatementRefusal(refusal), entry)
    }

    private func void(
        _ refusal: StatementRefusal, _ entry: ChainEntry
    ) throws(EntryRejection) -> EntryEffect {
        switch refusal {
        case .invalid(let reason): throw .fault(.badStatement(entry.number, reason))
        case .unauthorized(let reason): return .void(.unauthorized(reason))
        case .notJudged: throw .unknownKind(entry.number, entry.kind.text)
        }
    }

    /// A node that is not set up for passkeys cannot pass an entry with a signature by one: it would find unauthorized
    /// what the others apply.
    func expectVerifiable(
        _ envelopes: [Envelope], of entry: ChainEntry, _ verifier: any EntryVerifier
    ) throws(EntryRejection) {
        let hasPasskeys = envelopes.contains { $0.signatures.contains { $0.key == nil } }
        guard !hasPasskeys || verifier.passkeys(of: people) != nil else {
            throw .unknownKind(entry.number, entry.kind.text)
        }
    }

    func sole(
        _ statements: PeopleStatements, of entry: ChainEntry
    ) throws(EntryRejection) -> Envelope {
        guard statements.envelopes.count == 1 else {
            throw .fault(.badStatement(entry.number, "more than one statement"))
        }
        return statements.envelopes[0]
    }

    func expect(_ subject: String, of entry: ChainEntry) throws(EntryRejection) {
        guard sameBytes(subject, entry.subject) else {
            throw .fault(.otherColumn(entry.number, "subject"))
        }
    }
}
