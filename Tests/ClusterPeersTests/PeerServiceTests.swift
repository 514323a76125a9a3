import InterlockCluster
import InterlockClusterPeers
import InterlockModel
import InterlockTesting
import InterlockTransport
import Synchronization
import Testing

/// Two and three nodes in one process, over TLS on loopback.
@Suite(.serialized) struct PeerServiceTests {
    private func halt(_ number: Int64) throws -> Envelope {
        let order = try HaltOrder(
            id: OrderID(milliseconds: number, random: [UInt8](repeating: 0, count: 10)),
            org: "acme", target: .org, reason: "something is wrong",
            author: Pseudonym(text: Base64.encode([UInt8](repeating: 1, count: 16))),
            at: Timestamp(microseconds: 1_795_000_000_000_000))
        let key = PublicKey(bytes: [UInt8](repeating: 1, count: 32)).unwrapped
        return ForgeableSignatures.envelope(.halt, try order.canonical(), [key])
    }

    /// Asks again if a busy machine is later than the second that a witness has.
    private func ask(
        _ node: PeerNode, _ request: WitnessRequest, of witness: NodeName
    ) async -> WitnessVerdict? {
        for _ in 0..<60 {
            if let verdict = await node.service.ask(request, of: witness) { return verdict }
        }
        return nil
    }

    private func row(_ number: Int64, kind: String = "end") -> StoredEntry {
        StoredEntry(
            number: number, previous: PeerNode.head(number - 1).digest,
            digest: PeerNode.head(number).digest, kind: kind, subject: "x", body: [1, 2, 3],
            node: "gw2")
    }

    @Test(.timeLimit(.minutes(5)))
    func `three nodes hear each other's heads and clocks over TLS`() async throws {
        try await withPeers(3) { nodes in
            let names = Set(nodes.map(\.name))
            for node in nodes {
                let others = names.subtracting([node.name])
                #expect(
                    await eventually {
                        node.listener.state.withLock {
                            $0.up == others && $0.clocks == others
                                && Set($0.heads.keys) == others
                        }
                    })
            }
            nodes[2].service.advance(to: PeerNode.head(7))
            for node in nodes.dropLast() {
                #expect(
                    await eventually {
                        node.listener.state.withLock {
                            $0.heads[nodes[2].name] == PeerNode.head(7)
                        }
                    })
            }
            for node in nodes {
                let counts = node.service.counts
                #expect(counts.refused.isEmpty)
                #expect(counts.received > 0)
                #expect(await eventually { node.service.statuses.allSatisfy { $0.isUp } })
            }
        }
    }

    @Test(.requirement("R111"), .timeLimit(.minutes(5)))
    func `a halt reaches each node at once, also beside one that is slow`() async throws {
        try await withPeers(3) { nodes in
            // The message is repeated until the node has answered in time.
            nodes[2].listener.state.withLock { $0.isStuck = true }
            let halt = try halt(1)
            let number = try #require(nodes[0].service.push(halt))
            #expect(
                await eventually {
                    nodes[1].listener.state.withLock { $0.halts.contains(halt) }
                })
            #expect(
                await eventually {
                    nodes[0].listener.state.withLock {
                        $0.delivered[nodes[1].name]?[number] == true
                    }
                })
            #expect(
                nodes[0].listener.state.withLock { $0.delivered[nodes[2].name] == nil })
            nodes[2].listener.state.withLock { $0.isStuck = false }
            #expect(
                await eventually {
                    nodes[0].listener.state.withLock {
                        $0.delivered[nodes[2].name]?[number] == true
                    }
                })
            #expect(nodes[0].service.statuses.allSatisfy { $0.waitingHalts == 0 })
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a halt that a node refuses is reported`() async throws {
        try await withPeers(2) { nodes in
            nodes[1].listener.state.withLock { $0.applies = false }
            let number = try #require(nodes[0].service.push(try halt(1)))
            #expect(
                await eventually {
                    nodes[0].listener.state.withLock {
                        $0.delivered[nodes[1].name]?[number] == false
                    }
                })
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `missing entries come from the peer that has them`() async throws {
        try await withPeers(3) { nodes in
            let rows = (2...5).map { row($0) }
            nodes[2].listener.state.withLock { $0.rows = rows }
            nodes[2].service.advance(to: PeerNode.head(5))
            #expect(
                await eventually {
                    nodes[0].listener.state.withLock {
                        $0.heads[nodes[2].name] == PeerNode.head(5)
                    }
                })
            #expect(
                await eventually {
                    nodes[0].service.fetch(after: 1)
                    let taken = nodes[0].listener.state.withLock { $0.taken[nodes[2].name] }
                    return taken.map { Array($0.prefix(rows.count)) } == rows
                })
            #expect(
                await eventually {
                    // Is ignored while the answer to the question before is on its way.
                    nodes[0].service.fetch(after: 5)
                    return nodes[0].listener.state.withLock { $0.failedFetches.contains(5) }
                })
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `entries that do not follow from each other are not taken`() async throws {
        try await withPeers(2) { nodes in
            nodes[1].listener.state.withLock { $0.rows = [row(2), row(4)] }
            nodes[1].service.advance(to: PeerNode.head(4))
            #expect(
                await eventually {
                    nodes[0].listener.state.withLock {
                        $0.heads[nodes[1].name] == PeerNode.head(4)
                    }
                })
            nodes[0].service.fetch(after: 1)
            #expect(
                await eventually {
                    nodes[0].listener.state.withLock { $0.failedFetches == [1] }
                })
            #expect(nodes[0].listener.state.withLock { $0.taken.isEmpty })
            #expect(nodes[0].service.counts.failed > 0)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a witness agrees, or names the other chain`() async throws {
        try await withPeers(2) { nodes in
            let request = try #require(
                WitnessRequest(head: PeerNode.head(3), use: row(3, kind: "use")))
            let witness = nodes[1].name
            #expect(await ask(nodes[0], request, of: witness) == .agreed)
            let questions = nodes[1].listener.state.withLock { $0.questions }
            #expect(Set(questions) == [request])
            let other = WitnessVerdict.otherChain(PeerNode.head(2))
            nodes[1].listener.state.withLock { $0.verdict = other }
            #expect(await ask(nodes[0], request, of: witness) == other)
            let stranger = NodeName("gw9").unwrapped
            #expect(await nodes[0].service.ask(request, of: stranger) == nil)
            await nodes[1].server.drain(within: .zero)
            #expect(await nodes[0].service.ask(request, of: witness) == nil, "it is gone")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a node that is gone is silent to the others, which continue`() async throws {
        try await withPeers(3) { nodes in
            let last = nodes[2].name
            #expect(
                await eventually {
                    nodes[0].listener.state.withLock { $0.up.contains(last) }
                })
            // It neither sends nor answers any more.
            nodes[2].set(members: [])
            await nodes[2].server.drain(within: .zero)
            #expect(
                await eventually {
                    nodes[0].listener.state.withLock { !$0.up.contains(last) }
                })
            #expect(nodes[0].service.counts.failed > 0)
            #expect(
                await eventually {
                    nodes[0].listener.state.withLock { $0.up.contains(nodes[1].name) }
                })
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a node that is retired is not heard any more`() async throws {
        try await withPeers(3) { nodes in
            let last = nodes[2].name
            #expect(
                await eventually {
                    nodes[0].listener.state.withLock { $0.up.contains(last) }
                })
            nodes[0].set(members: [nodes[0], nodes[1]])
            #expect(
                await eventually {
                    (nodes[0].service.counts.refused[.unknownNode] ?? 0) > 0
                })
            nodes[2].service.advance(to: PeerNode.head(9))
            _ = nodes[2].service.push(try halt(1))
            #expect(
                await eventually {
                    nodes[1].listener.state.withLock { !$0.halts.isEmpty }
                })
            let state = nodes[0].listener.state.withLock { ($0.halts, $0.heads[last]) }
            #expect(state.0.isEmpty)
            #expect(state.1 != PeerNode.head(9))
        }
    }
}
