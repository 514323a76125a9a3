package import InterlockModel
import InterlockPolicy

/// The reason why a revision does not count as signed off.
package enum SignOffRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is no `interlock.signoff`.
    case unsigned
    case malformed(FormError)
    /// The file is about another revision. The value names what differs: `digest`, `tests`, or a path of
    /// `files`.
    case otherRevision(String)
    /// A signature does not verify, or is by another person's key or passkey.
    case badSignature(Person)
    /// The signature is by passkey, and this node has no console that passkeys are made for.
    case unjudgedPasskey(Person)
    /// The person whom others name as the author has not signed, so the real author could be among them.
    case unsignedByAuthor(Person)
    case tooFewPeople(SignOffShortfall)

    package var description: String {
        switch self {
        case .unsigned: "the revision is not signed: there is no `interlock.signoff`"
        case .malformed(let error): "`interlock.signoff` is malformed: \(error)"
        case .otherRevision(let part):
            "`interlock.signoff` is of another revision: `\(part)` differs"
        case .badSignature(let person):
            "the signature of `\(person)` in `interlock.signoff` does not verify"
        case .unjudgedPasskey(let person):
            "`\(person)` has signed `interlock.signoff` by passkey, which nothing here can judge: there is no console"
        case .unsignedByAuthor(let person):
            "`\(person)` is the author of the revision by `interlock.signoff` and has not signed it"
        case .tooFewPeople(let shortfall): shortfall.words
        }
    }

    /// The advice for people, or nil if the reason says it.
    package var remedy: String? {
        switch self {
        case .unsigned, .otherRevision:
            "its author signs first, then others: `interlock policy diff OLD NEW --sign KEY`, where OLD "
                + "is the policy in force"
        case .unsignedByAuthor(let person):
            "`\(person)` signs with `interlock policy diff OLD NEW --sign KEY`; if another person is the "
                + "author, remove `interlock.signoff` and sign first"
        case .tooFewPeople(let shortfall): shortfall.remedy
        case .malformed, .badSignature, .unjudgedPasskey: nil
        }
    }
}

/// Verifies sign-offs by enrolled keys and passkeys: of an owner of the policy in force or the role
/// `security`, never of the author, who signs to claim the work. A person counts once, whatever they signed
/// with. For the first revision, and while no other person is enrolled, the author's signature suffices
/// (decision 0041).
///
/// INVARIANT: a sign-off by passkey covers the displayed revision and comes from an entitled person; it is verified
/// before it is written and when it is read. Kept by `SignOffPasskeyTests`, `SignOffServiceTests`,
/// `test_signed_off_by_passkey.py`.
package struct SignOffVerifier: Sendable {
    var trust: AuthorizedKeys { orders.trust }
    private let orders: SignedOrderVerifier
    private let judgesPasskeys: Bool

    /// - Parameter passkeys: the verifier of passkeys, or nil if signing by passkey is not configured. A
    ///   signature by passkey then refuses the whole sign-off.
    package init(
        trust: AuthorizedKeys, verifier: any SignatureVerifier,
        passkeys: EnrolledPasskeyVerifier? = nil
    ) {
        orders = SignedOrderVerifier(trust: trust, verifier: verifier, passkeys: passkeys)
        judgesPasskeys = passkeys != nil
    }

    /// - Parameters:
    ///   - owners: the owners of the revision in force; a revision cannot name its own signers.
    ///   - alone: the basis on which the author's own signature suffices, or nil if other people must sign.
    ///   - now: credentials that have expired or were revoked by then do not count.
    package func judge(
        _ signOff: SignOff?, of identity: RevisionIdentity, owners: Set<Person>,
        comparison: RevisionComparison, alone: SignOffBasis? = nil, at now: Timestamp
    ) throws(SignOffRefusal) -> SufficientSignOff {
        guard let signOff else { throw .unsigned }
        try compare(signOff.identity, identity)
        var signers: Set<Person> = []
        var isAuthorsOwn = false
        var uncounted = 0
        for signature in signOff.signatures {
            switch try worth(of: signature, in: signOff, owners: owners, at: now) {
            case .counts(let person): signers.insert(person)
            case .authors: isAuthorsOwn = true
            case .nothing: uncounted += 1
            }
        }
        guard isAuthorsOwn else { throw .unsignedByAuthor(signOff.author) }
        let need = comparison.signersNeeded
        if signers.count >= need {
            return SufficientSignOff(signers: signers.sorted(), basis: .people)
        }
        if let alone, maySign(signOff.author, owners: owners) {
            signers.insert(signOff.author)
            return SufficientSignOff(signers: signers.sorted(), basis: alone)
        }
        let candidates = trust.people.map(\.person).filter { person in
            person != signOff.author && !signers.contains(person)
                && maySign(person, owners: owners)
        }
        throw .tooFewPeople(
            SignOffShortfall(
                author: signOff.author, signers: signers.sorted(), candidates: candidates.sorted(),
                uncounted: uncounted, comparison: comparison))
    }

    /// The basis on which the author's signature suffices, or nil if other people must sign. A person whose
    /// keys are all revoked still counts as enrolled: one person cannot become the only one by revoking.
    ///
    /// - Parameter isFirst: true if no revision was signed off before.
    package func basisAlone(isFirst: Bool) -> SignOffBasis? {
        guard !isFirst else { return .founding }
        return trust.people.count == 1 ? .single : nil
    }

    /// Returns true if a signature of this person counts for a revision that another person wrote.
    func maySign(_ person: Person, owners: Set<Person>) -> Bool {
        owners.contains(person) || trust.person(person)?.roles.contains(.security) == true
    }

    /// The effect of one signature.
    enum Worth: Hashable {
        case counts(Person)
        /// The author claims the work.
        case authors
        /// The key is unknown, revoked or expired, or the person may not sign.
        case nothing
    }

    func worth(
        of signature: SignOff.Signature, in signOff: SignOff, owners: Set<Person>, at now: Timestamp
    ) throws(SignOffRefusal) -> Worth {
        let statement: [UInt8]
        do throws(FormError) { statement = try signOff.statement() } catch {
            throw .malformed(error)
        }
        let message = preAuthenticationEncoding(PayloadType.signOff.text, statement)
        guard let judged = try judged(signature, over: message, at: now) else { return .nothing }
        let person = judged.person
        guard person.person == signature.by else { throw .badSignature(signature.by) }
        guard !judged.isExpired else { return .nothing }
        guard person.person != signOff.author else { return .authors }
        guard maySign(person.person, owners: owners) else { return .nothing }
        return .counts(person.person)
    }

    /// Returns nil if the signature is by a credential that was revoked, or by an unknown key. An unknown
    /// passkey leaves no public key to verify with, so its signature is refused.
    private func judged(
        _ signature: SignOff.Signature, over message: [UInt8], at now: Timestamp
    ) throws(SignOffRefusal) -> VerifiedSignature? {
        let isByKey = signature.made.key != nil
        guard isByKey || judgesPasskeys else { throw .unjudgedPasskey(signature.by) }
        do throws(OrderRefusal) {
            // The counter of a passkey was compared when the signature came in.
            return try orders.judge(signature.made, over: message, .again(now))
        } catch {
            switch error {
            case .revokedKey: return nil
            case .unknownKey where isByKey: return nil
            default: throw .badSignature(signature.by)
            }
        }
    }

    private func compare(
        _ signed: RevisionIdentity, _ found: RevisionIdentity
    ) throws(SignOffRefusal) {
        guard signed.digest == found.digest else { throw .otherRevision("digest") }
        guard signed.tests == found.tests else { throw .otherRevision("tests") }
        let paths = Set(signed.files.keys).union(found.files.keys).sorted()
        for path in paths where signed.files[path] != found.files[path] {
            throw .otherRevision("files.\(path)")
        }
    }
}
