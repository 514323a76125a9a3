import InterlockHooks
import InterlockHosts
import InterlockJSON

/// The lists of MCP servers that the user and the project have: each server must be the gateway, or the host must ignore the
/// list. A server is known by its address, never by its name.
enum ServerListChecks {
    static func all(_ settings: ManagedSettings, _ facts: DoctorFacts) -> [DoctorCheck] {
        let gateway = GatewayAddresses(settings.servers, facts)
        let checks = facts.serverLists.flatMap { list in
            all(of: list, settings.servers, gateway, facts)
        }
        guard checks.isEmpty else { return checks }
        return [
            DoctorCheck(
                .serverList, nil,
                settings.servers.isInEffect ? facts.managedVerdict : .guidance,
                "no MCP server bypasses the gateway")
        ]
    }

    private struct Server {
        /// `NAME` with its line.
        let name: String
        let line: Int
        let isGateway: Bool
    }

    private static let remedy = "interlock hook install claude-code"

    private static func all(
        of list: DoctorFacts.ServerList, _ managed: ManagedServerChecks,
        _ gateway: GatewayAddresses, _ facts: DoctorFacts
    ) -> [DoctorCheck] {
        func check(_ line: Int?, _ verdict: DoctorVerdict, _ cause: String, _ help: String?)
            -> DoctorCheck
        {
            let subject = list.file.path + (line.map { ":\($0)" } ?? "")
            return DoctorCheck(.serverList, subject, verdict, cause, help: help)
        }
        let bytes: [UInt8]
        switch list.file.content {
        case .absent: return []
        case .unreadable(let reason):
            return [check(nil, .unknown, "cannot be read: \(reason)", nil)]
        case .bytes(let found): bytes = found
        }
        guard !FileFacts.isBlank(bytes) else { return [] }
        let servers: [Server]
        do throws(FileFault) {
            servers = try read(bytes, list.kind, gateway)
        } catch {
            let verdict = managed.isInEffect ? facts.managedVerdict : .failed
            return [check(nil, verdict, "its servers are not known: \(error.cause)", nil)]
        }
        return servers.filter { !$0.isGateway }.map { server in
            if gateway.names.contains(where: { isAlike($0, server.name) }) {
                return check(
                    server.line, .failed,
                    "server `\(server.name)` has the name of the gateway, and is another one",
                    "remove it")
            }
            guard managed.isInEffect else {
                return check(
                    server.line, .failed,
                    gateway.isKnown
                        ? "server `\(server.name)` bypasses the gateway"
                        : "server `\(server.name)` bypasses the gateway, unless it is the gateway itself",
                    facts.host == .claudeCode
                        ? remedy : gateway.isKnown ? nil : "name the deployment with --dir")
            }
            return check(
                server.line, facts.managedVerdict,
                "server `\(server.name)` is not started: the managed list replaces this one", nil)
        }
    }

    /// Names that a person reads as the same one: case and separators do not count.
    private static func isAlike(_ a: String, _ b: String) -> Bool {
        func plain(_ text: String) -> [UInt8] {
            text.lowercased().utf8.filter { !" -_.".utf8.contains($0) }
        }
        return plain(a) == plain(b)
    }

    private static func read(
        _ bytes: [UInt8], _ kind: HostKind, _ gateway: GatewayAddresses
    ) throws(FileFault) -> [Server] {
        guard kind == .codex else {
            let file: HostFile
            do throws(HostFileError) { file = try HostFile(parsing: bytes, kind: kind) } catch {
                throw FileFault("line \(error.line): \(error.reason)")
            }
            return file.entries.map { entry in
                Server(
                    name: entry.name, line: entry.line,
                    isGateway: gateway.has(entry, of: kind))
            }
        }
        let file = CodexFile(bytes)
        guard !file.hasOtherForms else { throw FileFault("a form that is not read") }
        return file.entries.map { entry in
            Server(
                name: entry.name, line: entry.line,
                isGateway: entry.url.map(gateway.has) ?? false)
        }
    }
}
