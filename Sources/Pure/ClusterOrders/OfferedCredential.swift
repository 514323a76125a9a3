import InterlockApprovals
import InterlockCluster
import InterlockJSON
import InterlockModel

/// A credential that was made with an invitation, as the second statement of an enrolment has it: a key that signs its
/// own offer, or a passkey by the statement of the node that registered it.
struct OfferedCredential {
    let invitation: Digest
    let pseudonym: Pseudonym
    /// Is nil for a key, which its own offer states.
    let passkey: NewCredential?
    let at: Timestamp

    init(
        _ envelope: Envelope, of context: StatementContext,
        verifiedBy verifier: any SignatureVerifier
    ) throws(StatementRefusal) {
        guard envelope.payloadType == EnrolmentStatement.payloadType else { throw .otherStatement }
        guard let signer = envelope.soleSigner(verifiedBy: verifier) else {
            throw StatementRefusal(OrderRefusal.badSignature)
        }
        if let order = try? PeopleOrder(parsing: envelope.payload) {
            guard case .enrol(let invitation) = order.action else { throw .otherStatement }
            try Self.expect(order.org, of: context)
            self.invitation = invitation
            pseudonym = order.author
            passkey = nil
            at = order.at
        } else {
            let statement: EnrolmentStatement
            do throws(FormError) {
                statement = try EnrolmentStatement(parsing: envelope.payload)
            } catch { throw StatementRefusal(OrderRefusal.form(error)) }
            try Self.expect(statement.org, of: context)
            let isByNode = context.state.members.values.contains {
                $0.status == .admitted && $0.keys.log == signer
            }
            guard isByNode else { throw StatementRefusal(OrderRefusal.unknownKey) }
            invitation = statement.invitation
            pseudonym = statement.pseudonym
            passkey = statement.credential
            at = statement.at
        }
    }

    private static func expect(
        _ org: String, of context: StatementContext
    ) throws(StatementRefusal) {
        guard sameBytes(org, context.people.org) else {
            throw StatementRefusal(OrderRefusal.otherOrganisation(org))
        }
    }
}
