import InterlockCluster
import InterlockModel
import InterlockPolicyReview

extension PeopleEntryVerifier {
    /// The sign-off of a revision by its author and two people with the role `security`, or by the author alone where one
    /// node takes that. Neither policy is read, since nodes that join read old revisions too: each counts as one that
    /// cannot be compared, and owners of a policy count only by their roles.
    func revision(
        _ envelopes: [Envelope], in context: StatementContext
    ) throws(StatementRefusal) -> OrderedChange {
        let envelope = try sole(envelopes)
        guard envelope.payloadType == .signOff else { throw .otherStatement }
        let signOff = try signOff(envelope, in: context)
        guard let digest = signOff.identity.whole(hashing) else {
            throw .invalid("the sign-off has no canonical form")
        }
        let verifier = SignOffVerifier(
            trust: context.people, verifier: signatures, passkeys: passkeys(of: context.people))
        do throws(SignOffRefusal) {
            _ = try verifier.judge(
                signOff, of: signOff.identity, owners: [], comparison: .notComparable,
                alone: verifier.basisAlone(isFirst: context.state.revision == nil),
                at: context.at)
        } catch { throw StatementRefusal(error) }
        return .revision(digest, after: signOff.after)
    }

    /// Reads a sign-off as the file has it. Its signatures are not verified.
    private func signOff(
        _ envelope: Envelope, in context: StatementContext
    ) throws(StatementRefusal) -> SignOff {
        var signatures: [SignOff.Signature] = []
        for made in envelope.signatures {
            guard let person = context.people.holder(of: made.credential) else {
                throw StatementRefusal(OrderRefusal.unknownKey)
            }
            signatures.append(
                SignOff.Signature(by: person, at: context.at.wholeSecond, made: made))
        }
        do throws(FormError) {
            let stated = try SignOff(statement: envelope.payload)
            return SignOff(
                identity: stated.identity, author: stated.author, after: stated.after,
                signatures: signatures)
        } catch { throw StatementRefusal(OrderRefusal.form(error)) }
    }
}

extension AuthorizedKeys {
    /// Returns the person who holds a credential, also if it is revoked.
    func holder(of credential: CredentialName) -> Person? {
        switch credential {
        case .key(let key): holder(of: key)?.person.person
        case .passkey(let id): passkey(id).flatMap { person($0.holder)?.person }
        }
    }
}

extension StatementRefusal {
    init(_ refusal: SignOffRefusal) {
        switch refusal {
        case .malformed, .otherRevision, .badSignature: self = .invalid("\(refusal)")
        case .unsigned, .unjudgedPasskey, .unsignedByAuthor, .tooFewPeople:
            self = .unauthorized("\(refusal)")
        }
    }
}
