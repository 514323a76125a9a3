/// The tables of the store whose rows carry what grants or starts something (docs/specs/cluster.md, section 3). The
/// body of each row is signed by a node and sealed.
package enum RowTable: String, Sendable, CaseIterable {
    case approval, vote, session, challenge, elevation, enrolment, revision, outbox

    /// The largest body in bytes, sealed. Those of the store are the same or higher.
    package var bodyLimit: Int {
        switch self {
        case .approval: 70 << 10
        case .vote, .outbox: 64 << 10
        case .session, .challenge: 8 << 10
        case .elevation, .enrolment, .revision: 256 << 10
        }
    }
}
