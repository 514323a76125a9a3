import InterlockGovernor
package import InterlockLedger
package import InterlockModel
package import InterlockPorts
import Synchronization

/// The witnesses of this node's log (docs/specs/ledger.md, sections 9 and 11). They are asked on each beat, at once for
/// calls that wait for them, and before a start, to find out whether they remember more than was found.
///
/// The log itself supplies the newest durable checkpoint. Growth is proved from memory if the witness saw the log
/// recently, otherwise from tiles.
package final class WitnessClient: DurableFollower {
    let ports: WitnessPorts
    let state: Mutex<State>
    /// One question at a time for each witness.
    let gates = AsyncGates<TrustName>()

    struct State: Sendable {
        var policy: TrustPolicy
        var marks: ImmediateWitnessList
        var growth: RecentGrowth
        /// The newest durable checkpoint, signed by the log.
        var newest: [UInt8] = []
        /// True while a checkpoint is being published, so that no newer one is shown.
        var isPublishing = false
        var statuses: [TrustName: WitnessStatus] = [:]
        /// The largest size that a quorum has cosigned.
        var reached: UInt64 = 0
        var lastQuorum: Timestamp?
        var waiting = QuorumWaiters()
        /// The alerts that were raised before a listener was attached.
        var alarms: [(code: String, subject: String)] = []
        var listener: (any WitnessListener)?
    }

    package init(_ ports: WitnessPorts, policy: TrustPolicy, marks: ImmediateWitnessList) {
        self.ports = ports
        state = Mutex(
            State(policy: policy, marks: marks, growth: RecentGrowth(TreeHash(ports.hashing))))
    }

    // MARK: From the log

    package func begin(at range: CompactRange) {
        let growth = RecentGrowth(TreeHash(ports.hashing), at: range)
        state.withLock { $0.growth = growth }
    }

    package func extend(by leafHashes: [Digest], checkpoint: [UInt8]) {
        state.withLock { state in
            state.growth.append(leafHashes)
            state.newest = checkpoint
        }
    }

    package func setPublishing(_ isPublishing: Bool) {
        state.withLock { $0.isPublishing = isPublishing }
    }

    // MARK: On the beat

    /// Returns the note with the cosignatures that arrived in time; without a quorum it is published nevertheless.
    /// Takes about as long as the slowest witness, at most two seconds.
    package func cosign(_ note: [UInt8]) async -> [UInt8] {
        guard let head = WitnessedNote(note) else { return note }
        let deadline = ports.clock.boot + WitnessQuestion.patience
        let asked = state.withLock { $0.policy.witnesses.filter { $0.url != nil } }
        let cosigned = await withTaskGroup(of: Cosignature?.self) { group in
            for witness in asked {
                group.addTask { [self] in
                    await gates.enter(witness.name)
                    defer { gates.leave(witness.name) }
                    return await ask(witness, about: head, until: deadline, onBeat: true)
                }
            }
            var found: [Cosignature] = []
            for await cosignature in group { if let cosignature { found.append(cosignature) } }
            return found
        }
        noteQuorum(of: head.size, by: cosigned)
        let names = asked.map(\.key.name)
        let ordered = cosigned.sorted {
            (names.firstIndex(of: $0.key.name) ?? 0) < (names.firstIndex(of: $1.key.name) ?? 0)
        }
        return note + ordered.flatMap { Array($0.line.utf8) }
    }

    /// Asks one witness and applies the outcome. The caller must hold the witness's gate.
    func ask(
        _ witness: TrustPolicy.Witness, about head: WitnessedNote, until deadline: BootTime,
        onBeat: Bool
    ) async -> Cosignature? {
        guard let url = witness.url else { return nil }
        let question = WitnessQuestion(
            witness: witness, url: url, note: head.note, text: head.text, size: head.size,
            caller: ports.caller, verifier: ports.verifier, clock: ports.clock)
        let known = state.withLock { $0.statuses[witness.name]?.size } ?? 0
        let outcome = await question.ask(
            from: known, until: deadline, proof: { self.proof(from: $0, to: head) },
            newest: { max(head.size, self.state.withLock { $0.growth.size }) })
        take(outcome, of: witness, about: head.size, onBeat: onBeat)
        guard case .cosigned(let cosignature) = outcome else { return nil }
        return cosignature
    }

    private func take(
        _ outcome: WitnessOutcome, of witness: TrustPolicy.Witness, about size: UInt64, onBeat: Bool
    ) {
        let now = ports.clock.wall
        let (alarm, isForked, listener) = state.withLock { state in
            // The witness was removed meanwhile.
            guard state.policy.witnesses.contains(witness) else {
                return (String?.none, false, (any WitnessListener)?.none)
            }
            let alarm = state.statuses[witness.name, default: WitnessStatus()]
                .take(outcome, of: size, at: now, onBeat: onBeat)
            return (alarm, state.isForked, state.listener)
        }
        if isForked { listener?.setForked(true) }
        if let alarm { raise(alarm, witness.name.description) }
    }

    /// Raises an alert; until a listener is attached, the alert waits for it.
    func raise(_ code: String, _ subject: String) {
        let listener = state.withLock { state in
            if state.listener == nil { state.alarms.append((code, subject)) }
            return state.listener
        }
        listener?.alarm(code, subject: subject)
    }

    private func proof(from old: UInt64, to head: WitnessedNote) -> [Digest]? {
        state.withLock { $0.growth }.consistencyProof(oldSize: old, newSize: head.size)
            ?? ports.tiles.consistencyProof(oldSize: old, of: head.checkpoint)
    }

    /// Attaches the receiver of alerts and forks. Those that came before are delivered at once.
    package func attach(_ listener: any WitnessListener) {
        let (alarms, isForked) = state.withLock { state in
            state.listener = listener
            defer { state.alarms = [] }
            return (state.alarms, state.isForked)
        }
        for alarm in alarms { listener.alarm(alarm.code, subject: alarm.subject) }
        if isForked { listener.setForked(true) }
    }
}

extension WitnessClient.State {
    /// True if a witness that is still trusted remembers another history.
    var isForked: Bool { policy.witnesses.contains { statuses[$0.name]?.isForked ?? false } }
}

/// The dependencies that are injected into the client.
package struct WitnessPorts: Sendable {
    let caller: any WitnessCaller
    let tiles: any LogTiles
    let clock: any Clock
    let hashing: any Hashing
    let verifier: any SignatureVerifier
    /// The longest time that a call waits for a quorum.
    let quorumLimit: Duration

    package init(
        caller: any WitnessCaller, tiles: any LogTiles, clock: any Clock, hashing: any Hashing,
        verifier: any SignatureVerifier, quorumLimit: Duration
    ) {
        self.caller = caller
        self.tiles = tiles
        self.clock = clock
        self.hashing = hashing
        self.verifier = verifier
        self.quorumLimit = quorumLimit
    }
}

/// A checkpoint of this node's log with its note. A note that witnesses are asked about has only the log's own
/// signature.
struct WitnessedNote: Sendable {
    let note: [UInt8]
    let text: String
    let checkpoint: Checkpoint
    var size: UInt64 { checkpoint.size }

    init?(_ note: [UInt8]) {
        guard let signed = try? SignedNote(parsing: note),
            let checkpoint = try? Checkpoint(text: signed.text)
        else { return nil }
        self.note = note
        text = signed.text
        self.checkpoint = checkpoint
    }
}
