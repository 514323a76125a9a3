import InterlockApprovals
import InterlockCluster
import InterlockModel

extension PeopleEntryVerifier {
    /// The release of a server by one person with the role `security`. Whether the server is as in the lock is for the
    /// nodes, each of which compares it before it offers anything.
    func quarantineEnd(
        _ envelopes: [Envelope], in context: StatementContext
    ) throws(StatementRefusal) -> OrderedChange {
        let order = try fresh(try sole(envelopes), as: ServerOrder.self, in: context).order
        guard order.content.action == .release else { throw .otherStatement }
        return .quarantineEnd(order.content.server, signed: order.at)
    }

    /// The order of one person with the role `resume`. The chain does not say whose agent the run is, so that the owner
    /// needs the role too.
    func pauseEnd(
        _ envelopes: [Envelope], in context: StatementContext
    ) throws(StatementRefusal) -> OrderedChange {
        let order = try fresh(try sole(envelopes), as: RunOrder.self, in: context).order
        guard order.action == .unpause else { throw .otherStatement }
        return .pauseEnd(order.run, signed: order.at)
    }
}
