import InterlockEgress
package import InterlockHooks

/// The settings that make a host ask Interlock before it acts (docs/specs/coding-agents.md, section 6). The files follow
/// from these values and the host's facts alone, so the same values give the same bytes.
package struct HostSettings: Sendable, Hashable {
    /// The machine or the run that the host is in.
    package enum Location: Sendable, Hashable {
        /// Inside `interlock run`: what is hidden is not there, and the run is the sandbox.
        ///
        /// - Parameter model: the address of the route to the model, or nil if the run has none.
        case run(model: String?)
        /// Outside of runs.
        ///
        /// - Parameters:
        ///   - gateway: the address of the agent plane, such as `http://127.0.0.1:7400/mcp`.
        ///   - hidden: the names that the host must not read, as a policy's `hide` states them.
        case machine(gateway: String, hidden: [String])
    }

    package let host: HookHost
    package let scope: HostSettingsScope
    package let location: Location
    /// True if the hooks are a file of their own after a managed file of others.
    package let isDropIn: Bool

    package init(inRun host: HookHost, model: String?) {
        self.host = host
        (scope, location, isDropIn) = (.managed, .run(model: model), false)
    }

    /// - Throws: `hidden` has a name that the host's rules cannot express, or the host has no drop-in.
    package init(
        _ host: HookHost, _ location: Location, scope: HostSettingsScope = .managed,
        isDropIn: Bool = false
    ) throws(HostSettingsError) {
        if case .machine(_, let hidden) = location,
            let name = hidden.first(where: { !DenyRules.isExpressible($0) })
        {
            throw .hiddenName(name)
        }
        guard !isDropIn || host.dropInPath != nil && scope == .managed else {
            throw .noDropIn(host)
        }
        self.host = host
        self.scope = scope
        self.location = location
        self.isDropIn = isDropIn
    }

    /// The files, first the one with the hooks.
    package var files: [HostSettingsFile] {
        guard let path = isDropIn ? host.dropInPath : host.hooksPath(scope) else { return [] }
        var files = [HostSettingsFile(path: path, content: hooksFile)]
        if scope == .managed, let servers = host.managedServersPath {
            files.append(HostSettingsFile(path: servers, content: ClaudeCodeSettings.servers(self)))
        }
        if case .run = location, let path = host.hooksPathInRun {
            files.append(HostSettingsFile(path: path, content: hooksFile))
        }
        return files
    }

    private var hooksFile: [UInt8] {
        switch host {
        case .claudeCode: ClaudeCodeSettings(self).bytes
        case .codex: CodexSettings(self).bytes
        case .geminiCLI: GeminiCLISettings.bytes(self)
        case .cursor: CursorSettings.bytes(self)
        case .copilot: CopilotSettings.bytes(self)
        }
    }

    /// The words by which a host starts the adapter.
    var command: String { "\(adapter) \(host.rawValue)" }

    /// They name the event, so that a payload that cannot be read is refused as its event has to be.
    func command(for event: String) -> String { "\(command) --event \(event)" }

    var adapter: String {
        switch location {
        case .run: HookPaths.adapterInRun
        case .machine: HookPaths.adapter
        }
    }

    /// The address at which the host reaches the tools of the gateway.
    var gateway: String {
        switch location {
        case .run: "http://\(OwnRoute.authority)/mcp"
        case .machine(let gateway, _): gateway
        }
    }
}

/// The reason why no settings can be generated.
package enum HostSettingsError: Error, Sendable, Hashable {
    /// The name has a character with another meaning in the host's rules.
    case hiddenName(String)
    case noDropIn(HookHost)
}
