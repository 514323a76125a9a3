import InterlockAdministration
import InterlockModel

/// The values that `/halt` shows.
struct HaltListView {
    let epoch: Int64
    let node: String
    /// The active halts, newest first.
    let halts: [ActiveHalt]
    /// The halts that ended since this gateway started, newest first.
    let ended: [ActiveHalt]
    let points: [PointReport]
    /// The pending releases, oldest first.
    let releases: [ReleaseProposal]
    /// The drills, or nil if the console runs without drills.
    let drills: DrillListView?
    let signer: OrderSigner
    let now: Timestamp

    static let mostEnded = 20
}

/// The status of the drills.
struct DrillListView {
    let standing: DrillStatus
    /// The drills, newest first, or nil if they cannot be read, which counts as overdue.
    let drills: [ListedDrill]?
    /// True if the gateway starts drills by itself.
    let isAuto: Bool
    let at: String

    static let most = 20
}
