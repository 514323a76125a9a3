import InterlockAdministration
import InterlockCredentials
import InterlockGovernor
import InterlockLedger
import InterlockModel

/// The cryptography that no log of this form can avoid, run alone on all processors at once: the yardstick for a
/// record's processor time, comparable only with a figure of the same machine and minute.
struct Cryptography: Sendable {
    /// Size of a record's payload in bytes; 0 if there is no payload.
    let payload: Int

    private static let leafBytes = 620
    private static let processors = 2

    /// Processor time per record: its leaf hash, a node of the tree and, if there is a payload, the encryption, the
    /// digest of the blob and the commitment to the plaintext.
    func perRecord(for time: Duration) async -> Duration {
        let clock = ContinuousClock()
        let end = clock.now.advanced(by: time)
        let used = processorTime()
        let records = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<Self.processors {
                group.addTask {
                    var count = 0
                    while clock.now < end {
                        for _ in 0..<64 { work() }
                        count += 64
                    }
                    return count
                }
            }
            return await group.reduce(0, +)
        }
        return (processorTime() - used) / max(records, 1)
    }

    private func work() {
        let hashing = OpenSSLHashing()
        let leaf = hashing.sha256([UInt8](repeating: 0x6c, count: Self.leafBytes))
        blackHole(hashing.sha256([0x01] + leaf.bytes + leaf.bytes))
        guard payload > 0 else { return }
        let plaintext = [UInt8](repeating: 0x61, count: payload)
        let salt = [UInt8](repeating: 0x73, count: PayloadForm.saltBytes)
        let nonce = [UInt8](repeating: 0x6e, count: PayloadForm.nonceBytes)
        let blob = OpenSSLPayloadCipher().seal(
            salt: salt.span, plaintext: plaintext.span, key: PayloadKey(words: leaf),
            nonce: nonce.span)
        blackHole(hashing.sha256(blob))
        // A hash over as many bytes as the commitment has.
        blackHole(hashing.sha256(salt + plaintext))
    }
}

@inline(never)
@_optimize(none)
private func blackHole(_: Digest) {}
