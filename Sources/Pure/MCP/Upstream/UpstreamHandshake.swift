package import InterlockJSON

/// What a server has said of itself: its answer to `initialize` or to `server/discover`.
package struct UpstreamHandshake: Sendable {
    package let version: ProtocolVersion
    /// The lists that it claims to have.
    package let lists: Set<FeatureListMethod>
    /// Names of all capabilities that it claims, sorted.
    package let capabilities: [String]
    /// It takes `logging/setLevel`, in the legacy eras.
    package var hasLogging: Bool { capabilities.contains("logging") }
    /// The lists of which the server promises to say that they have changed.
    package let changing: Set<ListKind>
    /// Whether it says when single resources change.
    package let subscriptions: ResourceSubscriptions
    /// A claim: nothing is decided from it.
    package let serverInfo: JSONObject
    package let instructions: String?

    private static let serverInfoKey = "io.modelcontextprotocol/serverInfo"

    /// The answer to `initialize`.
    ///
    /// - Throws: when a required member is missing or the version is none that we speak.
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

    /// The answer to `server/discover`, at the newest modern version that both speak.
    ///
    /// - Throws: when a required member is missing, or only legacy versions are named: the server is
    ///   spoken to after a handshake then.
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

    /// A modern server that does not answer `server/discover`: asked for its tools, it will say whether
    /// it has any.
    package static let undisclosed = UpstreamHandshake(
        .modern, ["tools": [:]], JSONObject(), nil)
}
