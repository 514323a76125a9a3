package import InterlockModel

/// One server as it was reviewed. What the live server says of itself is compared with this and
/// otherwise never used.
package struct LockedServer: Sendable, Hashable {
    /// Of its `server.json`; nil when it comes from no registry.
    package var name: String?
    /// Exact; nil when nobody has said.
    package var version: String?
    /// At review. Another one is fine as long as all pins agree.
    package var protocolVersion: String
    /// Names, at review.
    package var capabilities: [String]
    package var origin: LockedOrigin
    package var elicitationHosts: [String]
    /// Pin of the instructions text; nil when there was none.
    package var instructions: Digest?
    package var tools: [ToolName: LockedTool]
    package var prompts: [String: LockedPrompt]

    package static let mostTools = 2000
    package static let mostPrompts = 2000

    package init(
        name: String?, version: String?, protocolVersion: String, capabilities: [String],
        origin: LockedOrigin, elicitationHosts: [String] = [], instructions: Digest?,
        tools: [ToolName: LockedTool], prompts: [String: LockedPrompt] = [:]
    ) {
        self.name = name
        self.version = version
        self.protocolVersion = protocolVersion
        self.capabilities = capabilities
        self.origin = origin
        self.elicitationHosts = elicitationHosts
        self.instructions = instructions
        self.tools = tools
        self.prompts = prompts
    }

    /// Whether a policy's `connect` reaches what was reviewed.
    ///
    /// - Returns: nil when it does, else one sentence.
    package func difference(from connection: ServerConnection) -> String? {
        switch (origin, connection) {
        case (.remote(let remote), .http(let url)):
            remote.url == url ? nil : "`connect` names another url than the lock"
        case (.program(let program), .stdio(let argv)):
            program.argv == argv ? nil : "`connect` starts another program than the lock"
        case (.remote, .stdio): "`connect` starts a program, the lock has a url"
        case (.program, .http): "`connect` names a url, the lock has a program"
        }
    }

    /// Whether a policy starts a program in another network than the one that was reviewed.
    ///
    /// - Returns: nil when it does not, else one sentence.
    package func difference(from network: ServerNetwork) -> String? {
        guard case .program(let program) = origin, program.network != network else { return nil }
        return "`connect` starts it in the network `\(network.rawValue)`, the lock has "
            + "`\(program.network.rawValue)`"
    }

    /// Whether a policy takes a process of another user for a remote server than the one that was reviewed.
    ///
    /// - Returns: nil when it does not, else one sentence.
    package func difference(fromOwner owner: UInt32?) -> String? {
        guard case .remote(let remote) = origin, remote.uid != owner else { return nil }
        func shown(_ uid: UInt32?) -> String { uid.map { "the user \($0)" } ?? "no user" }
        return "`connect` names \(shown(owner)), the lock has \(shown(remote.uid))"
    }

    /// Whether a policy gives a program variables that nobody has reviewed: a loader or an interpreter
    /// takes orders from some.
    ///
    /// - Returns: nil when it does not, else one sentence.
    package func difference(from variables: ServerVariables) -> String? {
        guard case .program(let program) = origin else { return nil }
        let unknown = variables.names.subtracting(program.environment).sorted()
        return unknown.first.map { "`connect` sets the variable `\($0)`, which the lock has not" }
    }
}

extension LockedServer {
    /// Of its program, as reviewed; nil for remote servers, and for programs at whose code nobody has looked.
    package var code: ProgramCode? {
        get {
            guard case .program(let program) = origin else { return nil }
            return program.code
        }
        set {
            guard case .program(var program) = origin else { return }
            program.code = newValue
            origin = .program(program)
        }
    }
}

/// Where a server comes from.
package enum LockedOrigin: Sendable, Hashable {
    case program(LockedProgram)
    case remote(LockedRemote)
}

/// A server that is started as a child.
package struct LockedProgram: Sendable, Hashable {
    /// nil when it was not installed from a registry.
    package let installed: LockedPackage?
    /// As launched; at least the program.
    package let argv: [String]
    /// Names of its environment; values stand in no file.
    package let environment: [String]
    /// The profile of its sandbox.
    package let sandbox: String
    package let network: ServerNetwork
    /// What its command leads to; nil where nobody has looked, and nothing is checked before a start.
    package var code: ProgramCode?

    package static let mostArguments = 256
    package static let longestArgument = 4096
    package static let mostVariables = 256

    package init(
        installed: LockedPackage?, argv: [String], environment: [String], sandbox: String,
        network: ServerNetwork = .own, code: ProgramCode? = nil
    ) {
        self.installed = installed
        self.argv = argv
        self.environment = environment
        self.sandbox = sandbox
        self.network = network
        self.code = code
    }
}

package struct LockedPackage: Sendable, Hashable {
    package let registry: LockedRegistry
    package let identifier: String
    package let digest: Digest

    package init(registry: LockedRegistry, identifier: String, digest: Digest) {
        self.registry = registry
        self.identifier = identifier
        self.digest = digest
    }
}

/// Kinds of registries (server.json schema 2025-12-11).
package enum LockedRegistry: String, Sendable, CaseIterable {
    case npm, pypi, nuget, oci, mcpb, cargo
}

/// A server that is reached over HTTP.
package struct LockedRemote: Sendable, Hashable {
    package let url: String
    /// nil for plain HTTP.
    package let tlsName: String?
    /// nil when the key is not pinned.
    package let tlsKey: Digest?
    /// The user of its process on this machine; nil when nobody has said.
    package let uid: UInt32?

    /// Streamable HTTP is the only transport that is spoken.
    package static let type = "streamable-http"

    package init(url: String, tlsName: String?, tlsKey: Digest? = nil, uid: UInt32? = nil) {
        self.url = url
        self.tlsName = tlsName
        self.tlsKey = tlsKey
        self.uid = uid
    }
}
