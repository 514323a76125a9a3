package import InterlockTesting

/// Plans in which the lack of one guard matters: a random plan has the same only once in many seeds.
extension FaultPlan {
    package init(_ settings: SimulationSettings, random: inout SeededGenerator) {
        guard settings.hasFaults else {
            self.init([])
            return
        }
        if let fault = settings.planned,
            let items = Self.directed(fault, nodes: settings.nodes, random: &random)
        {
            self.init(items)
        } else {
            self.init(nodes: settings.nodes, seconds: settings.seconds, random: &random)
        }
    }

    /// - Returns: nil if random plans suffice.
    private static func directed(
        _ fault: ProtocolFault, nodes: Int, random: inout SeededGenerator
    ) -> [Item]? {
        let node = random.below(nodes)
        switch fault {
        case .leaseFromReceipt:
            // Late answers, and then none, while people halt agents.
            var items = [item(3_000, .storeSlow(seconds: 70))]
            for time in stride(from: 8_000, to: 70_000, by: 12_000) {
                let jitter = random.below(3_000)
                items.append(
                    item(time + jitter, .isolate(node: random.below(nodes), seconds: 7)))
            }
            return items
        case .renewUnapplied:
            return [
                item(10_000, .cutPeers(node: node, seconds: 40)),
                item(10_000, .staleReads(seconds: 40)),
            ]
        // A node that its peers reach would learn from them that it was expelled.
        case .expelEarly:
            return stride(from: 6_000, to: 60_000, by: 9_000).map { time in
                item(time, .isolate(node: time / 9_000 % nodes, seconds: 4))
            }
        case .endedLeaseForgotten:
            return stride(from: 10_000, to: 60_000, by: 10_000).map { time in
                item(
                    time,
                    .crash(node: time / 10_000 % nodes, writes: 0, kept: true, seconds: 8))
            }
        case .unsignedEntry:
            return [item(15_000 + random.below(30_000), .lie(.forgeRelease))]
        case .quorumUncompared:
            return [item(15_000 + random.below(30_000), .lie(.fork))]
        case .generationUnchecked: return failovers(lost: 300)
        case .useUncompared: return [item(8_000, .lie(.foreignUse))]
        // People alone make what matters.
        case .haltsByID: return []
        // The earlier of two clocks that are both ahead frees units too early.
        case .steppedClockUsed:
            return [
                item(40_000, .step(node: node, milliseconds: 45_000)),
                item(40_000, .stepStore(milliseconds: 45_000)),
            ]
        case .headsIgnored: return returns(nodes: nodes, random: &random)
        // Two nodes put the same entries back, each knowing the head of before.
        case .repairUnlinked:
            return [item(1_000, .badNetwork(seconds: 70))] + failovers(lost: 2_000)
        case .useWithoutEntries, .unknownIsSuccess, .useInTwoSteps:
            return [item(3_000, .badNetwork(seconds: 60))]
        case .reportedUseForgotten, .claimWithoutIncarnation: return nil
        }
    }

    /// Failovers that lose what one node alone has applied. The node is gone while the others open the new generation, and
    /// comes back soon after.
    private static func returns(nodes: Int, random: inout SeededGenerator) -> [Item] {
        var items = (0..<nodes - 1).map { item(1_000, .cutPeers(node: $0, seconds: 180)) }
        for time in stride(from: 8_000, to: 170_000, by: 15_000) {
            items.append(item(time - 1_500, .staleReads(seconds: 2)))
            items.append(item(time, .failover(lostMilliseconds: 1_000)))
            items.append(item(time, .pause(node: random.below(nodes), seconds: 8)))
        }
        return items
    }

    private static func failovers(lost milliseconds: Int) -> [Item] {
        (1...6).map { item($0 * 8_000, .failover(lostMilliseconds: milliseconds)) }
    }

    private static func item(_ milliseconds: Int, _ fault: InjectedFault) -> Item {
        Item(at: VirtualTime(microseconds: Int64(milliseconds) * 1000), fault: fault)
    }
}
