import Glibc
import InterlockCommandLine
import InterlockCredentials
import InterlockHooks
import InterlockHostSettings
import InterlockJSON
import InterlockModel

/// The folder that an installation's paths begin at, and the list of the files that are Interlock's there.
struct InstallationSite {
    let scope: HostSettingsScope
    /// `/`, the home of the user, or the folder of the project; without a slash at its end.
    private let base: String
    private let listPath: String
    private(set) var list: InstalledFiles

    /// - Throws: exit 64 for the scope `managed` unless root asks; 1 if root asks for a folder of others; 65 if the list cannot be read.
    init(_ scope: HostSettingsScope) throws(Failure) {
        self.scope = scope
        let home = environment("HOME").flatMap(File.realPath)
        switch scope {
        case .managed:
            guard geteuid() == 0 else {
                throw Failure(
                    .usage, "only root can install managed settings",
                    help: "run it as root, or see the files with --print")
            }
            (base, listPath) = ("", HookPaths.installed)
        case .user, .project:
            guard let home else { throw Failure(.usage, "HOME names no folder") }
            guard let folder = scope == .user ? home : File.realPath(".") else {
                throw Failure(.io, "the current folder cannot be found")
            }
            // Root would write where another user can put a link.
            if geteuid() == 0 { try TrustedPath.checkIsOfRoot(folder, isStickyTrusted: true) }
            (base, listPath) = (folder, "\(home)/\(HookPaths.installedOfUser)")
        }
        do throws(FileFailure) {
            let bytes = try File.readRegular(
                listPath, limit: InstalledFiles.limitBytes, followsLink: false)
            do throws(FormError) { list = try InstalledFiles(parsing: bytes) } catch {
                throw FileFailure(message: "`\(listPath)`: \(error)")
            }
        } catch {
            guard error.isMissing else { throw Failure(.data, error.message) }
            list = InstalledFiles()
        }
    }

    /// Returns the absolute path of a file of the settings.
    func path(_ path: String) -> String { path.hasPrefix("/") ? path : "\(base)/\(path)" }

    /// The content at a path, or nil if there is nothing.
    ///
    /// - Throws: exit 1 for anything but a regular file of at most 1 MiB.
    func content(_ path: String) throws(Failure) -> [UInt8]? {
        do throws(FileFailure) {
            return try File.readRegular(path, limit: 1 << 20, followsLink: false)
        } catch {
            guard error.isMissing else { throw Failure(.no, error.message) }
            return nil
        }
    }

    /// Throws unless the path is free, or has a content that an installation wrote.
    ///
    /// - Throws: exit 1 for a file of others, 65 for one that no host could read.
    func checkIsOwn(_ path: String, _ proposed: [UInt8]) throws(Failure) {
        if geteuid() == 0 {
            try TrustedPath.checkIsOfRoot(path, isStickyTrusted: scope != .managed)
        }
        guard let content = try content(path), content != proposed,
            !list.has(path, Self.digest(content))
        else { return }
        if path.hasSuffix(".json"),
            (try? JSONValue(parsing: content, limits: JSONLimits(depth: 64, bytes: 1 << 20))) == nil
        {
            throw Failure(
                .data, "`\(path)` is not valid JSON", help: "repair or remove it, and try again")
        }
        throw Failure(
            .no, "`\(path)` is not of an installation of Interlock, or was changed since",
            help: "move it away, or put the proposed text into it yourself")
    }

    /// Replaces a file. The list allows both contents before it changes, so that whatever is there after a crash is known
    /// as Interlock's.
    mutating func write(_ content: [UInt8], to path: String, of host: HookHost?) throws(Failure) {
        list.expect(Self.digest(content), at: path, of: host)
        try keepList()
        try TrustedPath.makeFolders(
            above: path, base: base, mode: mode_t(HostSettingsFile.folderMode))
        try put(content, path)
        list.settle(path)
        try keepList()
    }

    /// The files of one host: those of the site's base, as a user's list has all projects.
    func entries(of host: HookHost) -> [InstalledFiles.Entry] {
        let paths = [host.hooksPath(scope), host.managedServersPath, host.dropInPath]
            .compactMap { $0.map(path) }
        return list.entries.filter { entry in
            entry.host == host && paths.contains { $0.utf8.elementsEqual(entry.path.utf8) }
        }
    }

    /// Removes the file that hosts share once no host is left, and then the list. Only the names of Interlock's own files
    /// are removed: a user's agent can write to the user's list.
    mutating func removeShared() throws(Failure) {
        guard list.entries.allSatisfy({ $0.host == nil }) else { return }
        if scope == .managed, list[HookPaths.endpoint] != nil {
            try checkIsOwn(HookPaths.endpoint, [])
            try remove(HookPaths.endpoint)
        }
        _ = unsafe unlink(listPath)
    }

    mutating func remove(_ path: String) throws(Failure) {
        guard unsafe unlink(path) == 0 || errno == ENOENT else {
            throw Failure(.io, FileFailure("remove", path).message)
        }
        list.remove(path)
        try keepList()
    }

    static func digest(_ content: [UInt8]) -> Digest { OpenSSLHashing().sha256(content) }

    private func keepList() throws(Failure) {
        let root =
            scope == .managed ? "" : String(listPath.dropLast(HookPaths.installedOfUser.count + 1))
        try TrustedPath.makeFolders(
            above: listPath, base: root, mode: mode_t(HostSettingsFile.folderMode))
        try put(list.bytes, listPath)
    }

    /// Durable on return, and read back.
    private func put(_ content: [UInt8], _ path: String) throws(Failure) {
        do throws(FileFailure) {
            try File.write(content, to: path, mode: mode_t(HostSettingsFile.mode), isExact: true)
            try File.syncFolder(of: path)
            let kept = try File.readRegular(path, limit: 1 << 20, followsLink: false)
            guard kept == content else {
                throw FileFailure(message: "`\(path)` is not as it was written")
            }
        } catch { throw Failure(.io, error.message) }
    }
}
