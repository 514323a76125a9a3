import Glibc
import InterlockAdministration
import InterlockCommandLine
import InterlockDeployment
import InterlockGovernor
import InterlockPorts
import InterlockSandbox

/// Paths that only root can change or replace.
enum RootedPath {
    /// Checks this program and the `interlock-launch` next to it.
    ///
    /// - Returns: the path of this program.
    /// - Throws: 77 if another user can replace one of them.
    static func ownProgram() throws(Failure) -> String {
        guard let program = File.realPath("/proc/self/exe") else {
            throw Failure(.io, "cannot find this program")
        }
        let launcher = try LaunchFailure.exits(.notFound, try HostPaths.launcherBesideProgram())
        for path in [program, launcher] {
            if let place = try replaceable(path) {
                throw Failure(
                    .notPermitted, "`\(place)` can be changed by other users than root",
                    help: "install interlock and interlock-launch to /usr/bin first")
            }
        }
        try refuseOddBytes(program)
        return program
    }

    /// The absolute path of a folder that need not exist yet.
    static func newFolder(_ named: String) throws(Failure) -> String {
        let path = try placed(named, help: "name another --dir, such as /var/lib/interlock").path
        try refuseOddBytes(path)
        var status = stat()
        if unsafe lstat(path, &status) == 0 { try judge(path) }
        return path
    }

    /// - Returns: the absolute path, and its parent folder with links resolved.
    /// - Throws: 77 if another user can change the parent folder or one above it.
    private static func placed(
        _ named: String, help: String
    ) throws(Failure) -> (path: String, parent: String) {
        let parts = named.split(separator: "/").map(String.init)
        guard let name = parts.last, name != ".." else {
            throw Failure(.usage, "invalid path `\(named)`")
        }
        let above = (named.hasPrefix("/") ? "/" : "") + parts.dropLast().joined(separator: "/")
        guard let parent = File.realPath(above.isEmpty ? "." : above) else {
            throw Failure(.notFound, "cannot find `\(above)`")
        }
        if let place = try replaceable(parent) {
            throw Failure(
                .notPermitted, "`\(place)` can be changed by other users than root", help: help)
        }
        return ((parent == "/" ? "" : parent) + "/" + name, parent)
    }

    /// Checks an existing folder, whose contents become part of the deployment that root makes.
    ///
    /// - Throws: 77 unless it is a folder of root that no other user may write, 73 unless it is empty.
    static func judge(_ folder: String) throws(Failure) {
        var status = stat()
        guard unsafe lstat(folder, &status) == 0 else {
            throw Failure(.io, FileFailure("find", folder).message)
        }
        guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == 0, status.st_mode & 0o022 == 0
        else {
            throw Failure(
                .notPermitted, "`\(folder)` can be changed by other users than root",
                help: "name a --dir that is not there yet")
        }
        let names = try FileFailure.exits(.io, try File.names(in: folder))
        guard names.isEmpty else {
            throw Failure(
                .cannotCreate, "`\(folder)` is not empty",
                help: "name a --dir that is not there yet")
        }
    }

    /// The absolute path of a file in a folder that only root can change.
    static func newFile(_ named: String, help: String) throws(Failure) -> String {
        let (path, parent) = try placed(named, help: help)
        var status = stat()
        guard unsafe lstat(parent, &status) == 0, status.st_mode & 0o022 == 0 else {
            throw Failure(
                .notPermitted, "`\(parent)` can be changed by other users than root", help: help)
        }
        return path
    }

    /// Returns the path component through which a user other than root could change or replace the file at a path, or
    /// nil if no component allows it. Unlike `replaceable`, it also reports a folder to which a group may add files.
    ///
    /// - Parameter path: absolute, without links; a link as the last component is reported.
    static func changeable(_ path: String) throws(Failure) -> String? {
        if let place = try replaceable(path) { return place }
        let last = try FileFailure.exits(.io, try PathComponent.all(of: path)).last
        return last?.isOpenBesidesRoot == true ? path : nil
    }

    /// A unit file gives some bytes a meaning of its own.
    private static func refuseOddBytes(_ path: String) throws(Failure) {
        let isPlain = path.utf8.allSatisfy { byte in
            (0x2b...0x3a).contains(byte) || (0x41...0x5a).contains(byte)
                || (0x61...0x7a).contains(byte) || byte == 0x5f
        }
        guard isPlain else {
            throw Failure(.usage, "`\(path)` has other bytes than letters, digits and `/._-+`")
        }
    }

    /// Returns the first component, of the path and the folders above it, that another user can change, or nil if no
    /// component allows it. A sticky folder, in which users replace only their own entries, is not reported.
    ///
    /// - Parameter path: absolute, without links.
    private static func replaceable(_ path: String) throws(Failure) -> String? {
        try FileFailure.exits(.io, try PathComponent.all(of: path)).first {
            $0.owner != 0 || $0.isOpenBesidesRoot && !$0.isSticky
        }?.path
    }
}
