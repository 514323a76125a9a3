package import InterlockJSON

/// The features of one kind over all pages of an upstream server's list. Features and pages are bounded, because a
/// server could return further cursors for ever.
package struct UpstreamList: Sendable {
    package static let maximum = 2_000
    package static let maximumPages = 256

    package let list: FeatureListMethod
    package private(set) var definitions: [JSONValue] = []
    /// The shortest lifetime that a page states, or nil if no page states one.
    package private(set) var lifetimeMilliseconds: Int64?
    private var pages = 0
    private var cursor: String?

    package init(_ list: FeatureListMethod) { self.list = list }

    /// - Returns: the cursor of the next page, or nil after the last one.
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
