import InterlockJSON
package import InterlockModel
package import InterlockPolicy

/// One tool, resource or prompt of a server: as the policy judges it, as it was reviewed, as it is listed now.
package struct ServerTool: Sendable {
    package enum Pin: Sendable, Hashable {
        /// Offered: what is listed is what was reviewed.
        case pinned
        /// Offered: there is no lock, so what was seen first stands.
        case firstSeen
        /// Resources have no definition of their own.
        case unpinned
        /// Hidden: what is listed differs from the lock.
        case drifted
        /// Hidden: it is not in the lock.
        case new
        /// In the lock, and not listed.
        case gone
        /// Hidden: with the reason.
        case hidden(String)
        /// In the lock or the policy; nobody can tell what the server lists.
        case unseen

        package var text: String {
            switch self {
            case .pinned: "pinned"
            case .firstSeen: "first seen"
            case .unpinned: "not pinned"
            case .drifted: "drifted"
            case .new: "new"
            case .gone: "gone"
            case .hidden: "hidden"
            case .unseen: "not seen"
            }
        }

        /// Every `text`.
        package static let texts = [
            "pinned", "first seen", "not pinned", "drifted", "new", "gone", "hidden", "not seen",
        ]

        /// Whether a person has to look at it.
        package var isFault: Bool {
            switch self {
            case .drifted, .new, .gone, .hidden: true
            case .pinned, .firstSeen, .unpinned, .unseen: false
            }
        }
    }

    /// As the server writes it, cut; of a name that can be none, its place.
    package let name: String
    package let kind: FeatureKind
    /// What the policy says of it; nil where it is silent, and every call is denied.
    package let entry: ToolEntry?
    package let pin: Pin
    /// What the lock has, or what was seen first; nil where nobody has read one.
    package let description: String?
    package let review: LockReview?
    /// From what was reviewed to what is listed.
    package let changes: [JSONChange]

    package init(
        name: String, kind: FeatureKind = .tool, entry: ToolEntry?, pin: Pin,
        description: String? = nil, review: LockReview? = nil, changes: [JSONChange] = []
    ) {
        self.name = name
        self.kind = kind
        self.entry = entry
        self.pin = pin
        self.description = description
        self.review = review
        self.changes = changes
    }
}
