package import InterlockJSON

/// An upstream's tools over all pages of its list, with bounds on both: a server could name another
/// cursor for ever.
package struct UpstreamToolList: Sendable {
    package static let maximumTools = 2_000
    package static let maximumPages = 256

    package private(set) var tools: [JSONValue] = []
    /// Of the page that holds for the shortest time; nil where none says how long.
    package private(set) var lifetimeMilliseconds: Int64?
    private var pages = 0
    private var cursor: String?

    package init() {}

    /// - Returns: the cursor of the next page; nil after the last one.
    package mutating func add(_ page: UpstreamToolPage) throws(UpstreamProtocolError) -> String? {
        tools += page.tools
        pages += 1
        if let lifetime = page.lifetimeMilliseconds {
            lifetimeMilliseconds = min(lifetimeMilliseconds ?? lifetime, lifetime)
        }
        guard tools.count <= Self.maximumTools else {
            throw UpstreamProtocolError("above \(Self.maximumTools) tools")
        }
        guard let next = page.nextCursor else { return nil }
        guard next != cursor, pages < Self.maximumPages else {
            throw UpstreamProtocolError("the list of tools does not end")
        }
        cursor = next
        return next
    }
}
