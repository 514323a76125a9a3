import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCluster

/// Halts that are pushed to all peers.
@Suite struct PeerHaltTests {
    private func name(_ number: Int) -> NodeName { ClusterOrganisation.name(number) }

    @Test(.requirement("R111"))
    func `a halt goes out at once to each peer, also while a beat waits`() throws {
        var peers = PeerCase(nodes: 4)
        _ = peers.pass(.seconds(1))
        let (number, actions) = try peers.push(1)
        #expect(number == 1)
        let halts = actions.messages(of: .halts)
        #expect(Set(halts.map(\.to)) == [name(2), name(3), name(4)])
        #expect(
            peers.answer(halts[0]).contains(
                .delivered(halt: 1, halts[0].to, isApplied: true)))
    }

    @Test(.requirement("R111"))
    func `a slow peer loses beats and never a halt`() throws {
        var peers = PeerCase(nodes: 2)
        let first = try #require(try peers.push(1).1.messages.first)
        for number in Int64(2)...40 { #expect(try peers.push(number).1.isEmpty) }
        _ = peers.pass(.seconds(10))
        #expect(peers.table.counts.lostBeats > 10)
        // The first message is lost; all halts come later, in order, each once.
        #expect(peers.fail(first).isEmpty)
        var open = peers.pass(.seconds(2)).messages(of: .halts)
        var delivered: [Int64] = []
        while let message = open.popLast() {
            for action in peers.answer(message) {
                switch action {
                case .delivered(let halt, _, _): delivered.append(halt)
                case .send(let next, _): open.append(next)
                default: break
                }
            }
        }
        #expect(delivered == Array(1...40))
        #expect(peers.table.statuses.first?.waitingHalts == 0)
        #expect(peers.table.halts.isEmpty)
    }

    @Test func `a halt is sent again until it is answered, after pauses`() throws {
        var peers = PeerCase(nodes: 2)
        var message = try #require(try peers.push(1).1.messages.first)
        for _ in 0..<20 {
            #expect(peers.fail(message).isEmpty)
            let again = peers.pass(.milliseconds(1100)).messages(of: .halts)
            #expect(again.count == 1)
            let next = try #require(again.first)
            #expect(next.content == message.content)
            #expect(next.number > message.number, "it is no repetition to the receiver")
            message = next
        }
        #expect(peers.answer(message).contains(.delivered(halt: 1, name(2), isApplied: true)))
        #expect(peers.pass(.seconds(5)).messages(of: .halts).isEmpty)
    }

    @Test func `a new halt does not wait for the pause after a failure`() throws {
        var peers = PeerCase(nodes: 2)
        var message = try #require(try peers.push(1).1.messages.first)
        for _ in 0..<5 {
            _ = peers.fail(message)
            message = try #require(peers.pass(.milliseconds(1100)).messages(of: .halts).first)
        }
        #expect(peers.fail(message).isEmpty)
        #expect(try peers.push(2).1.messages(of: .halts).count == 1)
    }

    @Test func `a halt that is refused is reported and not sent again`() throws {
        var peers = PeerCase(nodes: 2)
        let message = try #require(try peers.push(1).1.messages.first)
        let done = peers.answer(message, content: .halts([false]))
        #expect(done.contains(.delivered(halt: 1, name(2), isApplied: false)))
        #expect(peers.pass(.seconds(5)).messages(of: .halts).isEmpty)
    }

    @Test func `the same halt is not sent twice while it waits`() throws {
        var peers = PeerCase(nodes: 2)
        #expect(try peers.push(1).0 == 1)
        let again = try peers.push(1)
        #expect(again.0 == 1)
        #expect(again.1.isEmpty)
    }

    @Test func `messages with halts are bounded`() throws {
        var peers = PeerCase(nodes: 2)
        let first = try #require(try peers.push(1).1.messages.first)
        for number in Int64(2)...60 { _ = try peers.push(number) }
        let next = try #require(peers.answer(first).messages(of: .halts).first)
        guard case .halts(let halts) = next.content else {
            Issue.record("it is a message of halts")
            return
        }
        #expect((2...PeerLimits.haltsOfMessage).contains(halts.count))
        #expect(try next.canonical().count < PeerLimits.messageBytes)
    }

    @Test func `above the bound one that the chain has gives way, and otherwise the new one`()
        throws
    {
        var peers = PeerCase(nodes: 3)
        for number in 1...Int64(PeerLimits.halts) { #expect(try peers.push(number).0 == number) }
        let refused = try peers.push(5000)
        #expect(refused.0 == nil)
        #expect(refused.1.isEmpty)
        #expect(peers.table.halts.count == PeerLimits.halts)
        peers.table.chained(halt: 7)
        #expect(try peers.push(5000).0 == Int64(PeerLimits.halts) + 1)
        #expect(!peers.table.halts.contains { $0.number == 7 })
        #expect(peers.table.halts.count == PeerLimits.halts)
    }

    @Test func `a node that joins gets the halts that still wait, and a retired one keeps none`()
        throws
    {
        var peers = PeerCase(nodes: 2)
        let message = try #require(try peers.push(1).1.messages.first)
        peers.set(nodes: 1...3)
        let late = try #require(peers.pass(.seconds(1)).messages(to: 3).messages(of: .halts).first)
        _ = peers.answer(late)
        #expect(peers.table.halts.count == 1, "the other peer has not answered")
        peers.set(nodes: 1...1)
        #expect(peers.table.halts.isEmpty)
        #expect(peers.answer(message).isEmpty)
    }
}

extension [PeerMessage] {
    fileprivate func messages(of kind: PeerMessage.Kind) -> [PeerMessage] {
        filter { $0.content.kind == kind }
    }
}
