import InterlockAdministration
import InterlockModel

/// What `/halt` shows, as values.
struct HaltListView {
    let epoch: Int64
    let node: String
    /// The newest first.
    let halts: [ActiveHalt]
    /// Since this gateway started, and not in force any more; the newest first.
    let ended: [ActiveHalt]
    let points: [PointReport]
    /// The oldest first.
    let releases: [ReleaseProposal]
    /// nil where the console is shown without drills.
    let drills: DrillListView?
    let signer: OrderSigner
    let now: Timestamp

    static let mostEnded = 20
}

/// How the rehearsals stand.
struct DrillListView {
    let standing: DrillStatus
    /// The newest first; nil when they cannot be read, which counts as overdue.
    let drills: [ListedDrill]?
    /// Whether the gateway begins them by itself.
    let isAuto: Bool
    let at: String

    static let most = 20
}
