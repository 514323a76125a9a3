import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockKeys
import InterlockMCP
import InterlockModel
import InterlockPolicy

/// The entry that a server would get in the lock, from what it says of itself now. What people have
/// decided about unchanged tools is kept.
struct PinProposal {
    let entry: LockedServer
    /// Tools that can have no pin, with the reason; they stay hidden. And `code`, which is not checked then.
    let leftOut: [(name: String, reason: String)]

    /// In `leftOut`; no name of a tool has a space.
    static let code = "its code"

    /// - Parameters:
    ///   - variables: names of all that the server's child finds in its environment.
    ///   - network: the one that its child is started in.
    ///   - owner: the user of a process behind an HTTP address.
    ///   - looksAtCode: whether what its command leads to is part of the entry.
    ///   - review: stands at each tool that is new or differs.
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
            } catch {
                leftOut.append((definition.name.text, "\(error)"))
            }
        }
        var prompts: [String: LockedPrompt] = [:]
        leftOut += live.prompts.refused.map { (name: $0.name, reason: $0.reason) }
        for definition in live.prompts.definitions {
            do throws(FormError) {
                prompts[definition.name] = try Self.prompt(
                    definition, beside: old?.prompts[definition.name], review)
            } catch {
                leftOut.append(("prompt:" + definition.name, "\(error)"))
            }
        }
        let said = live.handshake.serverInfo
        let name = said["name"]?.string.flatMap(LockedServer.registryName)
        // What a server.json said once is more than what the server says of itself.
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
                connection, variables, network, owner, code?.known, beside: old?.origin),
            elicitationHosts: old?.elicitationHosts ?? [],
            instructions: live.handshake.instructions.flatMap(Self.pin(ofInstructions:)),
            tools: tools, prompts: prompts)
        self.leftOut = leftOut
    }

    /// An override was about other annotations once the definition differs, so it does not stay.
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

    /// Package and key are nobody's to see from here; they stay while the way to the server does.
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
                LockedRemote(
                    url: url, tlsName: remote.tlsName, tlsKey: remote.tlsKey, uid: owner))
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
