import InterlockJSON
package import InterlockModel

extension PolicyLock {
    /// Parses the file in any spelling of its JSON; unknown and missing members are rejected.
    ///
    /// - Throws: also if a pin is not that of its definition, or a floor not that of its annotations.
    package init(parsing bytes: [UInt8], hashing: any Hashing) throws(FormError) {
        let root = try StrictFields.value(bytes, limit: Self.largest)
        let fields = try StrictFields(root, required: ["interlockLock", "servers", "signatures"])
        _ = try fields.integer("interlockLock", in: 1...1)
        let signatures = try fields.array("signatures", count: 0...Self.mostSignatures)
            .enumerated().map { place, value throws(FormError) in
                try LockSignature(value, at: "signatures[\(place)]")
            }
        let servers: [ServerName: LockedServer] = try members(
            of: fields, "servers", at: "servers", most: Self.mostServers, ServerName.init,
            "a name of a server"
        ) { _, value, path throws(FormError) in try LockedServer(value, at: path, hashing: hashing)
        }
        try self.init(servers: servers, signatures: signatures, hashing: hashing)
    }
}

extension LockSignature {
    fileprivate init(_ value: JSONValue, at path: String) throws(FormError) {
        let fields = try StrictFields(value, at: path, required: ["key", "sig"])
        key = try fields.made("key", "base64 of 32 bytes", PublicKey.init(base64:))
        bytes = try fields.made("sig", "base64 of 64 bytes") { text -> [UInt8]? in
            guard let bytes = Base64.decode(text), bytes.count == 64 else { return nil }
            return bytes
        }
    }
}

extension LockedServer {
    private static let common = [
        "name", "version", "protocolVersion", "capabilities", "elicitationHosts", "instructions",
        "tools", "prompts",
    ]

    fileprivate init(_ value: JSONValue, at path: String, hashing: any Hashing) throws(FormError) {
        // A server is either remote or a program, which decides the other members that it must have.
        let isRemote = value["remote"] != nil
        let fields = try StrictFields(
            value, at: path,
            required: Self.common
                + (isRemote ? ["remote"] : ["package", "argv", "env", "sandbox"]),
            optional: isRemote ? [] : ["code", "network"])
        let tools: [ToolName: LockedTool] = try members(
            of: fields, "tools", at: path + ".tools", most: Self.mostTools, toolName,
            "a name of a tool"
        ) { name, value, path throws(FormError) in
            try LockedTool(value, name: name, at: path, hashing: hashing)
        }
        let prompts: [String: LockedPrompt] = try members(
            of: fields, "prompts", at: path + ".prompts", most: Self.mostPrompts, promptName,
            "a name of a prompt"
        ) { name, value, path throws(FormError) in
            try LockedPrompt(value, name: name, at: path, hashing: hashing)
        }
        self.init(
            name: try fields.optional("name", "`namespace/name` or null", Self.registryName),
            version: try fields.optional("version", "one exact version or null", Self.exactVersion),
            protocolVersion: try fields.made(
                "protocolVersion", "a date", { CivilDate($0) == nil ? nil : $0 }),
            capabilities: try fields.list(
                "capabilities", count: 0...Self.mostCapabilities, "a short name", Self.capability),
            origin: isRemote
                ? .remote(try LockedRemote(try fields.value("remote"), at: path + ".remote"))
                : .program(try LockedProgram(fields, at: path)),
            elicitationHosts: try fields.list(
                "elicitationHosts", count: 0...64, "a host", hostText),
            instructions: try fields.optional(
                "instructions", "`sha256:` and 64 digits, or null", digest),
            tools: tools, prompts: prompts)
    }
}

extension LockedProgram {
    fileprivate init(_ fields: StrictFields, at path: String) throws(FormError) {
        let installed = try fields.value("package")
        self.installed =
            installed == .null ? nil : try LockedPackage(installed, at: path + ".package")
        var argv: [String] = []
        for word in try fields.array("argv", count: 1...Self.mostArguments) {
            guard let text = word.string, text.utf8.count <= Self.longestArgument else {
                throw fields.bad("argv", "a list of texts of at most \(Self.longestArgument) bytes")
            }
            argv.append(text)
        }
        self.argv = argv
        environment = try fields.list(
            "env", count: 0...Self.mostVariables, "a name of a variable", variableName)
        sandbox = try fields.string("sandbox", length: 1...64)
        // Each network has one spelling, so that each lock has one form.
        network = try fields.has("network") ? Self.network(fields) : .own
        code = try fields.has("code") ? ProgramCode(fields, "code", at: path) : nil
    }

    private static func network(_ fields: StrictFields) throws(FormError) -> ServerNetwork {
        try fields.made("network", "`host`, or left out") { text -> ServerNetwork? in
            text == ServerNetwork.host.rawValue ? .host : nil
        }
    }
}

extension ProgramCode {
    fileprivate init(_ fields: StrictFields, _ key: String, at path: String) throws(FormError) {
        var parts: [Part] = []
        for (place, value) in try fields.array(key, count: 1...Self.mostParts).enumerated() {
            let part = try StrictFields(
                value, at: "\(path).\(key)[\(place)]", required: ["kind", "path", "sha256"])
            parts.append(
                Part(
                    kind: try part.made("kind", "`file`, `folder` or `caches`", Part.Kind.init),
                    path: try part.made("path", "an absolute path", Self.path),
                    digest: try part.made("sha256", "64 lower-case hexadecimal digits") {
                        InterlockPolicy.digest("sha256:" + $0)
                    }))
        }
        guard let code = ProgramCode(parts) else {
            throw fields.bad(key, "a list of 1 to \(Self.mostParts)")
        }
        self = code
    }

    private static func path(_ text: String) -> String? {
        let isLong = text.utf8.count > longestPath
        return text.hasPrefix("/") && !isLong && !text.utf8.contains(0) ? text : nil
    }
}

extension LockedPackage {
    fileprivate init(_ value: JSONValue, at path: String) throws(FormError) {
        let fields = try StrictFields(
            value, at: path, required: ["registryType", "identifier", "sha256"])
        registry = try fields.made(
            "registryType",
            "one of " + LockedRegistry.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", "),
            LockedRegistry.init)
        identifier = try fields.string("identifier", length: 1...512)
        digest = try fields.made("sha256", "64 lower-case hexadecimal digits") {
            InterlockPolicy.digest("sha256:" + $0)
        }
    }
}

extension LockedRemote {
    fileprivate init(_ value: JSONValue, at path: String) throws(FormError) {
        let fields = try StrictFields(
            value, at: path, required: ["type", "url", "tlsName", "tlsKey"], optional: ["uid"])
        try fields.expect("type", Self.type)
        url = try fields.made("url", "a URL of http or https") { text in
            let isURL = text.hasPrefix("https://") || text.hasPrefix("http://")
            return isURL && text.utf8.count <= 2048 ? text : nil
        }
        tlsName = try fields.optional("tlsName", "a host or null", hostText)
        tlsKey = try fields.optional("tlsKey", "`sha256:` and 64 digits, or null", digest)
        uid = try fields.has("uid") ? UInt32(fields.integer("uid", in: 0...4_294_967_294)) : nil
    }
}

extension LockedTool {
    fileprivate init(
        _ value: JSONValue, name: ToolName, at path: String, hashing: any Hashing
    ) throws(FormError) {
        let fields = try StrictFields(
            value, at: path,
            required: ["pin", "floor", "alias", "override", "definition", "reviewed"])
        guard let definition = try fields.value("definition").object else {
            throw fields.bad("definition", "an object")
        }
        let override = try fields.value("override")
        try self.init(
            definition: definition, name: name,
            alias: try fields.optional("alias", "a name of a tool or null", aliasText),
            override: override == .null ? nil : try FloorOverride(override, at: path + ".override"),
            reviewed: try LockReview(try fields.value("reviewed"), at: path + ".reviewed"),
            at: path, hashing: hashing)
        try expect(pin, in: fields)
        guard try fields.value("floor") == (floor.map { .string($0.rawValue) } ?? .null) else {
            throw fields.bad(
                "floor",
                "\(floor.map { "`\($0.rawValue)`" } ?? "null"), as its annotations say")
        }
    }
}

extension LockedPrompt {
    fileprivate init(
        _ value: JSONValue, name: String, at path: String, hashing: any Hashing
    ) throws(FormError) {
        let fields = try StrictFields(
            value, at: path, required: ["pin", "alias", "definition", "reviewed"])
        guard let definition = try fields.value("definition").object else {
            throw fields.bad("definition", "an object")
        }
        try self.init(
            definition: definition, name: name,
            alias: try fields.optional("alias", "a name of a prompt or null", aliasText),
            reviewed: try LockReview(try fields.value("reviewed"), at: path + ".reviewed"),
            at: path, hashing: hashing)
        try expect(pin, in: fields)
    }
}

extension FloorOverride {
    fileprivate init(_ value: JSONValue, at path: String) throws(FormError) {
        let fields = try StrictFields(value, at: path, required: ["class", "by", "reason"])
        toolClass = try fields.made("class", "a class of tools", ToolClass.init)
        by = try fields.made("by", "an address", lowerCasePerson)
        reason = try fields.string("reason", length: 1...Self.longestReason)
    }
}

extension LockReview {
    fileprivate init(_ value: JSONValue, at path: String) throws(FormError) {
        let fields = try StrictFields(value, at: path, required: ["by", "at"])
        by = try fields.made("by", "an address", lowerCasePerson)
        at = try fields.time("at", fractionDigits: 0)
    }
}
