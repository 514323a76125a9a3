import InterlockHosts

/// MCP servers that hosts of this user start or reach without the gateway, as far as files tell.
struct HostSearch {
    struct Found {
        let path: String
        let kind: HostKind
        let line: Int
        /// Of the server; nil for a file that cannot be read.
        let name: String?
        let isGoverned: Bool
        /// What it runs, or why it cannot be read.
        let text: String
    }

    /// Files that are there, each once: of the user, and of the folder.
    ///
    /// - Parameters:
    ///   - home: nil without one.
    ///   - folder: of a project, usually the current one.
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

    /// All servers in all files; a file that cannot be read is found too, since nobody knows what it starts.
    ///
    /// - Parameter relay: of the deployment that they should lead to.
    static func run(home: String?, folder: String, relay: HostRelay) -> [Found] {
        files(home: home, folder: folder).flatMap { path, kind in
            kind == .codex ? codex(path, relay) : json(path, kind, relay)
        }
    }

    private static func json(
        _ path: String, _ kind: HostKind, _ relay: HostRelay
    ) -> [Found] {
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
        } catch {
            return [unreadable(path, .codex, error.message)]
        }
        let found = file.entries.map {
            Found(
                path: path, kind: .codex, line: $0.line, name: $0.name,
                isGoverned: $0.relay.map(relay.isOurs) ?? false, text: $0.relay?.program ?? "")
        }
        guard file.hasOtherForms else { return found }
        return found + [unreadable(path, .codex, "servers in a form that is not read")]
    }

    private static func unreadable(
        _ path: String, _ kind: HostKind, _ reason: String
    ) -> Found {
        Found(path: path, kind: kind, line: 1, name: nil, isGoverned: false, text: reason)
    }

    /// No arguments and no headers: they may be secrets.
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
