import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCluster

/// Three nodes over a network that loses, repeats and delays messages and answers.
@Suite struct PeerTablePropertyTests {
    private struct Pending {
        let due: BootTime
        let message: PeerMessage
        /// Is nil for a message on its way to its receiver.
        let response: PeerResponse?
    }

    @Test(.requirement("R111"))
    func `over random losses each halt reaches each peer, and no message counts twice`() throws {
        var chance = SeededGenerator.announced()
        for _ in 0..<20 { try run(&chance) }
    }

    private func run(_ chance: inout SeededGenerator) throws {
        let nodes = (1...3).map(ClusterOrganisation.name)
        var now = BootTime(microseconds: 5_000_000)
        var tables: [NodeName: PeerTable] = [:]
        let members = Dictionary(
            uniqueKeysWithValues: (1...3).map {
                (ClusterOrganisation.name($0), ClusterOrganisation.keys($0))
            })
        for (place, node) in nodes.enumerated() {
            let session = PeerSession(bytes: [UInt8](repeating: UInt8(place), count: 16))
            var table = PeerTable(
                node: node, org: "acme", domain: PeerCase.domain, session: session,
                head: PeerCase.head(0))
            _ = table.set(
                members: members, authorities: members.mapValues { $0.name.text }, at: now)
            tables[node] = table
        }
        var pending: [Pending] = []
        var failing: [(due: BootTime, message: PeerMessage)] = []
        var applied: [NodeName: Set<Envelope>] = [:]
        var accepted: [NodeName: Set<[UInt8]>] = [:]
        var pushed: [NodeName: [Envelope]] = [:]
        var next: Int64 = 0

        func delay(_ chance: inout SeededGenerator) -> Duration {
            .milliseconds(Int.random(in: 1...400, using: &chance))
        }
        for step in 0..<1200 {
            now = now + .milliseconds(50)
            let isQuiet = step >= 800
            for node in nodes {
                guard var table = tables[node] else { continue }
                var actions = table.tick(at: now)
                if !isQuiet, Int.random(in: 0..<20, using: &chance) == 0 {
                    next += 1
                    let halt = try ClusterOrganisation().halt(next)
                    let (number, more) = table.push(halt, at: now)
                    #expect(number != nil)
                    pushed[node, default: []].append(halt)
                    actions += more
                }
                for (due, message) in failing where message.from == node && due <= now {
                    actions += table.failed(message, at: now, random: chance.next())
                }
                failing.removeAll { $0.message.from == node && $0.due <= now }
                for item in pending where item.due <= now {
                    if let response = item.response, item.message.from == node {
                        actions += table.answered(
                            item.message, response, at: now, random: chance.next())
                    } else if item.response == nil, item.message.to == node {
                        let bytes = try item.message.canonical()
                        let result = table.receive(bytes, from: item.message.from, at: now)
                        guard case .success(let (message, _)) = result else { continue }
                        #expect(accepted[node, default: []].insert(bytes).inserted)
                        var content = PeerResponse.Content.beat
                        if case .halts(let halts) = message.content {
                            applied[node, default: []].formUnion(halts)
                            content = .halts(halts.map { _ in true })
                        }
                        let response = PeerResponse(
                            to: message, head: table.head, at: ClusterOrganisation.start,
                            content: content)
                        if isQuiet || Int.random(in: 0..<4, using: &chance) > 0 {
                            pending.append(
                                Pending(
                                    due: now + delay(&chance), message: message,
                                    response: response))
                        }
                    }
                }
                pending.removeAll {
                    $0.due <= now && ($0.response == nil ? $0.message.to : $0.message.from) == node
                }
                for case .send(let message, let limit) in actions {
                    failing.append((now + limit, message))
                    // A network may repeat a message; TLS does not let it, and the table does not need that.
                    for _ in 0..<(isQuiet ? 1 : Int.random(in: 0...2, using: &chance)) {
                        pending.append(
                            Pending(due: now + delay(&chance), message: message, response: nil))
                    }
                }
                tables[node] = table
            }
        }
        for node in nodes {
            for other in nodes where other != node {
                let missing = (pushed[other] ?? []).filter {
                    !applied[node, default: []].contains($0)
                }
                #expect(missing.isEmpty, "\(node) lacks halts of \(other)")
            }
            #expect(tables[node]?.statuses.allSatisfy { $0.isUp && $0.waitingHalts == 0 } == true)
        }
        #expect(next > 20)
    }
}
