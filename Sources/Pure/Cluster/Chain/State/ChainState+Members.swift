import InterlockJSON
import InterlockModel

/// The admission of nodes and their retirement.
extension ChainState {
    mutating func member(
        _ statements: PeopleStatements, of entry: ChainEntry, at time: Timestamp,
        _ verifier: any EntryVerifier
    ) throws(EntryRejection) -> EntryEffect {
        let envelope = statements.envelopes[0]
        let order: MemberOrder
        do throws(OrderRefusal) {
            order = try orders(verifier).verify(envelope, as: MemberOrder.self, .again(time))
                .order
        } catch { return try void(error, entry) }
        switch order.change {
        // The first entry is the only one that founds.
        case .found: return .void(.superseded)
        case .retire(let name):
            _ = try sole(statements, of: entry)
            try expect(name.text, of: entry)
            guard admitted.contains(name), admitted.count > 1 else { return .void(.superseded) }
            members[name]?.status = .retired
            return .changed
        case .admit(let keys, let end):
            // The new node proves that it has the key which signs its entries.
            guard statements.envelopes.count == 2,
                statements.envelopes[1].payloadType == .member,
                statements.envelopes[1].payload == envelope.payload,
                statements.envelopes[1].soleSigner(by: keys.log, verifier)
            else {
                throw .fault(.badStatement(entry.number, "no proof that the node has its key"))
            }
            return try admit(keys, until: end, of: entry, at: time)
        case .permit(let key, let count, let end):
            return try claim(
                statements, key: key, count: count, until: end, of: entry, at: time, verifier)
        }
    }

    /// Admits a node by a permit that people signed ahead. Their signatures and roles are judged at each claim, so a permit
    /// ends when one of its signers may not order it any more.
    private mutating func claim(
        _ statements: PeopleStatements, key: PublicKey, count: Int, until end: Timestamp,
        of entry: ChainEntry, at time: Timestamp, _ verifier: any EntryVerifier
    ) throws(EntryRejection) -> EntryEffect {
        let permit = verifier.hashing.sha256(statements.envelopes[0].payload)
        guard statements.envelopes.count == 2,
            let claim = try? MemberClaim(statements.envelopes[1]), claim.permit == permit,
            sameBytes(claim.org, org),
            statements.envelopes[1].isSigned(by: verifier.signatures),
            Set(statements.envelopes[1].signatures.map(\.key)) == [key, claim.keys.log]
        else { throw .fault(.badStatement(entry.number, "no claim by the holder of the permit")) }
        guard permits[permit, default: 0] < count else { return .void(.superseded) }
        let effect = try admit(claim.keys, until: end, of: entry, at: time)
        if effect == .changed { permits[permit, default: 0] += 1 }
        return effect
    }

    private mutating func admit(
        _ keys: MemberKeys, until end: Timestamp, of entry: ChainEntry, at time: Timestamp
    ) throws(EntryRejection) -> EntryEffect {
        try expect(keys.name.text, of: entry)
        guard time <= end, end <= entry.at + MemberOrder.longest else { return .void(.late) }
        guard members[keys.name] == nil, areNew(keys) else { return .void(.superseded) }
        members[keys.name] = Member(keys: keys)
        return .changed
    }

    /// Returns true if no person and no other node has one of these keys.
    package func areNew(_ keys: MemberKeys) -> Bool {
        let own = [keys.log, keys.witness, keys.token]
        return own.allSatisfy { people.holder(of: $0) == nil }
            && members.values.allSatisfy { other in
                other.keys.tls != keys.tls
                    && !own.contains(other.keys.log) && !own.contains(other.keys.witness)
                    && !own.contains(other.keys.token)
            }
    }
}

extension PeopleStatements {
    /// The statements that count once. A permit is claimed several times; each claim counts once.
    func countingOnce(in kind: WideningKind) -> [Envelope] {
        guard kind == .member, let order = try? MemberOrder(envelopes[0]),
            case .permit = order.change
        else { return envelopes }
        return Array(envelopes.dropFirst())
    }
}
