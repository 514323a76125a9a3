package import InterlockTesting

extension FaultPlan {
    /// Draws two to eight faults of the first `seconds`.
    package init(
        nodes: Int, seconds: Int, random: inout SeededGenerator
    ) {
        let count = 2 + random.below(7)
        // One plan of five has a store that lies, and one of ten a clock that stops.
        let lies = random.chance(200)
        let stops = random.chance(100)
        var items: [Item] = []
        for number in 0..<count {
            let at = VirtualTime(microseconds: Int64(3_000 + random.below(seconds * 1000)) * 1000)
            let fault: InjectedFault
            if lies, number == 0 {
                fault = .lie(random.choice(StoreLie.allCases))
            } else if stops, number == 1 {
                fault = .stopClock(node: random.below(nodes), seconds: 1 + random.below(10))
            } else {
                fault = Self.fault(nodes: nodes, random: &random)
            }
            items.append(Item(at: at, fault: fault))
        }
        self.init(items)
    }

    private static func fault(nodes: Int, random: inout SeededGenerator) -> InjectedFault {
        let node = random.below(nodes)
        let seconds = 1 + random.below(12)
        switch random.below(15) {
        case 0:
            return .cut(from: .node(node), to: .store, seconds: seconds)
        case 1:
            return .cut(from: .store, to: .node(node), seconds: seconds)
        case 2:
            let other = (node + 1 + random.below(nodes - 1)) % nodes
            return .cut(from: .node(node), to: .node(other), seconds: seconds)
        case 3: return .badNetwork(seconds: seconds)
        case 4, 5:
            return .crash(
                node: node, writes: random.below(6), kept: random.chance(500), seconds: seconds)
        case 6: return .pause(node: node, seconds: seconds)
        case 7:
            return .step(node: node, milliseconds: random.below(8_000) - 4_000)
        case 8: return .stepStore(milliseconds: random.below(8_000) - 4_000)
        case 9: return .drift(node: node, rate: 950_000 + Int64(random.below(100_001)))
        case 10:
            return random.chance(500)
                ? .storeDown(seconds: seconds) : .storeSlow(seconds: seconds)
        case 11: return .isolate(node: node, seconds: seconds)
        case 12: return .cutPeers(node: node, seconds: seconds)
        case 13: return .staleReads(seconds: seconds)
        default:
            return .failover(lostMilliseconds: random.chance(500) ? 0 : random.below(400))
        }
    }
}
