import InterlockCluster
import InterlockModel
import InterlockPolicy

extension PeopleEntryVerifier {
    /// The request of one person, and the approvals that the policy in force demands, the last of which grants it.
    func elevation(
        _ envelopes: [Envelope], in context: StatementContext
    ) throws(StatementRefusal) -> OrderedChange {
        guard let revision = context.state.revision else {
            throw .unauthorized("no revision of a policy is in force")
        }
        guard let policy = policies(revision) else { throw .notJudged }
        do throws(ElevationRefusal) {
            let request = try granted(envelopes, under: policy, in: context)
            return .elevation(request.id, until: request.order.until)
        } catch { throw StatementRefusal(error) }
    }

    private func granted(
        _ envelopes: [Envelope], under policy: PolicySnapshot, in context: StatementContext
    ) throws(ElevationRefusal) -> ElevationRequest {
        let orders = orders(in: context)
        let proposal = try orders.verify(
            envelopes[0], as: ElevationOrder.self, .again(context.at))
        var request = try ElevationRequest(proposal, at: context.at)
        let terms = try ElevationRules(policy).terms(of: request.order)
        try refuseHalted(request.order, under: policy, in: context)
        for envelope in envelopes.dropFirst() {
            let approval = try orders.approval(
                envelope, of: proposal, at: context.at, isStored: true)
            _ = try request.approve(approval, under: terms, at: context.at)
        }
        guard request.state == .granted else {
            throw .order(.tooFewPeople(have: request.approvals.count, need: terms.need))
        }
        return request
    }

    /// An owner who is not enrolled matches each halt of an owner.
    private func refuseHalted(
        _ order: ElevationOrder, under policy: PolicySnapshot, in context: StatementContext
    ) throws(ElevationRefusal) {
        let owner = policy.agents[order.agent]?.owner.flatMap {
            context.people.person($0)?.pseudonym
        }
        let halt = context.state.halts.match(
            agent: order.agent, owner: owner, server: nil, tool: nil, run: nil)
        if let halt { throw .halted(halt.id) }
    }
}
