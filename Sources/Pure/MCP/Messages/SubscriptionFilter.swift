package import InterlockJSON

/// What a `subscriptions/listen` of 2026-07-28 wants to hear, or is told that it will.
package struct SubscriptionFilter: Sendable, Equatable {
    package static let maximumResources = 256
    package static let maximumURIBytes = 4096
    private static let resourcesMember = "resourceSubscriptions"

    package var lists: Set<ListKind>
    /// URIs, as the client wrote them.
    package var resources: [String]

    package init(lists: Set<ListKind>, resources: [String] = []) {
        self.lists = lists
        self.resources = resources
    }

    /// - Parameter params: of the request. Kinds that are not known here are left out.
    /// - Throws: -32602.
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

    /// Only what is heard: nothing is said of the rest.
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

/// What is said on one subscription: every message names the request that opened it.
package struct SubscriptionMessages: Sendable {
    private let id: RequestID
    private static let idKey = "io.modelcontextprotocol/subscriptionId"

    package init(id: RequestID) { self.id = id }

    private var meta: JSONObject { [Self.idKey: id.json] }

    /// The first message of the stream.
    package func acknowledged(_ filter: SubscriptionFilter) -> [UInt8] {
        JSONRPCWriter.notification(
            method: "notifications/subscriptions/acknowledged",
            params: ["notifications": .object(filter.json), "_meta": .object(meta)])
    }

    package func changed(_ kind: ListKind) -> [UInt8] {
        JSONRPCWriter.notification(method: kind.changed, params: ["_meta": .object(meta)])
    }

    /// - Parameter uri: as the client wrote it.
    package func updated(_ uri: String) -> [UInt8] {
        ResourceUpdatedNotification.updated(uri, meta: meta)
    }

    /// The end in good form: shutdown, a halt, the end of the credential.
    package func ended(serverVersion: String) -> [UInt8] {
        JSONRPCWriter.result(
            id: id,
            GatewayIdentity.complete(
                ["_meta": .object(meta)], in: .modern, serverVersion: serverVersion))
    }
}
