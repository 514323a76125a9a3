package import InterlockModel

/// The other nodes of a cluster as one node sees them, and the messages between them (docs/specs/cluster.md, section 2).
/// Events in, actions out; each happens at a reading of the boot clock.
///
/// A peer gets a beat twice a second with the newest head; one that is slow loses the older beat. Halts have a message of
/// their own, which waits for no beat, and are sent until they are answered.
///
/// INVARIANT: a halt that was taken is sent to each member until the member has answered it, or the chain has it and its
/// room is needed; a message that is refused changes nothing. Kept by `PeerHaltTests`, `PeerTablePropertyTests`,
/// `PeerReceivingTests`.
package struct PeerTable: Sendable {
    package enum Action: Hashable, Sendable {
        /// The message is sent to the peer. `answered` or `failed` follows, within the time.
        case send(PeerMessage, within: Duration)
        /// A peer has this head. It goes to the follower of the chain.
        case heard(NodeName, ChainHead)
        case changed(NodeName, isUp: Bool)
        /// A peer has answered a halt, by the number that `push` gave it.
        case delivered(halt: Int64, NodeName, isApplied: Bool)
        case fetched([StoredEntry], from: NodeName)
        /// No peer that was heard lately has given entries after this number.
        case fetchFailed(after: Int64)
        /// The answer to a question by the number that `ask` gave it; nil if none came.
        case witnessed(question: Int64, NodeName, WitnessVerdict?)
    }

    struct QueuedHalt: Hashable, Sendable {
        let number: Int64
        let envelope: Envelope
        let bytes: Int
        /// True once the chain has the halt: no node renews its lease without it.
        var isChained = false
    }

    struct Fetch: Hashable, Sendable {
        let after: Int64
        var tried: Set<NodeName> = []
    }

    package let node: NodeName
    package let org: String
    package let domain: TrustDomain
    package let session: PeerSession
    package internal(set) var head: ChainHead
    package internal(set) var counts = PeerCounts()

    var peers: [NodeName: PeerState] = [:]
    /// The names of `peers` in order, so that a run can be repeated.
    var names: [NodeName] = []
    /// The halts that some peer has not answered, in order.
    var halts: [QueuedHalt] = []
    var lastHalt: Int64 = 0
    var fetch: Fetch?
    /// The number of the newest question to a witness, and those that wait.
    var lastQuestion: Int64 = 0
    var questions: [NodeName: [Int64: Int64]] = [:]

    package init(
        node: NodeName, org: String, domain: TrustDomain, session: PeerSession, head: ChainHead
    ) {
        self.node = node
        self.org = org
        self.domain = domain
        self.session = session
        self.head = head
    }

    // MARK: members

    /// The members that are admitted, with their keys, and where they are. A node that is no member any more is forgotten
    /// at once; one whose key has changed is another node.
    package mutating func set(
        members: [NodeName: MemberKeys], authorities: [NodeName: String], at now: BootTime
    ) -> [Action] {
        var actions: [Action] = []
        for name in names where members[name] != peers[name]?.keys {
            actions += forget(name, at: now)
        }
        names = members.keys.filter { $0 != node }.sorted()
        let first = halts.first?.number ?? lastHalt + 1
        for (place, name) in names.enumerated() {
            guard let keys = members[name] else { continue }
            // The first beats are spread over an interval.
            let due = now + PeerTimes.beat * place / max(1, names.count)
            var peer =
                peers[name] ?? PeerState(keys: keys, firstHalt: first, nextBeat: due)
            peer.authority = authorities[name]
            peers[name] = peer
        }
        dropAnswered()
        return actions
    }

    /// Returns the keys by which a member is known; nil if the node is no member, or this one.
    package func keys(of name: NodeName) -> MemberKeys? { peers[name]?.keys }

    package func authority(of name: NodeName) -> String? { peers[name]?.authority }

    package var statuses: [PeerStatus] {
        names.compactMap { name in
            peers[name].map { peer in
                PeerStatus(
                    name: name, isUp: peer.isUp, heard: peer.heard, head: peer.head,
                    waitingHalts: halts.count(where: { $0.number >= peer.firstHalt }))
            }
        }
    }

    private mutating func forget(_ name: NodeName, at now: BootTime) -> [Action] {
        guard let peer = peers.removeValue(forKey: name) else { return [] }
        var actions: [Action] = peer.isUp ? [.changed(name, isUp: false)] : []
        for question in (questions.removeValue(forKey: name) ?? [:]).values.sorted() {
            actions.append(.witnessed(question: question, name, nil))
        }
        if peer.isWaiting(for: .entries) { actions += askForEntries(at: now) }
        return actions
    }

    // MARK: this node

    /// This node has applied further entries; the next messages say so.
    package mutating func advance(to head: ChainHead) { self.head = head }

    /// Sends a halt to each peer at once, and again until it has answered.
    ///
    /// - Returns: the number of the halt, that of an earlier push of the same halt if it still waits for a peer; nil if
    ///   `PeerLimits.halts` wait and the chain lacks all of them. The caller then reports that peers may not have it.
    package mutating func push(_ halt: Envelope, at now: BootTime) -> (Int64?, [Action]) {
        if let known = halts.first(where: { $0.envelope == halt }) { return (known.number, []) }
        if halts.count >= PeerLimits.halts {
            guard let place = halts.firstIndex(where: \.isChained) else { return (nil, []) }
            halts.remove(at: place)
        }
        lastHalt += 1
        halts.append(
            QueuedHalt(number: lastHalt, envelope: halt, bytes: halt.bytes.count))
        let number = lastHalt
        var actions: [Action] = []
        // A pause after a failure does not delay a halt that is new.
        for name in names { actions += sendHalts(to: name, at: now) }
        dropAnswered()
        return (number, actions)
    }

    /// The chain has a halt. It is still sent, and gives way once `PeerLimits.halts` wait.
    package mutating func chained(halt number: Int64) {
        guard let place = halts.firstIndex(where: { $0.number == number }) else { return }
        halts[place].isChained = true
    }

    /// Sends what is due. Called at least ten times a second.
    package mutating func tick(at now: BootTime) -> [Action] {
        var actions: [Action] = []
        for name in names {
            guard var peer = peers[name] else { continue }
            if peer.isUp, let heard = peer.heard, now - heard > PeerTimes.silence {
                peer.isUp = false
                actions.append(.changed(name, isUp: false))
            }
            let isDue = peer.beats.next <= now
            if isDue { peer.beats.next = now + PeerTimes.beat }
            peers[name] = peer
            if isDue, peer.isWaiting(for: .beat) {
                counts.lostBeats += 1
            } else if isDue {
                actions += send(.beat, to: name, within: PeerTimes.beatLimit)
            }
            if peer.halts.next <= now { actions += sendHalts(to: name, at: now) }
        }
        return actions
    }

    /// Asks a peer for the entries after this number, one peer after the other until one has them.
    package mutating func fetch(after number: Int64, at now: BootTime) -> [Action] {
        guard fetch == nil else { return [] }
        fetch = Fetch(after: number)
        return askForEntries(at: now)
    }

    /// Asks a peer as a witness.
    ///
    /// - Returns: the number of the question; nil if the peer is no member, its address is not known, or too many questions
    ///   wait for it.
    package mutating func ask(_ request: WitnessRequest, of name: NodeName) -> (Int64?, [Action]) {
        guard let peer = peers[name], peer.count(of: .witness) < PeerLimits.witnessQuestions else {
            return (nil, [])
        }
        let actions = send(.witness(request), to: name, within: PeerTimes.witnessLimit)
        guard !actions.isEmpty, let number = peers[name]?.number else { return (nil, []) }
        lastQuestion += 1
        questions[name, default: [:]][number] = lastQuestion
        return (lastQuestion, actions)
    }

    // MARK: sending

    mutating func send(
        _ content: PeerMessage.Content, to name: NodeName, within limit: Duration
    ) -> [Action] {
        guard var peer = peers[name], peer.authority != nil else { return [] }
        peer.number += 1
        let message = PeerMessage(
            org: org, from: node, to: name, session: session, number: peer.number, head: head,
            content: content)
        peer.waiting[peer.number] = message
        peers[name] = peer
        counts.sent += 1
        return [.send(message, within: limit)]
    }

    mutating func sendHalts(to name: NodeName, at now: BootTime) -> [Action] {
        guard let peer = peers[name], !peer.isWaiting(for: .halts) else { return [] }
        var batch: [Envelope] = []
        var bytes = 0
        for halt in halts where halt.number >= peer.firstHalt {
            bytes += halt.bytes
            if !batch.isEmpty, bytes > PeerLimits.haltBytesOfMessage { break }
            batch.append(halt.envelope)
            if batch.count == PeerLimits.haltsOfMessage { break }
        }
        guard !batch.isEmpty else { return [] }
        return send(.halts(batch), to: name, within: PeerTimes.haltLimit)
    }

    /// The peer that was heard lately and has the highest head comes first.
    mutating func askForEntries(at now: BootTime) -> [Action] {
        guard let wanted = fetch else { return [] }
        let able = names.filter { name in
            guard let peer = peers[name], peer.authority != nil, peer.isUp,
                let head = peer.head
            else { return false }
            return head.number > wanted.after && !wanted.tried.contains(name)
        }
        guard
            let best = able.max(by: {
                peers[$0]?.head?.number ?? 0 < peers[$1]?.head?.number ?? 0
            })
        else {
            fetch = nil
            return [.fetchFailed(after: wanted.after)]
        }
        fetch?.tried.insert(best)
        return send(.entries(after: wanted.after), to: best, within: PeerTimes.entriesLimit)
    }

    /// Forgets the halts that each peer has answered.
    mutating func dropAnswered() {
        let first = peers.values.map(\.firstHalt).min() ?? lastHalt + 1
        halts.removeAll { $0.number < first }
    }
}
