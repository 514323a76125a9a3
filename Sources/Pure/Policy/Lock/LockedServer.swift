package import InterlockModel

/// One server as reviewed. The claims of the live server are compared with this entry and otherwise never
/// used.
package struct LockedServer: Sendable, Hashable {
    /// The name in its `server.json`, or nil if it does not come from a registry.
    package var name: String?
    /// The exact version, or nil if it was not stated.
    package var version: String?
    /// The version at review. Another one is accepted as long as all pins match.
    package var protocolVersion: String
    /// The names of the capabilities at review.
    package var capabilities: [String]
    package var origin: LockedOrigin
    package var elicitationHosts: [String]
    /// The pin of the instructions text, or nil if there was no such text.
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

    /// Compares a policy's `connect` with the reviewed origin.
    ///
    /// - Returns: nil if they match, otherwise one sentence.
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

    /// Compares the network in which a policy starts a program with the reviewed one.
    ///
    /// - Returns: nil if they match, otherwise one sentence.
    package func difference(from network: ServerNetwork) -> String? {
        guard case .program(let program) = origin, program.network != network else { return nil }
        return "`connect` starts it in the network `\(network.rawValue)`, the lock has "
            + "`\(program.network.rawValue)`"
    }

    /// Compares the user whose process a policy accepts as a remote server with the reviewed one.
    ///
    /// - Returns: nil if they match, otherwise one sentence.
    package func difference(fromOwner owner: UInt32?) -> String? {
        guard case .remote(let remote) = origin, remote.uid != owner else { return nil }
        func shown(_ uid: UInt32?) -> String { uid.map { "the user \($0)" } ?? "no user" }
        return "`connect` names \(shown(owner)), the lock has \(shown(remote.uid))"
    }

    /// Finds a variable that a policy gives to a program without review; some variables control a loader or
    /// an interpreter.
    ///
    /// - Returns: nil if there is no such variable, otherwise one sentence.
    package func difference(from variables: ServerVariables) -> String? {
        guard case .program(let program) = origin else { return nil }
        let unknown = variables.names.subtracting(program.environment).sorted()
        return unknown.first.map { "`connect` sets the variable `\($0)`, which the lock has not" }
    }
}

extension LockedServer {
    /// The code of its program as reviewed, or nil for remote servers and unreviewed programs.
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

/// The origin of a server: a program of this machine, or a URL.
package enum LockedOrigin: Sendable, Hashable {
    case program(LockedProgram)
    case remote(LockedRemote)
}

/// A server that is started as a child process.
package struct LockedProgram: Sendable, Hashable {
    /// The package, or nil if the program was not installed from a registry.
    package let installed: LockedPackage?
    /// The command as launched, with at least the program.
    package let argv: [String]
    /// The names of its environment variables. The lock does not contain their values.
    package let environment: [String]
    /// The profile of its sandbox.
    package let sandbox: String
    package let network: ServerNetwork
    /// The code that its command leads to. If it is nil, the code was not reviewed, and nothing is checked
    /// before a start.
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

/// The kinds of registries (server.json schema 2025-12-11).
package enum LockedRegistry: String, Sendable, CaseIterable {
    case npm, pypi, nuget, oci, mcpb, cargo
}

/// A server that is reached over HTTP.
package struct LockedRemote: Sendable, Hashable {
    package let url: String
    /// The name in the server's certificate, or nil for plain HTTP.
    package let tlsName: String?
    /// The pin of the key, or nil if the key is not pinned.
    package let tlsKey: Digest?
    /// The user of its process on this machine, or nil if it was not stated.
    package let uid: UInt32?

    /// Streamable HTTP, the only supported transport.
    package static let type = "streamable-http"

    package init(url: String, tlsName: String?, tlsKey: Digest? = nil, uid: UInt32? = nil) {
        self.url = url
        self.tlsName = tlsName
        self.tlsKey = tlsKey
        self.uid = uid
    }
}
