import InterlockJSON
import InterlockModel

/// A path of `connect.sandbox.read` that gives the server's child nothing.
struct DroppedPath: Sendable {
    let path: Located<String>
    let reason: String
    let remedy: String

    /// The paths without effect of one server.
    ///
    /// - Parameter sandbox: the mapping `connect.sandbox`.
    static func all(in sandbox: TypedValue?, of connection: ServerConnection?) -> [DroppedPath] {
        let writable = Set(
            (sandbox?["writable_cache"]?.texts ?? []).map { ExactText(plain($0.value)) })
        return (sandbox?["read"]?.texts ?? []).compactMap { path in
            if case .http? = connection {
                return DroppedPath(
                    path: path,
                    reason: "a server reached over http has no child that could read it",
                    remedy: "leave it out")
            }
            let name = plain(path.value)
            if writable.contains(ExactText(name)) {
                return DroppedPath(
                    path: path, reason: "`writable_cache` names it too, so it is writable",
                    remedy: "name it in one of the two")
            }
            return nil
        }
    }

    /// The path without doubled or final slashes and without `.` components.
    private static func plain(_ path: String) -> String {
        let parts = path.split(separator: "/").filter { $0 != "." }
        return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
    }
}
