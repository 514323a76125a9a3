/// The names of the canaries of drills and of their servers, which no policy of a deployment can use.
package enum CanaryNames {
    /// The reserved beginning of the names.
    package static let prefix = "interlock-drill"

    /// The class of sandboxed runs.
    package static let sandboxClass = "sandbox"

    /// Returns the name of the canary of a class of enforcement points.
    package static func agent(_ pointClass: String) -> String { "\(prefix)-\(pointClass)" }

    /// The name of the server that canaries call over a transport: `http` or `stdio`.
    package static func server(_ transport: String) -> String { "\(prefix)-\(transport)" }

    /// Returns the organisation that a drill's orders name, so that they are invalid in any other.
    package static func organisation(of org: String) -> String { org + "/drill" }
}

extension AgentName {
    package var isCanary: Bool { text.hasPrefix(CanaryNames.prefix) }
}

extension ServerName {
    package var isOfCanaries: Bool { text.hasPrefix(CanaryNames.prefix) }
}
