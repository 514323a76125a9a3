import InterlockCommandLine
import InterlockJSON
import InterlockModel
import InterlockPolicy

extension Command {
    static let serversImport = Command(
        "servers import FILE", "print a policy stub and the lock's facts from a server.json",
        example: "interlock servers import server.json --name crm",
        options: [.json, Option("--name NAME", "of the server here (default: from the file)")],
        exits: [.no, .data, .notFound],
        notes: """
            FILE is a local server.json of the MCP registry, or - for standard input; nothing is fetched and
            nothing is written. Refused, with exit 1: ranges and `latest`, a second slash in the name, mcpb
            without fileSha256, words that have to be filled in, and servers that can only be reached over
            sse. Exit 65: it is no server.json. `interlock servers pin --server-json FILE` puts
            its name, version and digest into the lock, once the server answers.
            """
    ) { invocation in
        let path = invocation.positional[0]
        let manifest = try ServerManifestFile.read(path)
        let name = try ServerManifestFile.name(invocation["name"], manifest)
        for reason in manifest.leftOut { Output.error("interlock: left out: \(reason)") }
        guard let way = manifest.ways.first else { return .no }
        for other in manifest.ways.dropFirst() {
            Output.error("interlock: left out: \(other.label), since \(way.label) comes first")
        }
        let stub = ServerStub(name: name, manifest: manifest, way: way)
        let lines =
            ["# interlock.lock, as far as the file says", stub.entry.json]
            + ["# policy/servers/\(name).yaml"] + stub.yaml
        return invocation.print(
            ["server": .string(name.text), "lock": stub.entry, "policy": stub.policy],
            lines.joined(separator: "\n"))
    }
}

/// Reads `server.json` from disk or from standard input.
enum ServerManifestFile {
    /// - Throws: exit 1 for a refused file, 65 for a file that is not a manifest, 66 if it does not exist.
    static func read(_ path: String) throws(Failure) -> ServerManifest {
        let bytes: [UInt8]
        do throws(FileFailure) {
            bytes =
                try path == "-"
                ? File.standardInput(limit: ServerManifest.largest)
                : File.readRegular(path, limit: ServerManifest.largest)
        } catch {
            throw Failure(error.isMissing ? .notFound : .data, error.message)
        }
        do throws(FormError) { return try ServerManifest(parsing: bytes) } catch {
            let isRefused =
                if case .badMember(let key, _) = error { key != "server.json" } else { false }
            let place = path == "-" ? "standard input" : path
            throw Failure(isRefused ? .no : .data, "\(TerminalEscaping.shown(place)): \(error)")
        }
    }

    /// The given name, else one derived from the last part of the registry's name.
    static func name(_ given: String?, _ manifest: ServerManifest) throws(Failure) -> ServerName {
        if let given {
            return try Invocation.parsed(given, "no name of a server", .usage) { ServerName($0) }
        }
        let last = manifest.name.split(separator: "/").last.map { $0.lowercased() } ?? ""
        let parts = last.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        guard let name = ServerName(parts.joined(separator: "-")) else {
            throw Failure(
                .usage, "`\(manifest.name)` makes no name of a server", help: "--name NAME")
        }
        return name
    }
}

extension ServerManifest.Transport {
    var label: String {
        switch self {
        case .package(let package): "\(package.registry.rawValue) \(package.identifier)"
        case .remote(let url, _): url
        }
    }
}

/// The output of `servers import`.
private struct ServerStub {
    let name: ServerName
    let manifest: ServerManifest
    let way: ServerManifest.Transport

    /// The future lock entry without its pins, which come from the live server.
    var entry: JSONValue {
        var object: JSONObject = [
            "name": .string(manifest.name), "version": .string(manifest.version),
        ]
        switch way {
        case .package(let package):
            object["package"] =
                package.digest.map {
                    [
                        "registryType": .string(package.registry.rawValue),
                        "identifier": .string(package.identifier), "sha256": .string($0.hex),
                    ]
                } ?? .null
            object["argv"] = .strings(package.argv)
            object["env"] = .array(package.environment.map { .string($0.name) })
        case .remote(let url, _):
            object["remote"] = [
                "type": .string(LockedRemote.type), "url": .string(url),
                "tlsName": LockedRemote.tlsName(of: url).map { .string($0) } ?? .null,
            ]
        }
        return .object([name.text: .object(object)])
    }

    var policy: JSONValue { ["servers": .object([name.text: ["connect": connect]])] }

    private var connect: JSONValue {
        switch way {
        case .package(let package): ["stdio": .strings(package.argv)]
        case .remote(let url, _): ["http": .string(url)]
        }
    }

    /// The YAML stub. It contains JSON, which is valid YAML, so no quoting rules are needed.
    var yaml: [String] {
        var lines = [
            "servers:", "  \(name):  # \(TerminalEscaping.shown(manifest.description))",
            "    connect: " + connect.json,
            "    # reviewed: {by: you@your.example, on: \"2026-01-31\", trust: external}",
        ]
        switch way {
        case .package(let package):
            for variable in package.environment {
                lines.append(
                    "    # wants the variable \(variable.name)"
                        + (variable.isSecret ? ", which is a secret" : ""))
            }
        case .remote(_, let headers):
            for header in headers {
                lines.append(
                    "    # credentials: {AGENT: {header: \(header), secret: NAME}}  # one per agent"
                )
            }
        }
        lines.append("    tools: {}  # classes: interlock servers pin \(name) shows what it offers")
        lines.append("    # it also shows what entries could state in `source`, `sends` and `keys`")
        return lines
    }
}
