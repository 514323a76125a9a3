import InterlockJSON
package import InterlockModel

/// The effect of an entry on the state.
package enum EntryEffect: Hashable, Sendable {
    case changed
    /// The entry repeats what holds already.
    case unchanged
    /// The entry is what its node signed, and changes nothing: its statements do not order it, or no longer.
    case void(VoidReason)
}

/// The reason why an entry changes nothing. An alert names it: an honest node appends such an entry only if another one
/// came before it in the same moment.
package enum VoidReason: Hashable, Sendable, CustomStringConvertible {
    /// The people who signed may not order it, or not enough of them did.
    case unauthorized(String)
    /// An earlier entry prevents it, or what it ends is not there.
    case superseded
    /// The request had ended, or is forgotten.
    case ended
    /// The time until which it counts has passed.
    case late
    /// The node that signed it has been retired.
    case retired

    package var description: String {
        switch self {
        case .unauthorized(let reason): reason
        case .superseded: "an earlier entry prevents it, or there is nothing to end"
        case .ended: "the request had ended"
        case .late: "the time until which it counts has passed"
        case .retired: "the node has been retired"
        }
    }
}

extension ChainState {
    /// Applies the next entry: the one function by which every node advances.
    ///
    /// - Throws: the fault of the entry; the state has not changed then.
    package mutating func apply(
        _ entry: ChainEntry, verifier: any EntryVerifier
    ) throws(EntryRejection) -> EntryEffect {
        guard entry.number == head.number + 1, entry.previous == head.digest else {
            throw .fault(.wrongLink(entry.number))
        }
        guard sameBytes(entry.statement.org, org) else {
            throw .fault(.otherOrganisation(entry.number))
        }
        guard let member = members[entry.node] else {
            throw .fault(.notMember(entry.number, entry.node))
        }
        guard entry.envelope.soleSigner(by: member.keys.log, verifier) else {
            throw .fault(.badSignature(entry.number))
        }
        guard member.status == .admitted else {
            head = entry.head
            return .void(.retired)
        }
        let clock = clock(after: entry)
        let time = clock.judging(entry.at)
        let effect: EntryEffect
        switch entry.statement.content {
        case .genesis: throw .fault(.otherColumn(entry.number, "kind"))
        case .widening(let kind, let statements):
            effect = try widen(kind, statements, of: entry, at: time, verifier)
        case .narrowing(let change):
            effect = try narrow(change, of: entry, at: time, verifier)
        }
        head = entry.head
        self.clock = clock
        follow(entry)
        return effect
    }

    /// Passes the row of a use whose body was dropped. What follows is not permitted to rest on it until a snapshot
    /// proves the state.
    package mutating func pass(dropped stored: StoredEntry) throws(EntryRejection) {
        let number = try ChainEntry.linked(stored, after: head)
        guard stored.body == nil, let digest = stored.digest,
            stored.kind.utf8.elementsEqual(NarrowingKind.use.rawValue.utf8)
        else { throw .fault(.wrongDigest(number)) }
        head = ChainHead(number: number, digest: digest)
        snapshots.unproved = number
    }

    private mutating func narrow(
        _ change: NarrowingChange, of entry: ChainEntry, at time: Timestamp,
        _ verifier: any EntryVerifier
    ) throws(EntryRejection) -> EntryEffect {
        switch change {
        case .halt(let envelope): return try halt(envelope, of: entry, at: time, verifier)
        case .use(let use):
            switch requests.use(use, by: entry.node, at: entry.number) {
            case .used: return .changed
            case .afterEnd, .forgotten: return .void(.ended)
            case .double: throw .fault(.doubleUse(entry.number))
            }
        case .end(let request):
            return requests.end(request, at: entry.number) ? .changed : .unchanged
        case .elevationEnd(let elevation):
            elevations[elevation] = nil
            return elevationsEnded.insert(elevation).inserted ? .changed : .unchanged
        case .tokenEnd(let token):
            return tokensEnded.insert(token).inserted ? .changed : .unchanged
        case .runEnd(let run): return runsEnded.insert(run).inserted ? .changed : .unchanged
        case .quarantine(let server):
            quarantines[server] = restriction(from: time).joined(quarantines[server])
            return .changed
        case .pause(let run):
            pauses[run] = restriction(from: time).joined(pauses[run])
            return .changed
        case .demotion(let agent, let stage):
            let before = demotions[agent]
            demotions[agent] = Demotion(
                to: min(before?.to ?? stage, stage),
                at: restriction(from: time).joined(before?.at))
            return .changed
        case .expelled(let name, let incarnation):
            guard let before = members[name] else { return .void(.superseded) }
            guard before.mayServe(incarnation) else { return .unchanged }
            members[name]?.expelled = incarnation
            return .changed
        case .snapshot(let snapshot): return try take(snapshot, of: entry, verifier)
        }
    }

    private mutating func halt(
        _ envelope: Envelope, of entry: ChainEntry, at time: Timestamp,
        _ verifier: any EntryVerifier
    ) throws(EntryRejection) -> EntryEffect {
        try expectVerifiable([envelope], of: entry, verifier)
        let halt: AcceptedHalt
        do throws(OrderRefusal) {
            halt = try HaltVerifier(orders(verifier)).halt(envelope, .again(time))
        } catch { return try void(error, entry) }
        let statement = verifier.hashing.sha256(envelope.payload)
        return halts.apply(halt, statement, at: entry.number) ? .changed : .unchanged
    }

    /// Compares the state that a snapshot states, and drops what it drops.
    ///
    /// - Throws: `missingEntry` if its node had applied an entry that is not there, and `otherState` if the digests differ.
    ///   While rows without a body wait for a later snapshot, the states of those before it are not compared.
    private mutating func take(
        _ snapshot: ChainSnapshot, of entry: ChainEntry, _ verifier: any EntryVerifier
    ) throws(EntryRejection) -> EntryEffect {
        guard snapshot.after <= head.number else {
            throw .fault(.missingEntry(snapshot.after, before: entry.number))
        }
        guard snapshot.after == head.number else { return .void(.superseded) }
        guard let next = after(snapshot.drops, number: entry.number, at: entry.at) else {
            return .void(.late)
        }
        if let unproved = snapshots.unproved, next.snapshots.dropped <= unproved {
            self = next
            return .changed
        }
        guard next.digest(hashing: verifier.hashing) == snapshot.state else {
            throw .fault(.otherState(entry.number))
        }
        self = next
        snapshots.unproved = nil
        return .changed
    }

    /// Returns the state after a snapshot, or nil if it may not drop by that earlier one.
    private func after(_ drops: Int64?, number: Int64, at time: Timestamp) -> ChainState? {
        var next = self
        if let drops {
            guard let begun = snapshots.time(of: drops, at: time) else { return nil }
            next.requests.drop(endedBefore: drops, begunBefore: begun)
            next.snapshots.drop(before: drops)
        }
        next.snapshots.note(number, next.restriction(from: time))
        return next
    }

    /// Returns the snapshot that a node states as the next entry.
    ///
    /// - Returns: nil if what it drops by is unknown or younger than 30 days.
    package func snapshot(
        drops: Int64? = nil, at time: Timestamp, hashing: any Hashing
    ) -> ChainSnapshot? {
        guard isProved, let next = after(drops, number: head.number + 1, at: time) else {
            return nil
        }
        return ChainSnapshot(
            state: next.digest(hashing: hashing), after: head.number, drops: drops)
    }

    /// The entries whose bodies the store may drop once all nodes have applied a snapshot that drops by `number`.
    package func droppable(by number: Int64) -> [Int64] {
        requests.entries(endedBefore: number)
    }
}
