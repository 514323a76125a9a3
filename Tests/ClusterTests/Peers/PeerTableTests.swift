import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCluster

/// Beats, members and silence.
@Suite struct PeerTableTests {
    private func name(_ number: Int) -> NodeName { ClusterOrganisation.name(number) }

    @Test func `each peer gets at least one message a second, with the newest head`() {
        var peers = PeerCase(nodes: 4)
        for second in 0..<5 {
            peers.table.advance(to: PeerCase.head(Int64(10 + second)))
            var count: [NodeName: Int] = [:]
            for _ in 0..<20 {
                for message in peers.pass(.milliseconds(50)).messages {
                    #expect(message.content == .beat)
                    #expect(message.head == PeerCase.head(Int64(10 + second)))
                    count[message.to, default: 0] += 1
                    _ = peers.answer(message)
                }
            }
            #expect(Set(count.keys) == [name(2), name(3), name(4)], "none to itself")
            #expect(count.values.allSatisfy { $0 >= 1 })
        }
        #expect(peers.table.counts.lostBeats == 0)
    }

    @Test func `a slow peer loses its older beat, and gets the newer one`() throws {
        var peers = PeerCase(nodes: 2)
        let first = try #require(peers.pass(.seconds(1)).messages.first)
        peers.table.advance(to: PeerCase.head(9))
        #expect(peers.pass(.seconds(2)).messages.isEmpty, "one beat waits for its answer")
        #expect(peers.table.counts.lostBeats >= 3)
        _ = peers.answer(first)
        let next = try #require(peers.pass(.seconds(1)).messages.first)
        #expect(next.head == PeerCase.head(9))
    }

    @Test func `the numbers of messages to a peer follow each other`() {
        var peers = PeerCase(nodes: 3)
        var numbers: [NodeName: [Int64]] = [:]
        for _ in 0..<100 {
            for message in peers.pass(.milliseconds(50)).messages {
                numbers[message.to, default: []].append(message.number)
                _ = peers.answer(message)
            }
        }
        for found in numbers.values {
            #expect(found.count > 5)
            #expect(found == Array(1...Int64(found.count)))
        }
    }

    @Test func `pauses after failures double up to a second and are shorter at random`() throws {
        var pauses: [Duration] = []
        for failures in 1...6 {
            pauses.append(PeerTimes.pause(afterFailures: failures, random: 0))
        }
        #expect(
            pauses
                == [125, 250, 500, 1000, 1000, 1000].map { Duration.milliseconds($0) })
        for failures in 1...6 {
            for random in [UInt64(1), 77_777, 1 << 40, .max] {
                let pause = PeerTimes.pause(afterFailures: failures, random: random)
                #expect(pause <= pauses[failures - 1])
                #expect(pause >= pauses[failures - 1] / 2)
            }
        }
        var peers = PeerCase(nodes: 2)
        var attempts = 0
        for _ in 0..<200 {
            for message in peers.pass(.milliseconds(50)).messages {
                attempts += 1
                _ = peers.fail(message)
            }
        }
        #expect((8...16).contains(attempts), "in ten seconds, one each second in the end")
    }

    @Test func `a peer is up when it is heard, and silent after three seconds`() throws {
        var peers = PeerCase(nodes: 2)
        let message = try #require(peers.pass(.seconds(1)).messages.first)
        #expect(peers.table.statuses.map(\.isUp) == [false])
        #expect(
            peers.answer(message, head: 8) == [
                .changed(name(2), isUp: true), .heard(name(2), PeerCase.head(8)),
            ])
        #expect(peers.table.statuses.first?.head == PeerCase.head(8))
        #expect(!peers.pass(.milliseconds(2900)).contains(.changed(name(2), isUp: false)))
        #expect(peers.pass(.milliseconds(300)).contains(.changed(name(2), isUp: false)))
        #expect(peers.table.statuses.map(\.isUp) == [false])
    }

    @Test func `an answer counts once, and only for the message that it names`() throws {
        var peers = PeerCase(nodes: 3)
        let sent = peers.pass(.seconds(1)).messages
        let first = try #require(sent.first { $0.to == name(2) })
        let other = try #require(sent.first { $0.to == name(3) })
        let wrong = PeerResponse(
            to: other, head: PeerCase.head(99), at: ClusterOrganisation.start, content: .beat)
        #expect(peers.table.answered(first, wrong, at: peers.now, random: 0).isEmpty)
        #expect(peers.table.statuses.allSatisfy { $0.heard == nil })
        #expect(peers.table.counts.failed == 1)
        #expect(peers.answer(first).isEmpty, "it has failed already")
        #expect(!peers.answer(other).isEmpty)
        #expect(peers.answer(other).isEmpty)
    }

    @Test func `a node that is retired is forgotten at once`() throws {
        var peers = PeerCase(nodes: 3)
        for message in peers.pass(.seconds(1)).messages { _ = peers.answer(message) }
        let late = try #require(peers.pass(.seconds(1)).messages(to: 3).first)
        #expect(peers.set(nodes: 1...2) == [.changed(name(3), isUp: false)])
        #expect(peers.answer(late).isEmpty)
        #expect(peers.pass(.seconds(2)).messages(to: 3).isEmpty)
        #expect(peers.table.statuses.map(\.name) == [name(2)])
    }

    @Test func `nothing is sent to a node whose address is not known`() throws {
        var peers = PeerCase(nodes: 3, unreachable: [3])
        _ = try peers.push(1)
        #expect(peers.pass(.seconds(3)).messages(to: 3).isEmpty)
        #expect(peers.table.statuses.last?.waitingHalts == 1)
        peers.set(nodes: 1...3)
        let sent = peers.pass(.seconds(1)).messages(to: 3)
        #expect(Set(sent.map(\.content.kind)) == [.beat, .halts])
    }

    @Test func `entries come from the peer with the highest head, then from the next`() throws {
        var peers = PeerCase(nodes: 4)
        for message in peers.pass(.seconds(1)).messages {
            _ = peers.answer(message, head: message.to == name(3) ? 9 : 7)
        }
        var actions = peers.table.fetch(after: 5, at: peers.now)
        let first = try #require(actions.messages.first)
        #expect(first.to == name(3))
        #expect(first.content == .entries(after: 5))
        #expect(peers.table.fetch(after: 5, at: peers.now).isEmpty, "one at a time")
        actions = peers.fail(first)
        let second = try #require(actions.messages.first)
        #expect(second.to != name(3))
        // A peer that has nothing is passed over too.
        actions = peers.answer(second, head: 7)
        let third = try #require(actions.messages.first)
        #expect(![name(3), second.to].contains(third.to))
        var chain = try ClusterChain()
        for number in 1...6 {
            try chain.append(.end(ClusterOrganisation.request(UInt8(number))))
        }
        let row = chain.rows[6]
        actions = peers.answer(third, head: 7, content: .entries([row]))
        #expect(actions.contains(.fetched([row], from: third.to)))
        #expect(peers.table.fetch(after: 8, at: peers.now).messages(to: 3).count == 1)
    }

    @Test func `a fetch ends if no peer has the entries`() throws {
        var peers = PeerCase(nodes: 3)
        #expect(
            peers.table.fetch(after: 5, at: peers.now) == [.fetchFailed(after: 5)],
            "no peer was heard")
        for message in peers.pass(.seconds(1)).messages { _ = peers.answer(message, head: 6) }
        let only = try #require(peers.table.fetch(after: 5, at: peers.now).messages.first)
        let next = try #require(peers.fail(only).messages.first)
        #expect(next.to != only.to)
        #expect(peers.fail(next) == [.fetchFailed(after: 5)])
        let again = peers.table.fetch(after: 5, at: peers.now)
        #expect(again.messages.count == 1)
    }

    @Test func `a fetch from a node that is retired continues with another one`() throws {
        var peers = PeerCase(nodes: 3)
        for message in peers.pass(.seconds(1)).messages {
            _ = peers.answer(message, head: message.to == name(3) ? 9 : 7)
        }
        let first = try #require(peers.table.fetch(after: 5, at: peers.now).messages.first)
        #expect(first.to == name(3))
        #expect(peers.set(nodes: 1...2).messages(of: .entries).map(\.to) == [name(2)])
    }
}
