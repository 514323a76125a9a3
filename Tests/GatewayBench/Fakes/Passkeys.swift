import InterlockApprovals
import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockPorts
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockGovernor

/// A passkey for each of these people. An assertion consists of the returned challenge and a counter; the real checks
/// of assertions are tested elsewhere.
final class Passkeys: PasskeyDirectory {
    private struct State {
        var held: [PasskeyID: EnrolledPasskey] = [:]
        var suspended: [PasskeyID] = []
        var isSlower = false
        var fails = false
        var began = Timestamp(microseconds: 0)
    }

    private let names: [String]
    private let isFounding: Bool
    private let state = Mutex(State())

    init(_ names: String..., isFounding: Bool = true) {
        self.names = names
        self.isFounding = isFounding
    }

    var voting: PeoplePasskeys {
        PeoplePasskeys(register: self, verifier: Echo(), since: state.withLock { $0.began })
    }
    /// Simulates a restart; counters are preserved.
    func restart(at now: Timestamp) { state.withLock { $0.began = now } }
    var suspended: [PasskeyID] { state.withLock { $0.suspended } }
    func counter(of name: String) -> UInt32? {
        state.withLock { $0.held[Self.id(of: name)]?.counter }
    }

    /// Lets another assertion of the same passkey always arrive first from now on.
    func beSlower() { state.withLock { $0.isSlower = true } }
    /// Makes every further write of a counter fail.
    func fail() { state.withLock { $0.fails = true } }

    /// - Returns: the passkeys, which the directory holds from now on.
    func enrolled(at now: Timestamp) -> [EnrolledPasskey] {
        let passkeys = names.map { name in
            EnrolledPasskey(
                id: Self.id(of: name), holder: People.all[name].pseudonym, algorithm: .es256,
                publicKey: Array(name.utf8), relyingParty: "localhost", counter: 7, added: now,
                founding: isFounding)
        }
        state.withLock { state in
            for passkey in passkeys where state.held[passkey.id] == nil {
                state.held[passkey.id] = passkey
            }
        }
        return passkeys
    }

    static func id(of name: String) -> PasskeyID {
        guard let id = PasskeyID(bytes: Array(name.utf8)) else {
            preconditionFailure("a name of the tests is no id")
        }
        return id
    }

    func passkey(_ id: PasskeyID) -> EnrolledPasskey? { state.withLock { $0.held[id] } }

    func person(_ pseudonym: Pseudonym) -> Person? {
        names.map { People.all[$0] }.first { $0.pseudonym == pseudonym }?.person
    }

    func count(_ id: PasskeyID, _ counter: UInt32) async throws(StoreFailure) -> Bool {
        try state.withLock { state throws(StoreFailure) in
            if state.fails { throw StoreFailure(reason: "a test") }
            guard !state.isSlower, let old = state.held[id] else { return false }
            state.held[id] = EnrolledPasskey(
                id: old.id, holder: old.holder, algorithm: old.algorithm,
                publicKey: old.publicKey, relyingParty: old.relyingParty, counter: counter,
                added: old.added, founding: old.founding)
            return true
        }
    }

    func suspend(_ id: PasskeyID) async { state.withLock { $0.suspended.append(id) } }

    /// Accepts an assertion whose client data is the challenge, and whose signature is the passkey's public key.
    static let verifier: any AssertionVerifier = Echo()

    private struct Echo: AssertionVerifier {
        func verify(
            _ assertion: PasskeyAssertion, challenge: [UInt8], by passkey: EnrolledPasskey
        ) throws(AssertionRefusal) -> AssertionFinding {
            guard assertion.clientDataJSON == challenge else { throw .wrongChallenge }
            guard assertion.signature == passkey.publicKey else { throw .badSignature }
            let counter = UInt32(assertion.authenticatorData[0])
            if let last = passkey.counter, counter <= last { throw .counterWentBack }
            return AssertionFinding(counter: counter, isSynced: false)
        }
    }
}

extension Passkeys {
    /// The draft as this person's device signs it.
    ///
    /// - Parameter payload: the payload that is sent in its place, or nil for its own.
    static func signed(
        _ draft: OrderDraft, by name: String, counter: UInt8 = 8, payload: [UInt8]? = nil
    ) throws -> Envelope {
        Envelope(
            payloadType: draft.payloadType, payload: payload ?? draft.payload,
            signatures: [
                .passkey(
                    try PasskeyAssertion(
                        credential: id(of: name), authenticatorData: [counter],
                        clientDataJSON: draft.challenge, signature: Array(name.utf8)))
            ])
    }
}

extension Bench {
    /// The assertion that this person's device makes for the current revision of a request.
    func assertion(
        _ verdict: Vote.Verdict = .approve, on id: ApprovalID, by name: String, counter: UInt8 = 8
    ) async throws -> VoteProof {
        let request = try #require(approvals[id])
        let approver = People.all[name].pseudonym
        let nonce = try await approvals.challenge(id, for: approver)
        let statement = try Vote(
            on: request, verdict, approver: approver, nonce: try #require(Base64.decodeURL(nonce))
        ).canonical()
        return .passkey(
            statement: statement,
            try PasskeyAssertion(
                credential: Passkeys.id(of: name), authenticatorData: [counter],
                clientDataJSON: VoteProof.challenge(statement, OpenSSLHashing()).bytes,
                signature: Array(name.utf8)))
    }
}
