import InterlockJSON
import InterlockModel

/// The event on the wire between adapter and gateway, version 1 (docs/specs/coding-agents.md, section 3).
extension HookEvent {
    /// - Throws: an error if the bytes are not exactly an event of version 1. Members that may be null may be missing;
    ///   unknown members are rejected, also in `tool`.
    package init(wire bytes: [UInt8]) throws(HookWireError) {
        self = try HookLimits.read(bytes, Self.read)
    }

    /// Compact JSON text, at most `HookLimits.wireBytes` for an event that a codec made.
    package var wire: [UInt8] {
        var writer = JSONObjectWriter(capacityBytes: 1024)
        writer.open()
        writer.add("v", Int64(1))
        writer.add("host", sender.name)
        writer.add("host_version", orNull: hostVersion)
        writer.add("event", kind.rawValue)
        writer.add("host_event", hostName)
        writer.add("session", session)
        writer.add("call", orNull: call)
        writer.add("agent", orNull: agent)
        writer.add("agent_kind", orNull: agentKind)
        writer.add("parent_agent", orNull: parentAgent)
        writer.add("cwd", orNull: workingDirectory)
        writer.add("mode", orNull: mode)
        writer.add("prompt", orNull: prompt)
        writer.add("attended", isAttended.map { .bool($0) } ?? .null)
        if let tool { tool.write(to: &writer) } else { writer.add("tool", JSONValue.null) }
        writer.add("details", .object(details))
        writer.close()
        return writer.bytes
    }

    private static let required = ["v", "host", "event", "host_event", "session"]
    private static let optional = [
        "host_version", "call", "agent", "agent_kind", "parent_agent", "cwd", "mode", "prompt",
        "attended", "tool", "details",
    ]

    private static func read(_ value: JSONValue) throws(FormError) -> HookEvent {
        let fields = try StrictFields(value, required: required, optional: optional)
        try fields.expectVersion1()
        var event = HookEvent(
            sender: try fields.made("host", "a known host") { HookSender(name: $0) },
            kind: try fields.made("event", "a known kind") { HookEventKind(rawValue: $0) },
            hostName: try fields.string("host_event", length: 1...HookLimits.name),
            session: try fields.string("session", length: 1...HookLimits.name))
        event.hostVersion = try fields.text("host_version")
        event.call = try fields.text("call")
        event.agent = try fields.text("agent")
        event.agentKind = try fields.text("agent_kind")
        event.parentAgent = try fields.text("parent_agent")
        event.workingDirectory = try fields.text("cwd", longest: HookLimits.path)
        event.mode = try fields.text("mode")
        event.prompt = try fields.text("prompt")
        if let attended = try fields.present("attended") {
            guard let isAttended = attended.bool else { throw fields.bad("attended", "a boolean") }
            event.isAttended = isAttended
        }
        if let tool = try fields.present("tool") { event.tool = try HookTool(wire: tool) }
        if let details = try fields.present("details") {
            guard let object = details.object else { throw fields.bad("details", "an object") }
            event.details = object
        }
        guard event.tool != nil || !event.kind.needsTool else {
            throw .missingMember("tool")
        }
        return event
    }
}

extension HookTool {
    fileprivate func write(to writer: inout JSONObjectWriter) {
        writer.open("tool")
        writer.add("host_name", hostName)
        writer.add("name", name.wire)
        if case .mcp(let server, let tool) = name {
            writer.open("mcp")
            writer.add("server", server.text)
            writer.add("tool", tool.text)
            writer.close()
        }
        writer.add("args", .object(arguments))
        if let server {
            writer.open("server")
            writer.add("name", orNull: server.name)
            writer.add("url", orNull: server.url)
            if let command = server.command { writer.add("command", texts: command) }
            writer.add("source", orNull: server.source)
            writer.close()
        }
        writer.close()
    }

    fileprivate init(wire value: JSONValue) throws(FormError) {
        let fields = try StrictFields(
            value, at: "tool", required: ["host_name", "name", "args"],
            optional: ["mcp", "server"])
        guard let arguments = try fields.value("args").object else {
            throw fields.bad("args", "an object")
        }
        let wire = try fields.string("name")
        let name: HookToolName
        if sameBytes(wire, "mcp") {
            let mcp = try StrictFields(
                try fields.value("mcp"), at: "tool.mcp", required: ["server", "tool"])
            name = .mcp(
                server: ExactText(try mcp.string("server", length: 0...HookLimits.name)),
                tool: ExactText(try mcp.string("tool", length: 0...HookLimits.name)))
        } else {
            guard let known = HookToolName.hostTools.first(where: { sameBytes($0.wire, wire) })
            else { throw fields.bad("name", "a tool of the host, or `mcp`") }
            guard !fields.has("mcp") else { throw fields.bad("mcp", "omitted") }
            name = known
        }
        self.init(
            hostName: try fields.string("host_name", length: 1...HookLimits.name), name: name,
            arguments: arguments,
            server: try fields.present("server").map { value throws(FormError) in
                try HookServer(wire: value)
            })
    }
}

extension HookServer {
    fileprivate init(wire value: JSONValue) throws(FormError) {
        let fields = try StrictFields(
            value, at: "tool.server", required: [],
            optional: ["name", "url", "command", "source"])
        self.init(
            name: try fields.text("name"), url: try fields.text("url", longest: HookLimits.path),
            source: try fields.text("source", longest: HookLimits.path))
        guard try fields.present("command") != nil else { return }
        var words: [String] = []
        for word in try fields.array("command", count: 0...HookLimits.words) {
            guard let text = word.string else { throw fields.bad("command", "a list of texts") }
            words.append(text)
        }
        command = words
    }
}

extension StrictFields {
    /// Returns nil if the member is missing or null.
    func present(_ key: String) throws(FormError) -> JSONValue? {
        guard has(key) else { return nil }
        let value = try value(key)
        if case .null = value { return nil }
        return value
    }

    /// Returns nil if the member is missing or null.
    func text(_ key: String, longest: Int = HookLimits.name) throws(FormError) -> String? {
        try present(key) == nil ? nil : string(key, length: 0...longest)
    }
}
