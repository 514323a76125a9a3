package import InterlockJSON

/// What an upstream offers of one kind over all pages of its list, with bounds on both: a server could name another
/// cursor for ever.
package struct UpstreamList: Sendable {
    package static let maximum = 2_000
    package static let maximumPages = 256

    package let list: FeatureListMethod
    package private(set) var definitions: [JSONValue] = []
    /// Of the page that holds for the shortest time; nil where none says how long.
    package private(set) var lifetimeMilliseconds: Int64?
    private var pages = 0
    private var cursor: String?

    package init(_ list: FeatureListMethod) { self.list = list }

    /// - Returns: the cursor of the next page; nil after the last one.
    package mutating func add(_ page: UpstreamPage) throws(UpstreamProtocolError) -> String? {
        definitions += page.definitions
        pages += 1
        if let lifetime = page.lifetimeMilliseconds {
            lifetimeMilliseconds = min(lifetimeMilliseconds ?? lifetime, lifetime)
        }
        guard definitions.count <= Self.maximum else {
            throw UpstreamProtocolError("above \(Self.maximum) \(list.things)")
        }
        guard let next = page.nextCursor else { return nil }
        guard next != cursor, pages < Self.maximumPages else {
            throw UpstreamProtocolError("the list of \(list.things) does not end")
        }
        cursor = next
        return next
    }
}
