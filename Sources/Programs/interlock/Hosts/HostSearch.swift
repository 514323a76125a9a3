import InterlockCommandLine
import InterlockHosts

/// The MCP servers that this user's hosts start or reach, as far as their files show.
struct HostSearch {
    struct Found {
        let path: String
        let kind: HostKind
        let line: Int
        /// The name of the server. Is nil for a file that cannot be read.
        let name: String?
        let isGoverned: Bool
        /// The command or URL of the server, or the reason that the file cannot be read.
        let text: String
    }

    /// The existing files of the user and of the folder, each once.
    ///
    /// - Parameters:
    ///   - home: the home folder; nil if it is unknown.
    ///   - folder: the folder of a project, usually the current one.
    static func files(home: String?, folder: String) -> [(path: String, kind: HostKind)] {
        var files: [(path: String, kind: HostKind)] = []
        for kind in HostKind.allCases {
            let places =
                [home.map { $0 + "/" + kind.userFile }, kind.projectFile.map { folder + "/" + $0 }]
            for place in places.compactMap(\.self) {
                guard let path = File.realPath(place), !files.contains(where: { $0.path == path })
                else { continue }
                files.append((path, kind))
            }
        }
        return files
    }

    /// Returns all servers in all files. A file that cannot be read is included, because the servers that it starts
    /// are unknown.
    ///
    /// - Parameter relay: the relay of the deployment that they should lead to.
    static func run(home: String?, folder: String, relay: HostRelay) -> [Found] {
        files(home: home, folder: folder).flatMap { path, kind in
            kind == .codex ? codex(path, relay) : json(path, kind, relay)
        }
    }

    private static func json(_ path: String, _ kind: HostKind, _ relay: HostRelay) -> [Found] {
        let source: HostSource
        do throws(Failure) { source = try HostSource.read(path, host: kind.rawValue) } catch {
            return [unreadable(path, kind, error.message)]
        }
        return source.file.entries.map { entry in
            Found(
                path: path, kind: kind, line: entry.line, name: entry.name,
                isGoverned: entry.relay.map(relay.isOurs) ?? false,
                text: text(of: entry.definition))
        }
    }

    private static func codex(_ path: String, _ relay: HostRelay) -> [Found] {
        let file: CodexFile
        do throws(FileFailure) {
            file = CodexFile(try File.readRegular(path, limit: CodexFile.largest))
        } catch { return [unreadable(path, .codex, error.message)] }
        let found = file.entries.map {
            Found(
                path: path, kind: .codex, line: $0.line, name: $0.name,
                isGoverned: $0.relay.map(relay.isOurs) ?? false, text: $0.relay?.program ?? "")
        }
        guard file.hasOtherForms else { return found }
        return found + [unreadable(path, .codex, "servers in a form that is not read")]
    }

    private static func unreadable(_ path: String, _ kind: HostKind, _ reason: String) -> Found {
        Found(path: path, kind: kind, line: 1, name: nil, isGoverned: false, text: reason)
    }

    /// Omits arguments and headers, which may contain secrets.
    private static func text(of definition: HostEntry.Definition) -> String {
        switch definition {
        case .program(let program): program.command
        case .remote(let remote):
            String(remote.url.prefix { $0 != "?" && $0 != "#" })
                .split(separator: "@").last.map(String.init) ?? ""
        case .refused(let reason): reason
        }
    }
}
