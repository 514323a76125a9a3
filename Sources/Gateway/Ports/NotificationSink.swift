package import InterlockJSON
package import InterlockMCP

/// Receives the notifications that a server sends during one call. The sink filters and bounds them and forwards them
/// to the caller; an upstream session passes on everything that its server sends.
package protocol NotificationSink: Sendable {
    /// True if the open request asked for progress.
    var wantsProgress: Bool { get }

    /// The least severe level of log messages that the caller asked for, or nil if it asked for none.
    var logLevel: LogLevel? { get }

    /// Takes the members of a `notifications/progress` of this call.
    func progress(_ params: JSONObject)

    /// Takes the members of a `notifications/message` that certainly belongs to this call.
    func log(_ params: JSONObject)
}
