package import InterlockJSON

/// A server's description of itself: its result for `initialize` or `server/discover`.
package struct UpstreamHandshake: Sendable {
    package let version: ProtocolVersion
    /// The lists that the server claims to have.
    package let lists: Set<FeatureListMethod>
    /// The names of all capabilities that the server claims, sorted.
    package let capabilities: [String]
    /// True if the server accepts `logging/setLevel`, in the legacy eras.
    package var hasLogging: Bool { capabilities.contains("logging") }
    /// The lists whose changes the server promises to announce.
    package let changing: Set<ListKind>
    /// The server's support for subscriptions to single resources.
    package let subscriptions: ResourceSubscriptions
    /// The server's unverified description of itself; no decision uses it.
    package let serverInfo: JSONObject
    package let instructions: String?

    private static let serverInfoKey = "io.modelcontextprotocol/serverInfo"

    /// Parses the result of `initialize`.
    ///
    /// - Throws: `UpstreamProtocolError` if a required member is missing or the version is not a supported legacy one.
    package init(_ result: JSONObject) throws(UpstreamProtocolError) {
        guard case .string(let named)? = result["protocolVersion"] else {
            throw UpstreamProtocolError("the server names no protocol version")
        }
        guard let version = ProtocolVersion(legacy: named) else {
            throw UpstreamProtocolError(
                "the server speaks only protocol version `\(shortened(named))`")
        }
        guard case .object(let capabilities)? = result["capabilities"],
            case .object(let serverInfo)? = result["serverInfo"]
        else { throw UpstreamProtocolError("the server names no capabilities or no serverInfo") }
        self.init(version, capabilities, serverInfo, result["instructions"]?.string)
    }

    /// Parses the result of `server/discover`, at the newest modern version that both sides support.
    ///
    /// - Throws: `UpstreamProtocolError` if a required member is missing or only legacy versions are named; the caller
    ///   then performs a legacy handshake.
    package init(discovered result: JSONObject) throws(UpstreamProtocolError) {
        guard case .array(let named)? = result["supportedVersions"] else {
            throw UpstreamProtocolError("the server names no protocol versions")
        }
        let known = named.compactMap(\.string).compactMap(ProtocolVersion.init(rawValue:))
        guard let version = known.filter(\.isModern).max() else {
            throw UpstreamProtocolError("the server speaks no modern version that is known here")
        }
        guard case .object(let capabilities)? = result["capabilities"] else {
            throw UpstreamProtocolError("the server names no capabilities")
        }
        self.init(
            version, capabilities, result["_meta"]?[Self.serverInfoKey]?.object ?? JSONObject(),
            result["instructions"]?.string)
    }

    private init(
        _ version: ProtocolVersion, _ capabilities: JSONObject, _ serverInfo: JSONObject,
        _ instructions: String?
    ) {
        self.version = version
        lists = Set(
            FeatureListMethod.allCases.filter { capabilities[$0.capability]?.object != nil })
        self.capabilities = capabilities.members.map(\.key).sorted()
        changing = Set(
            ListKind.allCases.filter { capabilities[$0.rawValue]?["listChanged"] == true })
        subscriptions = ResourceSubscriptions(capabilities, in: version)
        self.serverInfo = serverInfo
        self.instructions = instructions
    }

    /// The handshake of a modern server that does not answer `server/discover`: its list of tools shows whether it has
    /// any.
    package static let undisclosed = UpstreamHandshake(.modern, ["tools": [:]], JSONObject(), nil)
}
