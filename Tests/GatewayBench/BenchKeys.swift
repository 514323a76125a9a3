import InterlockCredentials
import InterlockLedger
import InterlockModel
import InterlockPorts
import Synchronization

@testable import InterlockAdministration
@testable import InterlockGovernor

/// Keys in memory, each derived from its payload's name; the encryption is real.
final class BenchKeys: PayloadKeys {
    private struct State {
        var open: Set<RunID> = []
        var lost: Set<RunID> = []
        var erased: [(runs: Set<RunID>, days: Set<CivilDate>)] = []
        var days: [CivilDate] = []
        var refusal: String?
    }
    private let state = Mutex(State())
    private let hashing = OpenSSLHashing()

    /// The payloads of this run get no key.
    func lose(_ run: RunID) { state.withLock { _ = $0.lost.insert(run) } }
    func set(days: [CivilDate]) { state.withLock { $0.days = days } }
    /// Sets the reason for which `erase` fails; nil lets it succeed.
    func refuse(_ reason: String?) { state.withLock { $0.refusal = reason } }
    var erased: [(runs: Set<RunID>, days: Set<CivilDate>)] { state.withLock { $0.erased } }

    func seal(
        _ plaintext: [UInt8], in field: String, as name: PayloadName?, salt: [UInt8]?
    ) -> SealedPayload {
        let salt = salt ?? SystemEntropy().bytes(32)
        guard let name, !isLost(name.owner) else {
            return SealedPayload(
                unstored: field, plaintext: plaintext, salt: salt, hashing: hashing)
        }
        return SealedPayload(
            field: field, plaintext: plaintext, key: Self.key(name),
            random: PayloadRandom(salt: salt, SystemEntropy()), cipher: OpenSSLPayloadCipher(),
            hashing: hashing)
    }

    func isOpen(_ run: RunID) -> Bool { state.withLock { $0.open.contains(run) } }
    func prepare(_ run: RunID, isNew: Bool) async { open(run, isNew: isNew) }
    func open(_ run: RunID, isNew: Bool) { state.withLock { _ = $0.open.insert(run) } }

    func erase(runs: Set<RunID>, days: Set<CivilDate>) async throws(StoreFailure) -> Bool {
        let refusal = state.withLock { state in
            if state.refusal == nil { state.erased.append((runs, days)) }
            return state.refusal
        }
        if let refusal { throw StoreFailure(reason: refusal) }
        return true
    }

    func days() async throws(StoreFailure) -> [CivilDate] { state.withLock { $0.days } }
    var status: PayloadKeyStatus { PayloadKeyStatus(lostRuns: 0, failure: nil) }

    private func isLost(_ owner: PayloadOwner) -> Bool {
        guard case .run(let run) = owner else { return false }
        return state.withLock { $0.lost.contains(run) }
    }

    fileprivate static func key(_ name: PayloadName) -> PayloadKey {
        PayloadKey(words: OpenSSLHashing().sha256(name.info))
    }
}

extension RecordDraft {
    /// The plaintext of one payload, decrypted with the key that its reader derives from the name.
    func plaintext(_ field: String) -> [UInt8]? {
        guard let payload = payloads.first(where: { $0.field == field }),
            let name = PayloadName(field, run: run?.run, fields: fields)
        else { return nil }
        return OpenSSLPayloadCipher().open(payload.blob.span, key: BenchKeys.key(name)).map {
            Array($0.dropFirst(PayloadForm.saltBytes))
        }
    }
}
