import InterlockJSON

/// The names that hosts give to tools of MCP servers.
enum MCPToolName {
    /// Splits `mcp__SERVER__TOOL`.
    ///
    /// - Parameter configured: the server's own name, if the host reports it: its name may contain `__`.
    /// - Returns: nil if the name has another form.
    static func split(_ name: String, configured: String? = nil) -> HookToolName? {
        let bytes = Array(name.utf8)
        guard bytes.starts(with: Self.prefix) else { return nil }
        let rest = bytes.dropFirst(Self.prefix.count)
        if let configured {
            let known = configured.utf8.map(normalized)
            let tool = rest.dropFirst(known.count)
            if !known.isEmpty, rest.starts(with: known), tool.starts(with: Self.separator),
                tool.count > Self.separator.count
            {
                return made(known[...], tool.dropFirst(Self.separator.count))
            }
        }
        var place = rest.startIndex
        while place + 1 < rest.endIndex {
            if rest[place] == Self.underscore, rest[place + 1] == Self.underscore {
                return made(rest[..<place], rest[(place + 2)...])
            }
            place += 1
        }
        return nil
    }

    /// Splits `MCP:SERVER:TOOL`, or `MCP:TOOL` with an empty server (Cursor; not verified).
    static func splitColons(_ name: String) -> HookToolName? {
        let bytes = Array(name.utf8)
        let prefix = Array("MCP:".utf8)
        guard bytes.starts(with: prefix) else { return nil }
        let rest = bytes.dropFirst(prefix.count)
        guard let colon = rest.firstIndex(of: UInt8(ascii: ":")) else {
            return rest.isEmpty ? nil : .mcp(server: "", tool: text(rest))
        }
        return made(rest[..<colon], rest[(colon + 1)...])
    }

    private static let prefix = Array("mcp__".utf8)
    private static let separator = Array("__".utf8)
    private static let underscore = UInt8(ascii: "_")

    private static func made(_ server: ArraySlice<UInt8>, _ tool: ArraySlice<UInt8>)
        -> HookToolName?
    {
        server.isEmpty || tool.isEmpty ? nil : .mcp(server: text(server), tool: text(tool))
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> ExactText {
        ExactText(String(decoding: bytes, as: UTF8.self))
    }

    /// Claude Code writes `_` for every byte outside `[A-Za-z0-9_-]`.
    private static func normalized(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            byte
        default: underscore
        }
    }
}

extension HookServer {
    /// Reads what a host says of a server. A member of another type than expected is ignored, so the server is unknown
    /// to the decision; the details of the event keep what the host sent.
    init?(reported value: JSONValue?, name nameKey: String) {
        guard let object = value?.object else { return nil }
        func text(_ key: String, _ longest: Int) -> String? {
            guard let text = object[key]?.string, !text.isEmpty, text.utf8.count <= longest else {
                return nil
            }
            return text
        }
        let command = Self.command(object)
        // A server is known by its command or by its address; one whose command cannot be read by neither.
        let hasUnreadCommand = object["command"] != nil && command == nil
        self.init(
            name: text(nameKey, HookLimits.name),
            url: hasUnreadCommand ? nil : text("url", HookLimits.path), command: command,
            source: text("source", HookLimits.path))
    }

    private static func command(_ object: JSONObject) -> [String]? {
        guard let program = object["command"]?.string else { return nil }
        var words = [program]
        for word in object["args"]?.array ?? [] {
            guard let text = word.string else { return nil }
            words.append(text)
        }
        let bytes = words.reduce(0) { $0 + $1.utf8.count }
        return words.count <= HookLimits.words && bytes <= HookLimits.command ? words : nil
    }
}
