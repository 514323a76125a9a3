import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import Synchronization

// The ports of a trial's gateway that keep their state in memory and forget it with the trial.

/// Commits to payloads, and keeps the arguments of calls in the clear: the trace needs them.
final class TrialPayloadKeys: PayloadKeys {
    /// The field of arguments in records of calls.
    static let arguments = "args"
    /// The most bytes of arguments that are kept.
    private static let mostBytes = 64 << 20

    private struct State {
        var texts: [Digest: [UInt8]] = [:]
        var size = 0
    }
    private let state = Mutex(State())
    private let hashing: any Hashing

    init(hashing: any Hashing) { self.hashing = hashing }

    /// The arguments of a call by the commitment in its record; nil if they were too large to be kept.
    func arguments(of record: RecordDraft) -> JSONObject? {
        guard let payload = record.payloads.first(where: { $0.field == Self.arguments }),
            let text = state.withLock({ $0.texts[payload.commitment.content] })
        else { return nil }
        return (try? JSONValue(parsing: text, limits: .agent))?.object
    }

    func seal(
        _ plaintext: [UInt8], in field: String, as name: PayloadName?, salt: [UInt8]?
    ) -> SealedPayload {
        let sealed = SealedPayload(
            unstored: field, plaintext: plaintext, salt: salt ?? [UInt8](repeating: 0, count: 32),
            hashing: hashing)
        if field == Self.arguments {
            state.withLock { state in
                guard state.size + plaintext.count <= Self.mostBytes else { return }
                state.size += plaintext.count
                state.texts[sealed.commitment.content] = plaintext
            }
        }
        return sealed
    }

    func isOpen(_ run: RunID) -> Bool { true }
    func prepare(_ run: RunID, isNew: Bool) async {}
    func open(_ run: RunID, isNew: Bool) {}
    func erase(runs: Set<RunID>, days: Set<CivilDate>) async throws(StoreFailure) -> Bool { true }
    func days() async throws(StoreFailure) -> [CivilDate] { [] }
    var status: PayloadKeyStatus { PayloadKeyStatus(lostRuns: 0, failure: nil) }
}

/// Pseudonyms without a secret: they leave no trial.
struct TrialPseudonyms: Pseudonyms {
    let hashing: any Hashing

    func pseudonym(of person: Person) -> Pseudonym {
        let digest = hashing.sha256(Array(person.address.utf8))
        return Pseudonym(text: Base64.encode(Array(digest.bytes.prefix(16))))
    }
}

/// Admits the one credential of a trial, which no other gateway knows.
final class TrialAuthenticator: Authenticator {
    let bearer: String
    let principal: Principal
    private let isEnded = Atomic<Bool>(false)

    init(bearer: String, principal: Principal) {
        self.bearer = bearer
        self.principal = principal
    }

    /// Refuses the credential from this call on.
    func end() { isEnded.store(true, ordering: .sequentiallyConsistent) }

    func identify(bearer: String?, now: Timestamp) throws(IdentityFailure) -> Principal {
        guard let bearer else { throw .missing }
        guard bearer.utf8.elementsEqual(self.bearer.utf8) else { throw .unknownKey }
        guard !isEnded.load(ordering: .sequentiallyConsistent) else { throw .revoked }
        guard now < principal.expires else { throw .expired }
        return principal
    }

    var revocations: UInt64 { isEnded.load(ordering: .sequentiallyConsistent) ? 1 : 0 }
    var revokedRuns: [RunID] { [] }
    func revoke(runs: [RunID], now: Timestamp) {
        if runs.contains(principal.run) { end() }
    }
}

/// Every agent acts at the stage that the policy gives it, as in policy cases.
struct TrialStages: TrustStages {
    func stage(of agent: AgentName, isSandboxed: () -> Bool) -> TrustStageAssignment {
        .highest
    }
}

/// The gateway's clock for approvals: a request expires at once if no one is to answer it.
final class TrialApprovalClock: Clock {
    private let clock: any Clock
    private let ahead = Mutex<Int64>(0)

    init(_ clock: any Clock) { self.clock = clock }

    /// Sets the wall time of approvals to at least `time`.
    func reach(_ time: Timestamp) {
        let now = wall.microseconds
        guard time.microseconds > now else { return }
        ahead.withLock { $0 += time.microseconds - now }
    }

    var now: ClockReading {
        let now = clock.now
        let ahead = ahead.withLock { $0 }
        return ClockReading(
            wall: Timestamp(microseconds: now.wall.microseconds + ahead), boot: now.boot)
    }
}
