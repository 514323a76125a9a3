import InterlockModel
import InterlockPorts
import Synchronization

/// A port that works until it breaks, as a store that several nodes share may. Each of its calls then fails.
final class Breakable<Base: Sendable>: Sendable {
    private let base: Base
    private let state = Mutex(false)

    init(_ base: Base) { self.base = base }

    var isBroken: Bool {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }

    private func working() throws(StoreFailure) -> Base {
        if isBroken { throw StoreFailure(reason: "unreachable") }
        return base
    }
}

extension Breakable: VoteNonces where Base: VoteNonces {
    func issue(
        _ nonce: String, for request: ApprovalID, to approver: Pseudonym, now: Timestamp
    ) async throws(StoreFailure) {
        try await working().issue(nonce, for: request, to: approver, now: now)
    }
    func has(
        _ nonce: String, for request: ApprovalID, of approver: Pseudonym
    ) async throws(StoreFailure) -> Bool {
        try await working().has(nonce, for: request, of: approver)
    }
    func take(
        _ nonce: String, for request: ApprovalID, by approver: Pseudonym, now: Timestamp
    ) async throws(StoreFailure) -> Timestamp? {
        try await working().take(nonce, for: request, by: approver, now: now)
    }
}

extension Breakable: PasskeyChallenges where Base: PasskeyChallenges {
    func make(
        _ random: [UInt8], for purpose: ChallengePurpose, at now: BootTime
    ) async throws(StoreFailure) -> [UInt8] {
        try await working().make(random, for: purpose, at: now)
    }
    func isLive(
        _ challenge: [UInt8], for purpose: ChallengePurpose, at now: BootTime
    ) async throws(StoreFailure) -> Bool {
        try await working().isLive(challenge, for: purpose, at: now)
    }
    func isSpent(_ challenge: [UInt8]) async throws(StoreFailure) -> Bool {
        try await working().isSpent(challenge)
    }
    func spend(
        _ challenge: [UInt8], by holder: ChallengeHolder, at now: BootTime
    ) async throws(StoreFailure) -> ChallengeSpending {
        try await working().spend(challenge, by: holder, at: now)
    }
}

extension Breakable: PersonSessionEntries where Base: PersonSessionEntries {
    func begin(_ token: Digest, _ entry: PersonSessionEntry) async throws(StoreFailure) {
        try await working().begin(token, entry)
    }
    func find(
        _ token: Digest, at now: Timestamp, isUse: Bool
    ) async throws(StoreFailure) -> PersonSessionEntry? {
        try await working().find(token, at: now, isUse: isUse)
    }
    func sessions(
        of person: Pseudonym, at now: Timestamp
    ) async throws(StoreFailure) -> [Digest: PersonSessionEntry] {
        try await working().sessions(of: person, at: now)
    }
    func end(_ token: Digest) async throws(StoreFailure) { try await working().end(token) }
    func sweep(at now: Timestamp) async throws(StoreFailure) { try await working().sweep(at: now) }
}

extension Breakable: SessionProofs where Base: SessionProofs {
    func nonce(for session: Digest, at now: BootTime) async throws(StoreFailure) -> String {
        try await working().nonce(for: session, at: now)
    }
    func end(
        of nonce: String, for session: Digest, at now: BootTime
    ) async throws(StoreFailure) -> BootTime? {
        try await working().end(of: nonce, for: session, at: now)
    }
    func use(
        _ identifier: String, of session: Digest, until end: BootTime, at now: BootTime
    ) async throws(StoreFailure) -> ProofUse {
        try await working().use(identifier, of: session, until: end, at: now)
    }
    func sweep(at now: BootTime) async throws(StoreFailure) { try await working().sweep(at: now) }
}

extension Breakable: ReviewReadings where Base: ReviewReadings {
    func open(_ page: ReviewPageKey, at now: BootTime) async throws(StoreFailure) -> Bool {
        try await working().open(page, at: now)
    }
    func see(
        _ parts: Set<ReviewPart>, _ page: ReviewPageKey, at now: BootTime
    ) async throws(StoreFailure) { try await working().see(parts, page, at: now) }
    func progress(
        of page: ReviewPageKey, at now: BootTime
    ) async throws(StoreFailure) -> ReviewProgress? {
        try await working().progress(of: page, at: now)
    }
    func forget(_ page: ReviewPageKey) async throws(StoreFailure) {
        try await working().forget(page)
    }
}

extension Breakable: PageStatements where Base: PageStatements {
    func give(_ nonce: [UInt8], to page: ReviewPageKey) async throws(StoreFailure) {
        try await working().give(nonce, to: page)
    }
    func take(_ nonce: [UInt8], of page: ReviewPageKey) async throws(StoreFailure) -> Bool {
        try await working().take(nonce, of: page)
    }
}
