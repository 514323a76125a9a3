import InterlockModel

/// What stands around every page at one moment, whatever it shows.
struct Frame {
    let assets: Assets
    /// In force, the newest first.
    let halts: [HaltOrder]
    /// Whether there is a page of how the house stands.
    let hasStanding: Bool
    var hasPolicy = false

    /// Around pages for whoever comes.
    static func bare(_ assets: Assets) -> Frame {
        Frame(assets: assets, halts: [], hasStanding: false)
    }

    /// Where people begin.
    var first: Link { Link(hasStanding ? "now" : "approvals") }

    /// Nobody who is signed in works under a halt without knowing.
    @HTMLBuilder var banner: [HTML] {
        if let newest = halts.first {
            Notice(.bad) {
                element(.strong) { halts.count == 1 ? "Stopped: " : "\(halts.count) halts: " }
                Shown.text("\(newest.target)")
                ", since "
                Shape.time(newest.at)
                ", because: "
                Shown.text(newest.reason)
            }.html
        }
    }
}
