import InterlockJSON
import InterlockMCP

/// A message that a caller gets apart from an answer: the gateway's own words, or the searched text of a server.
///
/// INVARIANT: only this file makes such messages, and none of them takes bytes: a path without the search does not
/// compile. Kept by `ServerTextRouteTests`, `UnsearchedRouteTests`.
package struct StreamMessage: Sendable {
    let bytes: [UInt8]
    /// True for a request, false for a notification.
    let isNeeded: Bool

    fileprivate init(_ bytes: [UInt8], isNeeded: Bool = false) {
        (self.bytes, self.isNeeded) = (bytes, isNeeded)
    }

    // MARK: Texts of servers

    /// - Parameter token: the caller's own.
    static func progress(
        _ searched: SearchedNotice<ProgressNotification>, token: RequestID,
        in version: ProtocolVersion
    ) -> StreamMessage {
        StreamMessage(searched.notice.notification(token: token, version: version))
    }

    static func log(_ searched: SearchedNotice<LogMessage>) -> StreamMessage {
        StreamMessage(searched.notice.notification)
    }

    // MARK: The gateway's words and the caller's own

    /// - Parameter messages: those of the caller's subscription; nil on a session's own stream.
    static func changed(
        _ kind: ListKind, of messages: SubscriptionMessages? = nil
    ) -> StreamMessage {
        StreamMessage(messages?.changed(kind) ?? GatewayIdentity.changed(kind))
    }

    /// - Parameter written: the URI as the caller wrote it when it subscribed, which was searched as an argument then;
    ///   a server only says that it has changed.
    static func updated(
        _ written: String, of messages: SubscriptionMessages? = nil
    ) -> StreamMessage {
        StreamMessage(messages?.updated(written) ?? ResourceUpdatedNotification.updated(written))
    }

    /// - Parameter resources: the URIs as the caller wrote them.
    static func acknowledged(
        _ lists: Set<ListKind>, _ resources: [String], of messages: SubscriptionMessages
    ) -> StreamMessage {
        StreamMessage(
            messages.acknowledged(SubscriptionFilter(lists: lists, resources: resources)))
    }

    /// - Parameter elicitation: the id that the gateway gave the page.
    static func completed(_ elicitation: String) -> StreamMessage {
        StreamMessage(
            JSONRPCWriter.notification(
                method: "notifications/elicitation/complete",
                params: ["elicitationId": .string(elicitation)]))
    }

    // MARK: Requests for input

    static func request(_ id: Int64, _ input: SearchedInput) -> StreamMessage {
        StreamMessage(
            JSONRPCWriter.request(
                id: .integer(id), method: input.request.method.rawValue,
                params: input.request.params), isNeeded: true)
    }
}
