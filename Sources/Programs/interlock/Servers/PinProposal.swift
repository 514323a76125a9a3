import InterlockAdministration
import InterlockCommandLine
import InterlockCredentials
import InterlockGovernor
import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPolicy

/// The lock entry that a server would get from its current offer. People's decisions about unchanged tools are kept.
struct PinProposal {
    let entry: LockedServer
    /// Tools that cannot be pinned and stay hidden, with the reason, and `code` if its program is not checked.
    let leftOut: [(name: String, reason: String)]

    /// The name in `leftOut` for a program's code; no tool's name has a space.
    static let code = "its code"

    /// - Parameters:
    ///   - variables: the names of all variables in its child's environment.
    ///   - network: the network of its child.
    ///   - owner: the user of the process behind an HTTP address.
    ///   - looksAtCode: whether the entry includes the program's code.
    ///   - review: the review recorded for each new or changed tool.
    init(
        of connection: ServerConnection, variables: [String], network: ServerNetwork,
        owner: UInt32? = nil, _ live: LiveServers.Answer,
        looksAtCode: Bool = true, beside old: LockedServer?, review: LockReview
    ) {
        let code = looksAtCode ? live.code : nil
        var leftOut = live.sighting.refused.map { (name: $0.name, reason: $0.reason) }
        if case .unknown(let reason) = code { leftOut.append((Self.code, reason)) }
        var tools: [ToolName: LockedTool] = [:]
        for definition in live.sighting.definitions {
            do throws(FormError) {
                tools[definition.name] = try Self.tool(
                    definition, beside: old?.tools[definition.name], review)
            } catch { leftOut.append((definition.name.text, "\(error)")) }
        }
        var prompts: [String: LockedPrompt] = [:]
        leftOut += live.prompts.refused.map { (name: $0.name, reason: $0.reason) }
        for definition in live.prompts.definitions {
            do throws(FormError) {
                prompts[definition.name] = try Self.prompt(
                    definition, beside: old?.prompts[definition.name], review)
            } catch { leftOut.append(("prompt:" + definition.name, "\(error)")) }
        }
        let said = live.handshake.serverInfo
        let name = said["name"]?.string.flatMap(LockedServer.registryName)
        // A registry name from an imported server.json is kept if the server states none.
        let isKnown = name == nil && old?.name != nil
        entry = LockedServer(
            name: isKnown ? old?.name : name,
            version: isKnown
                ? old?.version : said["version"]?.string.flatMap(LockedServer.exactVersion),
            protocolVersion: live.handshake.version.rawValue,
            capabilities: Array(
                live.handshake.capabilities.compactMap(LockedServer.capability)
                    .prefix(LockedServer.mostCapabilities)),
            origin: Self.origin(
                connection, variables, network, owner,
                code?.kept(beside: old?.code), beside: old?.origin),
            elicitationHosts: old?.elicitationHosts ?? [],
            instructions: live.handshake.instructions.flatMap(Self.pin(ofInstructions:)),
            tools: tools, prompts: prompts)
        self.leftOut = leftOut
    }

    /// Keeps an unchanged tool with its decisions. An override refers to the old annotations, so it is dropped if the
    /// definition changed.
    private static func tool(
        _ definition: ToolDefinition, beside old: LockedTool?, _ review: LockReview
    ) throws(FormError) -> LockedTool {
        let new = try LockedTool(
            definition: definition.pinned, name: definition.name, alias: old?.alias,
            reviewed: review, hashing: OpenSSLHashing())
        if let old, old.pin == new.pin { return old }
        return new
    }

    private static func prompt(
        _ definition: PromptDefinition, beside old: LockedPrompt?, _ review: LockReview
    ) throws(FormError) -> LockedPrompt {
        let new = try LockedPrompt(
            definition: definition.pinned, name: definition.name, alias: old?.alias,
            reviewed: review, hashing: OpenSSLHashing())
        if let old, old.pin == new.pin { return old }
        return new
    }

    /// A package and a TLS key cannot be observed from here; they are kept while the transport is unchanged.
    private static func origin(
        _ connection: ServerConnection, _ variables: [String], _ network: ServerNetwork,
        _ owner: UInt32?, _ code: ProgramCode?, beside old: LockedOrigin?
    ) -> LockedOrigin {
        switch connection {
        case .http(let url):
            guard case .remote(let remote) = old, remote.url == url else {
                return .remote(
                    LockedRemote(url: url, tlsName: LockedRemote.tlsName(of: url), uid: owner))
            }
            return .remote(
                LockedRemote(url: url, tlsName: remote.tlsName, tlsKey: remote.tlsKey, uid: owner))
        case .stdio(let argv):
            var installed: LockedPackage?
            if case .program(let program) = old, program.argv == argv {
                installed = program.installed
            }
            return .program(
                LockedProgram(
                    installed: installed, argv: argv,
                    environment: variables, sandbox: "mcp", network: network, code: code))
        }
    }

    private static func pin(ofInstructions text: String) -> Digest? {
        (try? JSONValue.string(text).canonical()).map { OpenSSLHashing().sha256($0) }
    }
}
