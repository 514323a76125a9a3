import InterlockJSON
package import InterlockModel

/// A `server.json` of the MCP registry (schema 2025-12-11), as far as it states what to run or to reach.
/// The registry vouches only for the name; a person reads all of it before it counts.
package struct ServerManifest: Sendable, Hashable {
    /// The name in the form `namespace/name`.
    package let name: String
    package let description: String
    package let version: String
    /// The packages and remotes, at least one: packages in the order of the file, then remotes.
    package let ways: [Transport]
    /// The parts of the file that cannot be used here, with the reasons.
    package let leftOut: [String]

    package enum Transport: Sendable, Hashable {
        case package(Package)
        case remote(url: String, headers: [String])
    }

    package struct Package: Sendable, Hashable {
        package let registry: LockedRegistry
        package let identifier: String
        package let version: String
        /// The digest, or nil if the file does not state it; nothing is then checked before a start.
        package let digest: Digest?
        package let argv: [String]
        package let environment: [Variable]
    }

    package struct Variable: Sendable, Hashable {
        package let name: String
        package let isSecret: Bool
    }

    package static let largest = 1 << 20
    static let mostPackages = 32
    static let mostVariables = 256

    /// Parses strictly what is used and ignores the rest: the schema grows, and the file belongs to another
    /// project.
    ///
    /// - Throws: `badMember` with the key and the expected value; `badMember("remotes", ...)` if no usable
    ///   package or remote is left.
    package init(parsing bytes: [UInt8]) throws(FormError) {
        let root = ManifestFields(try StrictFields.value(bytes, limit: Self.largest), at: "")
        guard root.value.object != nil else { throw .badMember("server.json", "an object") }
        name = try root.made("name", "`namespace/name` with one slash", LockedServer.registryName)
        description = try root.made("description", "a text of 1 to 100 characters") {
            (1...100).contains($0.count) ? $0 : nil
        }
        version = try root.version("version")
        var ways: [Transport] = []
        var leftOut: [String] = []
        for fields in try root.list("packages", most: Self.mostPackages) {
            let transport = try fields.member("transport").text("type")
            if transport == "stdio" {
                ways.append(.package(try Package(fields)))
            } else {
                leftOut.append(
                    "\(fields.path): transport `\(transport)` of a local program; run it, and name "
                        + "its url")
            }
        }
        for fields in try root.list("remotes", most: Self.mostPackages) {
            let type = try fields.text("type")
            guard type == LockedRemote.type else {
                leftOut.append("\(fields.path): transport `\(type)` is not spoken")
                continue
            }
            ways.append(try Self.remote(fields))
        }
        guard !ways.isEmpty else {
            throw .badMember(
                "remotes",
                "a `streamable-http` remote or a `stdio` package"
                    + (leftOut.isEmpty ? "" : " (\(leftOut.joined(separator: "; ")))"))
        }
        self.ways = ways
        self.leftOut = leftOut
    }

    private static func remote(_ fields: ManifestFields) throws(FormError) -> Transport {
        let url = try fields.made("url", "an http or https URL without variables") { text in
            let isURL = text.hasPrefix("https://") || text.hasPrefix("http://")
            let isWhole = !text.contains("{") && !text.contains("@")
            return isURL && isWhole && text.utf8.count <= 2048 ? text : nil
        }
        var headers: [String] = []
        for header in try fields.list("headers", most: mostVariables) {
            headers.append(
                try header.made("name", "a name of a header") {
                    !$0.isEmpty && $0.utf8.allSatisfy(isNameByte) ? $0 : nil
                })
        }
        return .remote(url: url, headers: headers)
    }
}

extension ServerManifest.Package {
    fileprivate init(_ fields: ManifestFields) throws(FormError) {
        registry = try fields.made(
            "registryType",
            "one of " + LockedRegistry.allCases.map(\.rawValue).joined(separator: ", "),
            LockedRegistry.init)
        identifier = try fields.made("identifier", "a text of 1 to 512 bytes") {
            let isWord = !$0.contains { $0.isWhitespace || $0 == "{" }
            return (1...512).contains($0.utf8.count) && isWord ? $0 : nil
        }
        version = try fields.version("version")
        digest = try fields.optional("fileSha256", "64 lower-case hexadecimal digits") {
            InterlockPolicy.digest("sha256:" + $0)
        }
        if registry == .mcpb, digest == nil {
            throw .badMember(
                fields.path + ".fileSha256", "there: an mcpb file is known by it alone")
        }
        let hint = try fields.optional("runtimeHint", "a name of a program") {
            !$0.isEmpty && $0.utf8.allSatisfy(isNameByte) ? $0 : nil
        }
        argv =
            try Self.runner(registry, hint) + fields.arguments("runtimeArguments") + [
                Self.reference(registry, identifier, version)
            ] + fields.arguments("packageArguments")
        guard argv.count <= LockedProgram.mostArguments else {
            throw .badMember(
                fields.path, "a command of at most \(LockedProgram.mostArguments) words")
        }
        var environment: [ServerManifest.Variable] = []
        for variable in try fields.list("environmentVariables", most: ServerManifest.mostVariables)
        {
            environment.append(
                ServerManifest.Variable(
                    name: try variable.made("name", "a name of a variable", variableName),
                    isSecret: variable.value["isSecret"] == true))
        }
        self.environment = environment
    }

    private static func runner(_ registry: LockedRegistry, _ hint: String?) -> [String] {
        if let hint { return [hint] }
        return switch registry {
        case .npm: ["npx", "-y"]
        case .pypi: ["uvx"]
        case .nuget: ["dnx", "-y"]
        case .oci: ["docker", "run", "-i", "--rm"]
        case .cargo, .mcpb: []
        }
    }

    /// The argument that names one version to the runner of each registry.
    private static func reference(
        _ registry: LockedRegistry, _ identifier: String, _ version: String
    ) -> String {
        switch registry {
        case .npm, .nuget: "\(identifier)@\(version)"
        case .pypi: "\(identifier)==\(version)"
        case .oci: identifier.contains(":") ? identifier : "\(identifier):\(version)"
        case .cargo, .mcpb: identifier
        }
    }
}
