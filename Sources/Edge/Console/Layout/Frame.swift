import InterlockAdministration
import InterlockModel

/// What stands around every page at one moment, whatever it shows.
struct Frame {
    let assets: Assets
    /// In force, the newest first.
    let halts: [HaltOrder]
    /// Whether no revision of the policy was ever signed off.
    var isUnsigned = false
    /// Those that there is something to show of.
    let sections: Set<Page.Section>
    /// Who would sign orders in a session; nil where there is no kill switch.
    let signer: (PersonSession) -> OrderSigner?

    /// Around pages for whoever comes.
    static func bare(_ assets: Assets) -> Frame {
        Frame(assets: assets, halts: [], sections: [], signer: { _ in nil })
    }

    /// Where people begin.
    var first: Link { (sections.contains(.now) ? Page.Section.now : .approvals).link }

    /// Halts in force and an unsigned policy, for everybody who is signed in.
    @HTMLBuilder var banner: [HTML] {
        if isUnsigned {
            Notice(.warning) {
                element(.strong) { "The policy in force is not signed: " }
                "any program that can write its files decides what agents may do."
            }.html
        }
        if let newest = halts.first {
            Notice(.bad) {
                element(.strong) { halts.count == 1 ? "Stopped: " : "\(halts.count) halts: " }
                SafeText.text("\(newest.target)")
                ", since "
                Shape.time(newest.at)
                ", because: "
                SafeText.text(newest.reason)
            }.html
        }
    }
}
