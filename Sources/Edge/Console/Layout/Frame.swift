import InterlockAPI
import InterlockAdministration
import InterlockMarkup
import InterlockModel

/// The parts that surround every page at one time, independent of its content.
struct Frame {
    let assets: Assets
    /// The looks that the browser's person has chosen.
    var appearance = Appearance()
    var times = TimeStyle.utc
    /// The time that the page shows, or nil for visitors who are not signed in.
    var now: Timestamp?
    /// The number of requests and tasks that wait for the viewer.
    var waiting = 0
    /// The numbers of other sections, with the words that follow them.
    var counts: [Page.Section: (number: Int, words: String)] = [:]
    /// The active halts, newest first.
    let halts: [HaltOrder]
    /// The parts of the gateway because of which calls are refused.
    var problems: [HealthCheck] = []
    /// True if no revision of the policy was ever signed off.
    var isUnsigned = false
    /// The sections that are available.
    let sections: Set<Page.Section>
    /// Returns the signer of orders in a session, or nil if there is no kill switch.
    let signer: (PersonSession) -> OrderSigner?
    /// Returns the words of people, as far as the person of a session may know them.
    var personWord: (PersonSession) -> @Sendable (Person) -> PersonWord? = { _ in { _ in nil } }

    /// The frame of pages for visitors who are not signed in.
    ///
    /// - Parameter now: the time that the page shows; nil if the page has no time.
    static func bare(_ assets: Assets, at now: Timestamp? = nil) -> Frame {
        Frame(assets: assets, now: now, halts: [], sections: [], signer: { _ in nil })
    }

    /// The link to the first page after signing in.
    var first: Link { (sections.contains(.now) ? Page.Section.now : .approvals).link }
}
