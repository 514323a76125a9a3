package import InterlockModel

/// The outcomes of messages that this node has sent.
extension PeerTable {
    /// The answer to a message. One that does not fit it counts as a failure.
    ///
    /// - Parameter random: evenly distributed bits, for the pause after a failure.
    package mutating func answered(
        _ message: PeerMessage, _ response: PeerResponse, at now: BootTime, random: UInt64
    ) -> [Action] {
        let name = message.to
        guard var peer = peers[name], peer.waiting[message.number] == message else { return [] }
        guard response.answers(message) else { return failed(message, at: now, random: random) }
        peer.waiting[message.number] = nil
        peers[name] = peer
        var actions = hear(name, response.head, at: now)
        switch (response.content, message.content) {
        case (.beat, _): peers[name]?.beats.answered()
        case (.halts(let results), .halts(let halts)):
            actions += deliver(halts, results, to: name)
            peers[name]?.halts.answered()
            actions += sendHalts(to: name, at: now)
        case (.entries(let rows), _):
            if rows.isEmpty {
                actions += askForEntries(at: now)
            } else {
                fetch = nil
                actions.append(.fetched(rows, from: name))
            }
        case (.witness(let verdict), _):
            if let question = questions[name]?.removeValue(forKey: message.number) {
                actions.append(.witnessed(question: question, name, verdict))
            }
        case (.halts, _): break
        }
        return actions
    }

    /// No answer came, it cannot be read, or the peer has refused the message.
    package mutating func failed(
        _ message: PeerMessage, at now: BootTime, random: UInt64
    ) -> [Action] {
        let name = message.to
        guard peers[name]?.waiting[message.number] == message else { return [] }
        counts.failed += 1
        peers[name]?.waiting[message.number] = nil
        switch message.content {
        case .beat: peers[name]?.beats.failed(at: now, random: random)
        case .halts: peers[name]?.halts.failed(at: now, random: random)
        case .entries: return askForEntries(at: now)
        case .witness:
            if let question = questions[name]?.removeValue(forKey: message.number) {
                return [.witnessed(question: question, name, nil)]
            }
        }
        return []
    }

    /// A peer was heard: by its answer, or by a message of its own.
    mutating func hear(_ name: NodeName, _ head: ChainHead, at now: BootTime) -> [Action] {
        guard var peer = peers[name] else { return [] }
        let wasUp = peer.isUp
        peer.heard = now
        peer.isUp = true
        peer.head = head
        peers[name] = peer
        return (wasUp ? [] : [.changed(name, isUp: true)]) + [.heard(name, head)]
    }

    private mutating func deliver(
        _ envelopes: [Envelope], _ results: [Bool], to name: NodeName
    ) -> [Action] {
        guard var peer = peers[name] else { return [] }
        var actions: [Action] = []
        for (envelope, isApplied) in zip(envelopes, results) {
            guard let halt = halts.first(where: { $0.envelope == envelope }) else { continue }
            actions.append(.delivered(halt: halt.number, name, isApplied: isApplied))
            peer.firstHalt = max(peer.firstHalt, halt.number + 1)
        }
        peers[name] = peer
        dropAnswered()
        return actions
    }
}
