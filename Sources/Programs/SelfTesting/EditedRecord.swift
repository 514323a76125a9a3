import InterlockCredentials
import InterlockEvidence
import InterlockGovernor
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockSelfTest

/// Edits a copy of the newest record, and checks that its proof no longer holds. The log itself is only read.
struct EditedRecord {
    private let parts: SelfTestEnvironment.Parts

    init(_ parts: SelfTestEnvironment.Parts) { self.parts = parts }

    /// The number of attempts to read the record, half a second apart: its checkpoint is published first.
    private static let attempts = 40

    func observe() async -> SelfTestObservation {
        let size = parts.gateway.ledger.status.size
        guard size > 0, let evidence = await evidence(at: size - 1) else {
            return SelfTestObservation(
                .other("no record of the log could be read with its proof"), arrivals: 0)
        }
        let bytes = evidence.record.bytes
        guard !bytes.isEmpty, holds(evidence.proof, bytes) else {
            return SelfTestObservation(
                .other("the proof of an unchanged record does not hold"), arrivals: 0)
        }
        let accepted = [0, bytes.count / 2, bytes.count - 1].count { place in
            var edited = bytes
            edited[place] ^= 1
            return holds(evidence.proof, edited)
        }
        guard accepted == 0 else { return SelfTestObservation(.answered, arrivals: accepted) }
        return SelfTestObservation(.refused(reason: "proof", rule: ""), arrivals: 0)
    }

    private func evidence(at index: UInt64) async -> RecordEvidence? {
        for _ in 0..<Self.attempts {
            if let found = try? await parts.log.record(at: index, opens: { _ in false }) {
                return found
            }
            try? await Task.sleep(for: .milliseconds(500))
        }
        return nil
    }

    private func holds(_ proof: TlogProof, _ bytes: [UInt8]) -> Bool {
        let tree = TreeHash(OpenSSLHashing())
        let leaf = tree.leaf(bytes)
        return parts.logKeys.contains { key in
            let head = try? proof.check(
                leafHash: leaf, key: key, verifier: OpenSSLVerifier(), tree)
            return head != nil
        }
    }
}
