package import InterlockJSON

/// The changes that a `subscriptions/listen` of 2026-07-28 requests, or that its acknowledgement confirms.
///
/// INVARIANT: a viewer whose list is unchanged gets no notification; a subscription is acknowledged first, with what
/// is allowed of it. Kept by `SubscriptionTests`, `test_changes.py`.
package struct SubscriptionFilter: Sendable, Equatable {
    package static let maximumResources = 256
    package static let maximumURIBytes = 4096
    private static let resourcesMember = "resourceSubscriptions"

    package var lists: Set<ListKind>
    /// The URIs as the client wrote them.
    package var resources: [String]

    package init(lists: Set<ListKind>, resources: [String] = []) {
        self.lists = lists
        self.resources = resources
    }

    /// - Parameter params: the parameters of the request. Unknown kinds are ignored.
    /// - Throws: -32602 if a member is malformed.
    package init(_ params: JSONObject) throws(JSONRPCError) {
        guard let wanted = params["notifications"]?.object else {
            throw .invalid("`notifications` must be an object")
        }
        var lists: Set<ListKind> = []
        for kind in ListKind.allCases {
            switch wanted[kind.filterMember] {
            case nil, .bool(false)?: break
            case .bool(true)?: lists.insert(kind)
            default: throw .invalid("`\(kind.filterMember)` must be true or false")
            }
        }
        let named = wanted[Self.resourcesMember] ?? []
        let uris = named.array?.compactMap(\.string) ?? []
        guard let all = named.array, uris.count == all.count, uris.count <= Self.maximumResources,
            uris.allSatisfy({ !$0.isEmpty && $0.utf8.count <= Self.maximumURIBytes })
        else {
            throw .invalid(
                "`\(Self.resourcesMember)` must be at most \(Self.maximumResources) URIs")
        }
        self.init(lists: lists, resources: uris)
    }

    /// The JSON form, which contains only the subscribed changes.
    package var json: JSONObject {
        var object = JSONObject()
        for kind in ListKind.allCases where lists.contains(kind) {
            object[kind.filterMember] = true
        }
        if !resources.isEmpty {
            object[Self.resourcesMember] = .array(resources.map(JSONValue.string))
        }
        return object
    }
}

/// The messages of one subscription, each of which names the request that opened it.
package struct SubscriptionMessages: Sendable {
    private let id: RequestID
    private static let idKey = "io.modelcontextprotocol/subscriptionId"

    package init(id: RequestID) { self.id = id }

    private var meta: JSONObject { [Self.idKey: id.json] }

    /// Returns the first message of the stream.
    package func acknowledged(_ filter: SubscriptionFilter) -> [UInt8] {
        JSONRPCWriter.notification(
            method: "notifications/subscriptions/acknowledged",
            params: ["notifications": .object(filter.json), "_meta": .object(meta)])
    }

    package func changed(_ kind: ListKind) -> [UInt8] {
        JSONRPCWriter.notification(method: kind.changed, params: ["_meta": .object(meta)])
    }

    /// - Parameter uri: the URI as the client wrote it.
    package func updated(_ uri: String) -> [UInt8] {
        ResourceUpdatedNotification.updated(uri, meta: meta)
    }

    /// Returns the message that ends the subscription in an orderly way: at shutdown, on a halt, or at the end of the
    /// credential.
    package func ended(serverVersion: String) -> [UInt8] {
        JSONRPCWriter.result(
            id: id,
            GatewayIdentity.complete(
                ["_meta": .object(meta)], in: .modern, serverVersion: serverVersion))
    }
}

/// The lists of a server whose changes it may announce.
package enum ListKind: String, Sendable, CaseIterable {
    case tools, prompts, resources

    /// The method of the change notification, the same in both eras.
    package var changed: String { "notifications/\(rawValue)/list_changed" }
    /// The corresponding member of a filter of `subscriptions/listen`.
    package var filterMember: String { "\(rawValue)ListChanged" }
}
