import InterlockLedger
import InterlockPorts
import Synchronization

/// The check, before a start, that no witness remembers more of this log than was found.
///
/// INVARIANT: a log of which a witness remembers more does not start. Kept by `test_witness.py`.
extension WitnessClient {
    /// A witness remembers a larger size than was found.
    package struct RolledBack: Error, Sendable {
        package let witness: String
        package let remembered: UInt64
        package let found: UInt64
    }

    /// Asks each witness by an `add-checkpoint` that claims an old size of 0: a witness that remembers this log names
    /// its size in a 409. A witness that does not answer raises an alert, and is asked again on each beat.
    package func examine(_ note: [UInt8]) async throws(RolledBack) {
        let asked = state.withLock { $0.policy.witnesses.filter { $0.url != nil } }
        guard let head = WitnessedNote(note) else {
            for witness in asked { raise("audit.witness_unasked", witness.name.description) }
            return
        }
        let body = AddCheckpoint.body(oldSize: 0, proof: [], note: note)
        let caller = ports.caller
        let replies = await withTaskGroup(
            of: (TrustPolicy.Witness, WitnessResponse).self
        ) { group in
            for witness in asked {
                group.addTask {
                    let reply = await caller.post(
                        body, to: witness.url ?? "", within: WitnessQuestion.patience)
                    return (witness, reply)
                }
            }
            var replies: [(TrustPolicy.Witness, WitnessResponse)] = []
            for await reply in group { replies.append(reply) }
            return replies
        }
        for (witness, reply) in replies {
            switch reply {
            case .answer(409, _, let body):
                guard let size = WitnessQuestion.size(in: body) else { continue }
                guard size <= head.size else {
                    throw RolledBack(
                        witness: witness.name.description, remembered: size, found: head.size)
                }
                learn(size, of: witness)
            case .answer(200, _, _): learn(head.size, of: witness)
            case .answer, .failed: raise("audit.witness_unasked", witness.name.description)
            }
        }
    }

    private func learn(_ size: UInt64, of witness: TrustPolicy.Witness) {
        state.withLock { $0.statuses[witness.name, default: WitnessStatus()].learn(size: size) }
    }
}
