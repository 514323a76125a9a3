package import InterlockJSON
package import InterlockMCP

/// What the caller of one call wants to hear while it lasts. The sink filters, bounds and tells it; an
/// upstream session hands over all that its server says.
package protocol NotificationSink: Sendable {
    /// Whether the request that is open now asked for progress.
    var wantsProgress: Bool { get }

    /// The least severe log messages that it asked for; nil for none.
    var logLevel: LogLevel? { get }

    /// The members of a `notifications/progress` of this call.
    func progress(_ params: JSONObject)

    /// The members of a `notifications/message` that surely belongs to this call.
    func log(_ params: JSONObject)
}
