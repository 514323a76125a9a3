import InterlockGovernor
import InterlockLedger
import InterlockModel
import InterlockPorts
import Synchronization

/// Calls that wait for a quorum. Rounds follow each other while calls wait: each sends the newest durable checkpoint to
/// every witness marked `now` that is free, so all waiting calls share it.
extension WitnessClient: CallQuorum {
    package var isConfigured: Bool { state.withLock { $0.policy.quorum != nil } }

    /// The pause after a round that reached no quorum.
    private static let pause = Duration.milliseconds(50)
    /// The pause while a checkpoint is being published, which also counts for the waiting calls.
    private static let turn = Duration.milliseconds(5)

    package func reach() async -> Bool {
        let limit = ports.quorumLimit
        return await withCheckedContinuation { continuation in
            enum Registration {
                case done(Bool)
                case wait(id: Int, startsRounds: Bool)
            }
            let registration = state.withLock { state -> Registration in
                guard state.policy.quorum != nil else { return .done(false) }
                let size = state.growth.size
                if state.reached >= size { return .done(true) }
                let (id, isFirst) = state.waiting.add(size, continuation)
                return .wait(id: id, startsRounds: isFirst)
            }
            guard case .wait(let id, let startsRounds) = registration else {
                if case .done(let answer) = registration { continuation.resume(returning: answer) }
                return
            }
            if startsRounds { Task { await self.rounds() } }
            Task {
                try? await Task.sleep(for: limit)
                self.state.withLock { $0.waiting.giveUp(id) }?.resume(returning: false)
            }
        }
    }

    private func rounds() async {
        while let (head, asked) = nextRound() {
            guard let head else {
                try? await Task.sleep(for: Self.turn)
                continue
            }
            if await round(head, asked) { continue }
            try? await Task.sleep(for: Self.pause)
        }
    }

    /// Returns nil if no call waits any more: the rounds then end, and the next call starts them again. The note is nil
    /// while there is no checkpoint to ask about.
    private func nextRound() -> (WitnessedNote?, [TrustPolicy.Witness])? {
        let (note, witnesses) = state.withLock { state -> ([UInt8], [TrustPolicy.Witness]?) in
            guard state.waiting.goOn() else { return ([], nil) }
            return (
                state.isPublishing ? [] : state.newest,
                state.policy.witnesses.filter { $0.url != nil && state.marks.has($0) }
            )
        }
        return witnesses.map { (WitnessedNote(note), $0) }
    }

    /// Ends with the quorum, or when all witnesses that were asked have answered; returns whether the quorum was
    /// reached. A witness that has not answered by then is left out of the next rounds until it has.
    private func round(_ head: WitnessedNote, _ witnesses: [TrustPolicy.Witness]) async -> Bool {
        let free = witnesses.filter { gates.tryEnter($0.name) }
        guard !free.isEmpty else { return false }
        let deadline = ports.clock.boot + WitnessQuestion.patience
        let (answers, feed) = AsyncStream.makeStream(of: Cosignature?.self)
        for witness in free {
            Task {
                let answer = await self.ask(witness, about: head, until: deadline, onBeat: false)
                self.gates.leave(witness.name)
                feed.yield(answer)
            }
        }
        var cosigned: [Cosignature] = []
        var count = 0
        for await answer in answers {
            count += 1
            if let answer { cosigned.append(answer) }
            if noteQuorum(of: head.size, by: cosigned) { return true }
            if count == free.count { return false }
        }
        return false
    }

    /// Resumes every call whose record a quorum has cosigned.
    @discardableResult
    func noteQuorum(of size: UInt64, by cosigned: [Cosignature]) -> Bool {
        let keys = Set(cosigned.map(\.key))
        let now = ports.clock.wall
        let released = state.withLock { state -> [QuorumWaiters.Waiter]? in
            guard state.policy.quorum != nil,
                state.policy.isSatisfied(by: { keys.contains($0.key) })
            else { return nil }
            state.reached = max(state.reached, size)
            state.lastQuorum = now
            return state.waiting.release(upTo: size)
        }
        for continuation in released ?? [] { continuation.resume(returning: true) }
        return released != nil
    }
}

/// The waiting calls, each for a checkpoint of at least a certain size.
struct QuorumWaiters: Sendable {
    typealias Waiter = CheckedContinuation<Bool, Never>

    private var waiting: [Int: (size: UInt64, continuation: Waiter)] = [:]
    private var next = 0
    private(set) var isAsking = false

    /// - Returns: the id of the call, and whether the caller must start the rounds.
    mutating func add(_ size: UInt64, _ continuation: Waiter) -> (id: Int, isFirst: Bool) {
        next += 1
        waiting[next] = (size, continuation)
        defer { isAsking = true }
        return (next, !isAsking)
    }

    /// Returns true if another round is needed.
    mutating func goOn() -> Bool {
        isAsking = !waiting.isEmpty
        return isAsking
    }

    /// Returns nil if the call was released already.
    mutating func giveUp(_ id: Int) -> Waiter? { waiting.removeValue(forKey: id)?.continuation }

    mutating func release(upTo size: UInt64) -> [Waiter] {
        let covered = waiting.filter { $0.value.size <= size }
        for id in covered.keys { waiting[id] = nil }
        return covered.values.map(\.continuation)
    }
}
