package import InterlockJSON
import InterlockModel

/// The resources of one server that one agent follows, and the pending changes among them. Repeated updates of a
/// resource count as one change until they are delivered, so the number of followed resources bounds the memory.
package struct FollowedResources: Sendable {
    package enum Hearing: Sendable {
        /// No change was pending; the caller must schedule a delivery.
        case first
        case again
        /// The agent does not follow the resource.
        case stray
    }

    /// The followed URIs, in the form of `ResourceURI`.
    package private(set) var wanted: Set<ExactText> = []
    private var changed: Set<ExactText> = []

    package init() {}

    /// - Returns: true if the set changed.
    package mutating func want(_ uris: Set<ExactText>) -> Bool {
        guard uris != wanted else { return false }
        wanted = uris
        changed.formIntersection(uris)
        return true
    }

    /// - Parameter written: the URI as the server wrote it. A resource below a followed one counts as another resource,
    ///   because it was not evaluated by the policy.
    package mutating func heard(_ written: String) -> Hearing {
        guard let uri = try? ResourceURI(written), wanted.contains(uri.text) else { return .stray }
        let isFirst = changed.isEmpty
        changed.insert(uri.text)
        return isFirst ? .first : .again
    }

    /// Returns the pending changes in order and clears them.
    package mutating func take() -> [String] {
        defer { changed = [] }
        return changed.sorted().texts
    }
}
