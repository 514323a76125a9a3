import InterlockCommandLine
import InterlockHosts

/// A host's file as it was read. Later writes are checked against these bytes.
struct HostSource {
    /// The absolute path without links or dot components.
    let path: String
    let file: HostFile
    let bytes: [UInt8]
    var kind: HostKind { file.kind }

    /// - Parameter host: the value of `--host`, for a file whose name does not determine its host.
    static func read(_ named: String, host: String?) throws(Failure) -> HostSource {
        guard let path = File.realPath(named) else {
            throw Failure(.notFound, "there is no file `\(TerminalEscaping.shown(named))`")
        }
        let kind = try kind(of: path, named, host)
        guard kind != .codex else {
            throw Failure(
                .data, "the list of Codex (`\(path)`) is not imported",
                help: "interlock connect AGENT --host codex adds the gateway to it")
        }
        let bytes: [UInt8]
        do throws(FileFailure) {
            bytes = try File.readRegular(path, limit: HostFile.largest)
        } catch { throw Failure(error.isMissing ? .notFound : .data, error.message) }
        do throws(HostFileError) {
            return HostSource(
                path: path, file: try HostFile(parsing: bytes, kind: kind), bytes: bytes)
        } catch {
            throw Failure(
                .data, "\(TerminalEscaping.shown(path)):\(error.line): \(error.reason)",
                help: "the host would read this file otherwise or not at all: mend it first")
        }
    }

    static func kind(named text: String) throws(Failure) -> HostKind {
        guard let kind = HostKind(rawValue: text) else {
            throw Failure(
                .usage, "`\(TerminalEscaping.shown(text))` is no host",
                help: "hosts: " + HostKind.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return kind
    }

    private static func kind(
        of path: String, _ named: String, _ host: String?
    ) throws(Failure) -> HostKind {
        if let host { return try kind(named: host) }
        guard let kind = HostKind(path: path) ?? HostKind(path: named) else {
            throw Failure(
                .usage, "the name of `\(TerminalEscaping.shown(named))` says no host",
                help: "--host claude-code, claude-desktop, cursor or vscode")
        }
        return kind
    }
}
