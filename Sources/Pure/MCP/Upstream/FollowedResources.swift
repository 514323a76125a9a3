package import InterlockJSON
import InterlockModel

/// The resources of one server that one agent follows, and which of them have changed since it was told
/// last. However often a server says so, a resource has changed once until then; the number of those that
/// are followed bounds what is kept.
package struct FollowedResources: Sendable {
    package enum Hearing: Sendable {
        /// Nothing waited to be told: it should be, soon.
        case first
        case again
        /// Nobody follows it.
        case stray
    }

    /// In the form of `ResourceURI`.
    package private(set) var wanted: Set<ExactText> = []
    private var changed: Set<ExactText> = []

    package init() {}

    /// - Returns: whether that is another set than before.
    package mutating func want(_ uris: Set<ExactText>) -> Bool {
        guard uris != wanted else { return false }
        wanted = uris
        changed.formIntersection(uris)
        return true
    }

    /// - Parameter written: by the server. A resource below one that is followed is another one: it was not
    ///   judged.
    package mutating func heard(_ written: String) -> Hearing {
        guard let uri = try? ResourceURI(written), wanted.contains(uri.text) else { return .stray }
        let isFirst = changed.isEmpty
        changed.insert(uri.text)
        return isFirst ? .first : .again
    }

    /// What is to be told now, in order.
    package mutating func take() -> [String] {
        defer { changed = [] }
        return changed.sorted().texts
    }
}
