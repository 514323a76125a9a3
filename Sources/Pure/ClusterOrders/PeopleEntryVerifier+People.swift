import InterlockApprovals
import InterlockCluster
import InterlockModel

/// People, roles and credentials. The directory of one node decides; it begins with the people of the chain.
extension PeopleEntryVerifier {
    /// - Parameter envelopes: a revocation; a change of roles and its confirmation; or an invitation, what was enrolled
    ///   with it, and its confirmation.
    func personChange(
        _ envelopes: [Envelope], in context: StatementContext
    ) throws(StatementRefusal) -> OrderedChange {
        let first: PeopleOrder
        do throws(PeopleRefusal) { first = try PeopleOrder(envelopes[0]) } catch {
            throw StatementRefusal(error)
        }
        switch first.action {
        case .revoke: return try revocation(try sole(envelopes), in: context)
        case .role:
            guard envelopes.count == 2 else { throw .invalid("not a change and its confirmation") }
            return try roles(envelopes[0], confirmed: envelopes[1], in: context)
        case .invite:
            guard envelopes.count == 3 else {
                throw .invalid("not an invitation, a credential and its confirmation")
            }
            return try enrolment(
                envelopes[0], offer: envelopes[1], confirmed: envelopes[2], in: context)
        case .enrol, .confirm, .issueToken, .endToken, .delegate, .endDelegation,
            .issueAgentToken:
            throw .otherStatement
        }
    }

    private func revocation(
        _ envelope: Envelope, in context: StatementContext
    ) throws(StatementRefusal) -> OrderedChange {
        let accepted = try fresh(envelope, as: PeopleOrder.self, in: context)
        var directory = PeopleDirectory(of: context)
        do throws(PeopleRefusal) {
            let person = try directory.revoke(accepted, at: context.at)
            return .people(directory.trust, person.pseudonym)
        } catch { throw .unauthorized("\(error)") }
    }

    private func roles(
        _ change: Envelope, confirmed confirmation: Envelope, in context: StatementContext
    ) throws(StatementRefusal) -> OrderedChange {
        let asked = try earlier(change, in: context)
        let confirmation = try self.confirmation(confirmation, in: context).order
        var directory = PeopleDirectory(of: context)
        do throws(PeopleRefusal) {
            _ = try directory.ask(asked, at: asked.order.at)
            guard
                case .roles(let pending) = try directory.confirm(
                    confirmation, hashing: hashing, at: context.at),
                let person = directory.trust.person(pending.person)
            else { throw .noSuchOrder }
            return .people(try directory.completing(pending).trust, person.pseudonym)
        } catch { throw .unauthorized("\(error)") }
    }

    private func enrolment(
        _ invitation: Envelope, offer: Envelope, confirmed confirmation: Envelope,
        in context: StatementContext
    ) throws(StatementRefusal) -> OrderedChange {
        let invited = try earlier(invitation, in: context)
        let offered = try OfferedCredential(offer, of: context, verifiedBy: signatures)
        let (confirmation, id) = try self.confirmation(confirmation, in: context)
        guard offered.at <= context.at + OrderLimits.leeway else {
            throw .unauthorized("\(PeopleRefusal.staleOrder)")
        }
        var directory = PeopleDirectory(of: context)
        do throws(PeopleRefusal) {
            let made = try directory.invite(
                invited, hash: offered.invitation, pseudonym: offered.pseudonym,
                at: invited.order.at)
            let credential: NewCredential
            if let passkey = offered.passkey {
                credential = passkey
            } else {
                credential = .key(
                    try orders(in: context).key(offeredBy: offer, with: made, at: offered.at))
            }
            // The keys of nodes are in no list of the people.
            if case .key(let key) = credential, context.state.isOfNode(key) {
                throw .knownCredential
            }
            _ = try directory.enrol(made.hash, credential, id: id, at: offered.at)
            guard
                case .enrolment(let pending) = try directory.confirm(
                    confirmation, hashing: hashing, at: context.at)
            else { throw .noSuchOrder }
            return .people(
                try directory.completing(pending, at: context.at).trust, offered.pseudonym)
        } catch { throw .unauthorized("\(error)") }
    }

    /// Verifies the first of two orders. It was signed before the entry; its credential and role must still count.
    private func earlier(
        _ envelope: Envelope, in context: StatementContext
    ) throws(StatementRefusal) -> AcceptedPeopleOrder {
        do throws(PeopleRefusal) {
            let accepted = try orders(in: context).verify(
                envelope, as: PeopleOrder.self, .again(context.at))
            guard accepted.order.at <= context.at + OrderLimits.leeway else { throw .staleOrder }
            try PeopleDirectory(of: context).refuseNewPasskey(
                of: accepted, at: min(accepted.order.at, context.at))
            return accepted
        } catch { throw StatementRefusal(error) }
    }

    private func confirmation(
        _ envelope: Envelope, in context: StatementContext
    ) throws(StatementRefusal) -> (order: AcceptedPeopleOrder, of: OrderID) {
        let accepted = try fresh(envelope, as: PeopleOrder.self, in: context)
        guard case .confirm(let id, _) = accepted.order.action else { throw .otherStatement }
        do throws(PeopleRefusal) {
            try PeopleDirectory(of: context).refuseNewPasskey(of: accepted, at: context.at)
        } catch { throw StatementRefusal(error) }
        return (accepted, id)
    }
}

extension PeopleDirectory {
    /// The directory of a node that knows the people of the chain, of whom no change waits.
    init(of context: StatementContext) {
        self.init(trust: context.people, passkeys: context.people.passkeys)
    }
}

extension ChainState {
    /// Returns true if a node signs with this key, or did so before it was retired.
    func isOfNode(_ key: PublicKey) -> Bool {
        members.values.contains { member in
            [member.keys.log, member.keys.witness, member.keys.token].contains(key)
        }
    }
}
