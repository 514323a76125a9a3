/// The kind that the name of a task, script or unknown program speaks of: `deploy` for `make deploy-all`.
enum TaskName {
    private static let words: [String: ShellKind] = [
        "clean": .delete, "delete": .delete, "destroy": .production, "distclean": .delete,
        "deploy": .deploy, "deployment": .deploy, "migrate": .production, "migration": .production,
        "prod": .production, "production": .production, "promote": .deploy, "publish": .push,
        "purge": .delete, "push": .push, "release": .deploy, "rollback": .deploy,
        "rollout": .deploy, "ship": .deploy, "upload": .push, "wipe": .delete,
    ]

    /// Returns nil if the name speaks of nothing. A name is split at what is no letter.
    static func kind(of name: String) -> ShellKind? {
        guard name.utf8.count <= 256 else { return nil }
        let parts = name.lowercased().utf8.split { !(0x61...0x7a).contains($0) }
        return parts.compactMap { words[String(decoding: $0, as: UTF8.self)] }.max()
    }
}
