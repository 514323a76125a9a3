package import InterlockModel

/// Why a revision does not count as signed off.
package enum SignOffRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is no `interlock.signoff`.
    case unsigned
    case malformed(FormError)
    /// It is about another revision: `digest`, `tests`, or a path of `files`.
    case otherRevision(String)
    /// A signature does not verify, or its key is another person's.
    case badSignature(Person)
    /// Whoever others name as the author has not signed, so that the real one could be among them.
    case unsignedByAuthor(Person)
    case tooFewPeople(have: Int, need: Int, RevisionComparison)

    package var description: String {
        switch self {
        case .unsigned: "the revision is not signed: there is no `interlock.signoff`"
        case .malformed(let error): "`interlock.signoff` is malformed: \(error)"
        case .otherRevision(let part):
            "`interlock.signoff` is of another revision: `\(part)` differs"
        case .badSignature(let person):
            "the signature of `\(person)` in `interlock.signoff` does not verify"
        case .unsignedByAuthor(let person):
            "`\(person)` is the author of the revision by `interlock.signoff` and has not signed it"
        case .tooFewPeople(let have, let need, let comparison):
            "signed by \(have) of \(need) people other than the author who may sign (\(comparison.rawValue))"
        }
    }
}

/// Judges sign-offs by enrolled keys: an owner of the policy in force or the role `security`, never the
/// author, who signs that it is their work.
package struct SignOffJudge: Sendable {
    let trust: TrustFile
    private let verifier: any SignatureVerifier

    package init(trust: TrustFile, verifier: any SignatureVerifier) {
        self.trust = trust
        self.verifier = verifier
    }

    /// - Parameters:
    ///   - owners: of the revision in force; a revision cannot name its own judges.
    ///   - now: keys that have expired or were revoked by then do not count.
    /// - Returns: the people whose signatures count, sorted.
    package func signers(
        _ signOff: SignOff?, of identity: RevisionIdentity, owners: Set<Person>,
        comparison: RevisionComparison, at now: Timestamp
    ) throws(SignOffRefusal) -> [Person] {
        guard let signOff else { throw .unsigned }
        try compare(signOff.identity, identity)
        var signers: Set<Person> = []
        var isAuthorsOwn = false
        for signature in signOff.signatures {
            switch try worth(of: signature, in: signOff, owners: owners, at: now) {
            case .counts(let person): signers.insert(person)
            case .authors: isAuthorsOwn = true
            case .nothing: continue
            }
        }
        guard isAuthorsOwn else { throw .unsignedByAuthor(signOff.author) }
        let need = comparison.signersNeeded
        guard signers.count >= need else {
            throw .tooFewPeople(have: signers.count, need: need, comparison)
        }
        return signers.sorted()
    }

    /// What one signature is worth.
    enum Worth: Hashable {
        case counts(Person)
        /// That it is the author's work.
        case authors
        /// By a key that nobody holds any more, or of somebody who may not sign.
        case nothing
    }

    func worth(
        of signature: SignOff.Signature, in signOff: SignOff, owners: Set<Person>,
        at now: Timestamp
    ) throws(SignOffRefusal) -> Worth {
        let statement: [UInt8]
        do throws(FormError) { statement = try signOff.statement() } catch {
            throw .malformed(error)
        }
        let message = preAuthenticationEncoding(PayloadType.signOff.text, statement)
        guard verifier.verifies(signature.bytes, of: message, by: signature.key.bytes) else {
            throw .badSignature(signature.by)
        }
        guard let (person, key) = trust.holder(of: signature.key) else { return .nothing }
        guard person.person == signature.by else { throw .badSignature(signature.by) }
        guard !key.isRevoked, !key.isExpired(at: now) else { return .nothing }
        guard person.person != signOff.author else { return .authors }
        guard owners.contains(person.person) || person.roles.contains(.security) else {
            return .nothing
        }
        return .counts(person.person)
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
