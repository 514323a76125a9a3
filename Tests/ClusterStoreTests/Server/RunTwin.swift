import InterlockModel
import InterlockTesting

@testable import InterlockCluster
@testable import InterlockClusterStore

/// The functions of the store and `RunTable`, which are given the same operations and must answer alike.
struct RunTwin {
    private let cluster: StoreCluster
    private var random: SeededGenerator
    private var table = RunTable()
    private var numbers: Int64 = 0
    /// The claims that were sent, to be repeated.
    private var claims: [RunClaim] = []
    private(set) var assignments = 0
    private(set) var refusals = 0
    private(set) var faults: [String] = []

    init(_ cluster: StoreCluster, _ random: SeededGenerator) throws(RunTableRefusal) {
        self.cluster = cluster
        self.random = random
        for node in cluster.nodes { try table.join(node.store.node, node.incarnation) }
    }

    /// One random operation at both.
    mutating func step() async throws {
        switch Int.random(in: 0..<100, using: &random) {
        case ..<50: await claim()
        case ..<92: await change()
        case ..<97: try await expel()
        default: try await end()
        }
    }

    private mutating func run() -> RunID {
        // Runs end for ever, so there are always new ones.
        StoreOrganisation.run(Int(numbers / 20) + Int.random(in: 0..<4, using: &random))
    }

    private mutating func compare(
        _ operation: String, _ found: ClusterCallFailure?, _ expected: RunTableRefusal?
    ) {
        let isSame =
            switch (found, expected) {
            case (nil, nil): true
            case (.refused(.expelled, _), .expelled?): true
            case (.refused(.closed, _), .moved?), (.refused(.closed, _), .unfit?): true
            case (.refused(.notCompared, _), .closed?): true
            case (nil, _?), (_?, _): false
            }
        if found != nil { refusals += 1 }
        if !isSame {
            faults.append(
                "\(operation): the store \(String(describing: found)), the model "
                    + String(describing: expected))
        }
    }

    private mutating func claim() async {
        let node = cluster.nodes[Int.random(in: 0..<3, using: &random)]
        var claim: RunClaim
        if let again = claims.suffix(10).randomElement(using: &random),
            again.node == node.store.node, Bool.random(using: &random)
        {
            claim = again
        } else {
            numbers += 1
            let isOther = Int.random(in: 0..<25, using: &random) == 0
            claim = RunClaim(
                run: run(), agent: isOther ? AgentName("other").unwrapped : CallCase.agent,
                node: node.store.node, incarnation: node.incarnation,
                number: Int.random(in: 0..<25, using: &random) == 0 ? 0 : numbers)
        }
        claims.append(claim)
        var answer: ClaimAnswer?
        var failure: ClusterCallFailure?
        do throws(ClusterCallFailure) { answer = try await node.store.claim(claim) } catch {
            failure = error
        }
        var expected: ClaimAnswer?
        var refusal: RunTableRefusal?
        do throws(RunTableRefusal) { expected = try table.claim(claim) } catch { refusal = error }
        compare("claim \(claim)", failure, refusal)
        guard let answer, let expected else { return }
        if !isSame(answer, expected, claim.run) {
            faults.append("claim \(claim): the store \(answer), the model \(expected)")
        }
        if case .assigned = answer { assignments += 1 }
    }

    /// A repeated claim is answered by the store with the level and the reserved calls that the row has by then.
    private func isSame(_ answer: ClaimAnswer, _ expected: ClaimAnswer, _ run: RunID) -> Bool {
        guard case .assigned(let one) = answer, case .assigned(let two) = expected,
            let row = table.row(run)
        else { return answer == expected }
        return one.term == two.term && one.home == two.home && one.origin == two.origin
            && one.calls == two.calls && one.level == row.level && one.reserved == row.calls
    }

    private mutating func change() async {
        let node = cluster.nodes[Int.random(in: 0..<3, using: &random)]
        let run = run()
        let row = table.row(run)
        // Half of the changes are those of the node that has the run, in its term.
        let isOwn = Bool.random(using: &random)
        let owner =
            isOwn ? cluster.nodes.first { $0.store.node == row?.node } ?? node : node
        let late = Int64.random(in: 0...1, using: &random)
        let term = max(1, (row?.term ?? 1) - (isOwn ? 0 : late))
        let calls = (row?.calls ?? 0) + Int64.random(in: -70...70, using: &random)
        let kinds: [RunChange.Kind] = [
            .free(calls: calls), .level(.untrusted), .level(.hostile), .level(.clean),
            .calls(calls),
        ]
        guard let kind = kinds.randomElement(using: &random) else { return }
        let change = RunChange(
            run: run, node: owner.store.node, incarnation: owner.incarnation, term: term,
            kind: kind)
        var failure: ClusterCallFailure?
        do throws(ClusterCallFailure) { try await owner.store.change(change) } catch {
            failure = error
        }
        var refusal: RunTableRefusal?
        do throws(RunTableRefusal) { try table.change(change) } catch { refusal = error }
        compare("change \(change)", failure, refusal)
    }

    private mutating func expel() async throws {
        let place = Int.random(in: 1..<3, using: &random)
        let (name, incarnation) = (
            cluster.nodes[place].store.node, cluster.nodes[place].incarnation
        )
        try await cluster.expel(place)
        try table.expel(name, incarnation)
        await claim()
        await change()
        try await cluster.startAgain(place)
        try table.join(name, cluster.nodes[place].incarnation)
    }

    /// The node that has a run ends it.
    private mutating func end() async throws {
        let run = run()
        guard let row = table.row(run), !row.isEnded,
            let node = cluster.nodes.first(where: {
                $0.store.node == row.node && $0.incarnation == row.incarnation
            })
        else { return }
        try await node.store.endRun(run, in: node.incarnation)
        table.end(run)
    }
}
