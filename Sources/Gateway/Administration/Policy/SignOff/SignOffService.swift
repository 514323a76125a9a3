package import InterlockEvidence
package import InterlockGovernor
package import InterlockModel
import InterlockPolicy
package import InterlockPolicyReview
package import InterlockPorts

/// Adds signatures to the revision in review, which waits on disk or is the first one (decision 0069); while the gateway
/// runs, nothing else does. It writes `interlock.signoff`; whether the signatures suffice is evaluated, as for every revision, when the policy is read again.
package final class SignOffService: Sendable {
    private let gateway: Gateway
    private let policies: PolicyService
    private let people: AuthorizedKeysHolder
    private let verifier: any SignatureVerifier
    private let passkeys: OrderPasskeys<SignOffActionRefusal>
    private let hashing: any Hashing
    private let keeper: any PendingSignOffStore
    private let gate = AsyncGate()

    /// The largest statement in bytes: its base64 and the signature must fit into one request.
    package static let largest = OrderLimits.bytes / 2

    package init(
        gateway: Gateway, policies: PolicyService, people: AuthorizedKeysHolder,
        verifier: any SignatureVerifier, passkeys: PeoplePasskeys?, hashing: any Hashing,
        keeper: any PendingSignOffStore
    ) {
        self.gateway = gateway
        self.policies = policies
        self.people = people
        self.verifier = verifier
        self.passkeys = OrderPasskeys(gateway: gateway, people: passkeys)
        self.hashing = hashing
        self.keeper = keeper
    }

    /// - Returns: the sign-off that a statement adds to, without the new signature.
    private func open(_ stated: SignOff) throws(SignOffActionRefusal) -> SignOff {
        let candidate = try candidate()
        guard candidate.identity == stated.identity else { throw .changed }
        guard let found = candidate.signOff, found.identity == stated.identity else {
            return stated
        }
        guard found.author == stated.author, found.after == stated.after else { throw .changed }
        return found
    }

    private func candidate() throws(SignOffActionRefusal) -> PolicyRevision {
        guard let reviewed = policies.inReview else { throw .changed }
        guard case .signOff = reviewed.refusal else {
            throw .otherwiseRefused(reviewed.refusal.code)
        }
        return reviewed.candidate
    }

    /// Checks that this person's signature would add something. The first signature must be the author's, whose own
    /// must count if no other is needed.
    private func check(_ person: TrustedPerson, signs signOff: SignOff) throws(SignOffActionRefusal)
    {
        let (candidate, signer) = (try candidate(), person.person)
        let visibility = Visibility(person: signer, roles: person.roles, own: [])
        guard policies.active.snapshot.isRead(by: visibility) else { throw .notEntitled(signer) }
        // Only the signers and the people who may sign matter here, so any meaning will do.
        guard let progress = policies.progress(of: candidate, meaning: .notComparable) else {
            throw .notRead
        }
        guard signer != signOff.author else {
            guard !progress.isAuthors else { throw .signedAlready(signer) }
            guard progress.author != nil || progress.mayBeAuthor(signer) else {
                throw .notEntitled(signer)
            }
            return
        }
        guard progress.author != nil else { throw .changed }
        guard progress.eligible.contains(signer) else { throw .notEntitled(signer) }
        guard !progress.signers.contains(signer) else { throw .signedAlready(signer) }
    }

    /// Verifies the envelope and returns its signature with the signer.
    private func judged(
        _ envelope: Envelope, by trust: AuthorizedKeys
    ) async throws(SignOffActionRefusal) -> VerifiedSignature {
        let orders = SignedOrderVerifier(
            trust: trust, verifier: verifier, passkeys: passkeys.judge(hashing))
        let judged = try await passkeys.believed(envelope) { () throws(SignOffActionRefusal) in
            do throws(OrderRefusal) {
                return try orders.sole(of: envelope, .now(gateway.clock.wall))
            } catch { throw SignOffActionRefusal(error) }
        }
        guard !judged.isExpired else { throw .expired }
        return judged
    }

    private func keep(_ signOff: SignOff) async throws(SignOffActionRefusal) {
        do throws(StoreFailure) { try await keeper.keep(signOff) } catch {
            gateway.ports.log(
                LogLine("cannot write the sign-off: \(error.reason)", .error, part: "policy"))
            throw .notRecorded("interlock.signoff")
        }
    }
}

extension SignOffService: SignOffActions {
    package func draft(
        of seen: Digest, over active: Digest, for visibility: Visibility
    ) throws(SignOffActionRefusal) -> OrderDraft {
        guard policies.active.snapshot.isRead(by: visibility), let viewer = visibility.person else {
            throw .missing
        }
        guard let trust = people.trust, let person = trust.person(viewer) else { throw .notRead }
        let candidate = try candidate()
        guard candidate.identity.whole(hashing) == seen,
            policies.active.identity.whole(hashing) == active
        else { throw .changed }
        let signOff = candidate.signOff(for: person.person)
        try check(person, signs: signOff)
        let payload: [UInt8]
        do throws(FormError) { payload = try signOff.statement() } catch { throw .form(error) }
        guard payload.count <= Self.largest else { throw .tooLarge }
        return OrderDraft(.signOff, payload, for: person.pseudonym, trust: trust, hashing: hashing)
    }

    /// Writes the counter, then the file, then reloads. If the process dies after the counter, nothing was signed and
    /// the person signs again; if it dies after the file, the next start or reload evaluates the file.
    package func take(_ envelope: Envelope) async throws(SignOffActionRefusal) -> TakenSignOff {
        guard envelope.payloadType == .signOff, envelope.signatures.count == 1 else {
            throw .otherKind
        }
        let stated: SignOff
        do throws(FormError) { stated = try SignOff(statement: envelope.payload) } catch {
            throw .form(error)
        }
        guard let trust = people.trust else { throw .notRead }
        await gate.enter()
        defer { gate.leave() }
        // If the envelope is sent twice or is outdated, no counter is compared, so no passkey is suspended.
        let before = try open(stated)
        let twin = before.signatures.first { known in
            envelope.signatures.contains { known.made.isOfSameUse(as: $0) }
        }
        if let twin { throw .signedAlready(twin.by) }
        let judged = try await judged(envelope, by: trust)
        // Reads the disk again: another person may have signed with a key, or edited the files.
        await policies.reload(.folder)
        try check(judged.person, signs: try open(stated))
        try await passkeys.count([judged])
        // Reads the disk once more, because storing the counter took a while.
        await policies.reload(.folder)
        var signOff = try open(stated)
        let at = gateway.clock.wall.wholeSecond
        do throws(FormError) {
            try signOff.add(
                SignOff.Signature(by: judged.person.person, at: at, made: judged.signature))
        } catch { throw .form(error) }
        try await keep(signOff)
        // The monitor of the folder would reload too, a second later.
        await policies.reload(.folder)
        guard !policies.isSignedOff(signOff.identity) else { return .inForce }
        return .waits(policies.inReview.map { "\($0.refusal)" } ?? "it is read again in a moment")
    }
}

/// Signatures of the waiting revision on the people plane. An envelope proves by itself who signed what, so its sender
/// does not matter.
package protocol SignOffActions: Sendable {
    /// Returns the statement for this person's passkey to sign. Stores nothing.
    ///
    /// - Parameters:
    ///   - seen: the digest of everything that a signature covers, of the revision that the person was shown.
    ///   - active: the same of the policy in force that it was compared with there.
    func draft(
        of seen: Digest, over active: Digest, for visibility: Visibility
    ) throws(SignOffActionRefusal) -> OrderDraft

    /// Adds one signature by an enrolled key or passkey, after verifying it. The sign-off is durable on return, and the
    /// revision is in force if this was the last signature that it waited for.
    func take(_ envelope: Envelope) async throws(SignOffActionRefusal) -> TakenSignOff
}

/// The result of an accepted signature.
package enum TakenSignOff: Sendable, Hashable {
    case inForce
    /// The revision still waits; with the reason in words.
    case waits(String)
}

/// The store of `interlock.signoff`, which belongs to the waiting revision.
package protocol PendingSignOffStore: Sendable {
    /// Replaces the file as a whole: a reader sees either the old or the new one. Durable on return; after an error
    /// either may be there.
    func keep(_ signOff: SignOff) async throws(StoreFailure)
}

/// The reason why a sign-off was not drafted or not taken. The sign-off file has not changed.
package enum SignOffActionRefusal: SignedOrderRefusal, Hashable, Sendable, CustomStringConvertible {
    /// No revision that this person may read is waiting.
    case missing
    /// The waiting revision is not the one that was shown, or another person has meanwhile signed as its author.
    case changed
    /// The revision waits for something other than signatures.
    case otherwiseRefused(String)
    case notEntitled(Person)
    case signedAlready(Person)
    case form(FormError)
    case otherKind
    case signature(OrderRefusal)
    case expired
    /// The revision has more files than the people plane accepts in one order.
    case tooLarge
    /// The authorized keys cannot be read, or do not contain the person.
    case notRead
    /// The passkey's counter or the file could not be written.
    case notRecorded(String)

    package init(_ refusal: OrderRefusal) {
        if case .notRecorded(let place) = refusal {
            self = .notRecorded(place)
        } else {
            self = .signature(refusal)
        }
    }

    package var copy: PasskeyID? {
        if case .signature(let refusal) = self { refusal.copy } else { nil }
    }

    package var description: String {
        switch self {
        case .missing: "no proposed revision, or no access"
        case .changed: "read what waits now, and sign that"
        case .otherwiseRefused(let reason): "it waits for something else: \(reason)"
        case .notEntitled(let person):
            "`\(person)` is neither an owner of the policy in force nor has the role `security`"
        case .signedAlready(let person): "`\(person)` has signed it already"
        case .form(let error): "the statement is malformed: \(error)"
        case .otherKind:
            "a statement of `\(PayloadType.signOff.text)` with one signature is expected"
        case .signature(let refusal): Self.words(of: refusal)
        case .expired: "the credential has expired"
        case .tooLarge: "it has more files than can be signed here; the command line can sign it"
        case .notRead: "who is enrolled cannot be read"
        case .notRecorded(let place): "nothing was signed: `\(place)` could not be written"
        }
    }

    private static func words(of refusal: OrderRefusal) -> String {
        switch refusal {
        case .badSignature: "the signature does not verify"
        case .badAssertion(let refusal): "the passkey's answer is not believed: \(refusal.rawValue)"
        case .copiedPasskey: "the passkey's counter went back: a copy of it may be in use"
        case .unknownKey: "no enrolled person holds this key or passkey"
        case .revokedKey: "the key or passkey was revoked"
        default: "\(refusal)"
        }
    }
}
