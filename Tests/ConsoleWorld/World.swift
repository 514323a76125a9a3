package import InterlockAdministration
package import InterlockApprovals
import InterlockCredentials
package import InterlockModel
package import InterlockPorts
import Synchronization

/// Requests and sessions in memory, behind the console's ports.
package final class ConsoleWorld: ApprovalInbox, PersonSessions, Clock {
    private struct State {
        var requests: [ApprovalID: ApprovalRequest] = [:]
        var sessions: [String: PersonSession] = [:]
        var keys: [String: PersonSessionKey] = [:]
        /// The identifiers of used proofs.
        var proofs: Set<String> = []
        var number = 0
        var actions: [InboxAction] = []
        var uses = 0
    }
    package let office = ConsoleOffice()
    private let state = Mutex(State())
    private let topics = ChangeNotifier<Void>()
    private let time: @Sendable () -> Timestamp
    private let verifier: any PersonSessionKeyVerifier

    /// - Parameter verifier: by default one that accepts the keys of `WorldKey`.
    package init(
        time: @escaping @Sendable () -> Timestamp = { ConsoleOffice.start },
        verifier: any PersonSessionKeyVerifier = WorldKey()
    ) {
        self.time = time
        self.verifier = verifier
    }

    package var now: ClockReading { ClockReading(wall: time(), boot: BootTime(microseconds: 0)) }
    package var actions: [InboxAction] { state.withLock { $0.actions } }
    /// The number of session look-ups that count as use.
    package var useCount: Int { state.withLock { $0.uses } }
    package var listenerCount: Int { topics.listenerCount }

    package func put(_ request: ApprovalRequest) {
        state.withLock { $0.requests[request.id] = request }
        topics.tell()
    }

    /// - Parameter key: the session's key; if nil, no proof is accepted.
    /// - Returns: the value of the session cookie.
    package func signIn(_ person: Int, key: PersonSessionKey? = WorldKey.point) -> String {
        state.withLock { state in
            state.number += 1
            let token = "session-token-number-\(state.number)"
            let voter = office.voter(person)
            state.sessions[token] = PersonSession(
                person: voter.person, pseudonym: voter.pseudonym,
                formToken: "form-token-\(state.number)", nonce: Self.nonce,
                id: office.hashing.sha256(Array(token.utf8).span))
            state.keys[token] = key
            return token
        }
    }

    package func signOut(_ token: String) { state.withLock { $0.sessions[token] = nil } }

    // MARK: Ports

    package func session(of token: String, isUse: Bool) async -> PersonSession? {
        state.withLock { state in
            if isUse { state.uses += 1 }
            return state.sessions[token]
        }
    }

    package func liveSessions(of person: Pseudonym) async -> [LiveSession]? {
        guard let passkey = PasskeyID(bytes: [7]) else { return nil }
        let now = time()
        return state.withLock { state in
            state.sessions.sorted { $0.key < $1.key }.compactMap { _, session in
                guard session.pseudonym == person, let id = session.id else { return nil }
                return LiveSession(
                    id: id, credential: passkey, began: now - .seconds(600),
                    seen: now - .seconds(60), ends: now + .seconds(1740))
            }
        }
    }

    package func endOthers(than session: PersonSession) async throws(StoreFailure) -> Int {
        state.withLock { state in
            let others = state.sessions.filter {
                $0.value.pseudonym == session.pseudonym && $0.value.id != session.id
            }
            for token in others.keys { state.sessions[token] = nil }
            return others.count
        }
    }

    package func made(_ formToken: String, for session: PersonSession) -> Bool {
        formToken == session.formToken
    }

    /// The nonce of every session; it never expires.
    package static let nonce = "nonce-of-tests"

    package func check(
        _ proof: SessionProof, of request: ProvenRequest, in token: String
    ) -> SessionProofFault? {
        guard proof.nonce == Self.nonce else { return .staleNonce }
        let message = request.message(nonce: proof.nonce, identifier: proof.identifier)
        guard let key = state.withLock({ $0.keys[token] }),
            verifier.verifies(proof.signature, of: message, by: key)
        else { return .badSignature }
        return state.withLock { $0.proofs.insert(proof.identifier).inserted } ? nil : .usedBefore
    }

    package func requests(for viewer: Person) async -> [ApprovalRequest] {
        state.withLock { Array($0.requests.values) }.filter { sees(viewer, $0) }
    }

    package func waitingCount(for viewer: Person) async -> Int {
        await requests(for: viewer).count { $0.waits(for: viewer) }
    }

    package func request(_ id: ApprovalID, for viewer: Person) async -> ApprovalRequest? {
        state.withLock { $0.requests[id] }.flatMap { sees(viewer, $0) ? $0 : nil }
    }

    private func sees(_ viewer: Person, _ request: ApprovalRequest) -> Bool {
        request.voters.contains { $0.person == viewer }
    }

    package func perform(
        _ action: InboxAction, on id: ApprovalID, revision: Int, by session: PersonSession
    ) async throws(ApprovalRefusal) {
        guard var request = state.withLock({ $0.requests[id] }) else { throw .noSuchRequest }
        guard revision == request.revision else { throw .revisionChanged }
        guard let person = office.people.firstIndex(of: session.person) else {
            throw .notEligible(.notMember)
        }
        switch action {
        case .deny:
            do { request = try office.voted(request, .deny, by: person, at: time()) } catch {
                throw error as? ApprovalRefusal ?? .badSignature
            }
        case .revoke(let text):
            guard request.state != .pending else { throw .notGranted }
            let objection = Objection(
                person: session.person, pseudonym: session.pseudonym, revision: revision,
                means: .session, reason: nil, text: text)
            if case .refused(let refusal) = request.handle(.object(objection), at: time()) {
                throw refusal
            }
        }
        state.withLock { $0.actions.append(action) }
        put(request)
    }

    package func changes() -> AsyncStream<Void> { topics.changes() }
}
