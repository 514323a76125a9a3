import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCluster

/// The activation of a revision: by all live nodes or by none, with a trial only if it does not widen.
@Suite struct RevisionActivationTests {
    private let nodes = (1...4).map(ClusterOrganisation.name)
    private let digest = WeakHashing().sha256([1])

    private func time(_ seconds: Double) -> BootTime {
        BootTime(microseconds: 1_000_000 + Int64(seconds * 1_000_000))
    }

    private func staged(_ trial: CanaryTrial? = nil) -> StagedRevision {
        StagedRevision(digest: digest, predecessor: nil, trial: trial)
    }

    /// An activation with four live nodes, of which these have reported.
    private func activation(
        _ trial: CanaryTrial? = nil, loaded: Int = 0, failed: Int = 0
    ) -> (activation: RevisionActivation, actions: [RevisionActivation.Action]) {
        var activation = RevisionActivation(staged(trial), at: time(0))
        var actions = activation.handle(.live(nodes), at: time(0))
        for node in nodes.prefix(loaded) {
            actions += activation.handle(.report(node, .loaded), at: time(1))
        }
        for node in nodes.suffix(failed) {
            actions += activation.handle(.report(node, .failed("syntax")), at: time(1))
        }
        return (activation, actions)
    }

    @Test func `it is appended once, when all live nodes have loaded it`() {
        let made = activation(loaded: 3)
        #expect(made.actions.isEmpty)
        var some = made.activation
        let last = some.handle(.report(nodes[3], .loaded), at: time(2))
        #expect(last == [.append(staged())] && some.status == .appended)
        let again = some.handle(.tick, at: time(60))
        #expect(again.isEmpty)
    }

    @Test func `a node that is no longer live is not waited for`() {
        var (some, _) = activation(loaded: 3)
        let gone = some.handle(.live(Array(nodes.prefix(3))), at: time(2))
        #expect(gone == [.append(staged())])
    }

    @Test func `after 30 s it is appended if less than half have not loaded it`() {
        var (some, _) = activation(loaded: 2, failed: 1)
        let early = some.handle(.tick, at: time(29.9))
        #expect(early.isEmpty)
        let two = some.handle(.tick, at: time(30))
        #expect(
            two == [.refuse(.late([nodes[2], nodes[3]]))],
            "half have not: one failed, one is silent")
        var (more, _) = activation(loaded: 3, failed: 1)
        let three = more.handle(.tick, at: time(30))
        #expect(three == [.append(staged())])
    }

    @Test func `if half could not load it nothing is appended, at once`() {
        let (half, actions) = activation(loaded: 1, failed: 2)
        let failed = [nodes[2], nodes[3]]
        #expect(actions == [.refuse(.unloadable(failed))])
        #expect(half.status == .refused(.unloadable(failed)))
    }

    @Test func `without live nodes nothing is appended`() {
        var empty = RevisionActivation(staged(), at: time(0))
        let early = empty.handle(.live([]), at: time(1))
        let late = empty.handle(.tick, at: time(31))
        #expect(early.isEmpty && late == [.refuse(.late([]))])
    }

    @Test func `a revision that widens has no trial, and numbers out of range neither`() {
        #expect(CanaryTrial(of: .wider) == nil)
        #expect(CanaryTrial(of: .equalOrNarrower) != nil)
        #expect(CanaryTrial(nodes: 0, of: .equalOrNarrower) == nil)
        #expect(CanaryTrial(nodes: 101, of: .equalOrNarrower) == nil)
        #expect(CanaryTrial(for: .zero, of: .equalOrNarrower) == nil)
        #expect(CanaryTrial(for: .seconds(86_401), of: .equalOrNarrower) == nil)
    }

    @Test func `it is tried on some nodes, and appended when the time is over`() throws {
        let trial = try #require(CanaryTrial(nodes: 1, for: .seconds(600), of: .equalOrNarrower))
        let made = activation(trial, loaded: 4)
        #expect(made.actions == [.tryOn([nodes[0]])])
        var tried = made.activation
        let early = tried.handle(.tick, at: time(600))
        let end = tried.handle(.tick, at: time(601))
        #expect(early.isEmpty && end == [.append(staged(trial))])
    }

    @Test func `a trial on as many nodes as there are is none`() throws {
        let trial = try #require(CanaryTrial(nodes: 4, of: .equalOrNarrower))
        let (_, actions) = activation(trial, loaded: 4)
        #expect(actions == [.append(staged(trial))])
    }

    @Test func `a trial that fails, or loses its node, is taken back`() throws {
        let trial = try #require(CanaryTrial(of: .equalOrNarrower))
        let failed = RevisionActivation.Refusal.failedTrial(nodes[0])
        for event in [
            RevisionActivation.Event.report(nodes[0], .failed("denials")),
            .live(Array(nodes.suffix(3))),
        ] {
            var (tried, _) = activation(trial, loaded: 4)
            let actions = tried.handle(event, at: time(10))
            #expect(actions == [.takeBack([nodes[0]]), .refuse(failed)])
        }
    }

    @Test func `another revision that came first ends it`() throws {
        var (some, _) = activation(loaded: 1)
        let loading = some.handle(.superseded, at: time(5))
        #expect(loading == [.refuse(.superseded)])
        let trial = try #require(CanaryTrial(of: .equalOrNarrower))
        var (tried, _) = activation(trial, loaded: 4)
        let trying = tried.handle(.superseded, at: time(5))
        #expect(trying == [.takeBack([nodes[0]]), .refuse(.superseded)])
        var (appended, _) = activation(loaded: 4)
        let done = appended.handle(.superseded, at: time(5))
        #expect(done.isEmpty && appended.status == .appended)
    }

    /// Whatever comes in whatever order: one append or one refusal at most, and no append against half of the nodes.
    @Test func `it ends once, and never against half of the live nodes`() {
        var random = SeededGenerator.announced()
        for _ in 0..<rounds(500) {
            var activation = RevisionActivation(staged(), at: time(0))
            var live: Set<NodeName> = []
            var loaded: Set<NodeName> = []
            var ends = 0
            for second in 0..<40 {
                let node = nodes.randomElement(using: &random) ?? nodes[0]
                let event: RevisionActivation.Event
                switch Int.random(in: 0..<4, using: &random) {
                case 0:
                    live = Set(nodes.filter { _ in Bool.random(using: &random) })
                    event = .live(Array(live))
                case 1:
                    loaded.insert(node)
                    event = .report(node, .loaded)
                case 2:
                    loaded.remove(node)
                    event = .report(node, .failed("x"))
                default: event = .tick
                }
                for action in activation.handle(event, at: time(Double(second))) {
                    ends += 1
                    guard case .append = action else { continue }
                    #expect(live.intersection(loaded).count * 2 > live.count)
                }
            }
            #expect(ends <= 1)
        }
    }
}
