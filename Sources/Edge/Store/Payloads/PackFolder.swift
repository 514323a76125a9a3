import Glibc
package import InterlockModel

/// `state/payloads`: one folder of packs per day.
package struct PackFolder: Sendable {
    private let path: String

    package init(_ path: String) { self.path = path }

    /// Deletes the packs of `last` and of all earlier days. Durable on return; after an error some may be gone. A file
    /// that is not a pack is kept, together with its folder.
    package func remove(through last: CivilDate) throws(LedgerFailure) {
        do throws(SystemError) {
            guard Folder.exists(path) else { return }
            var removed = false
            for name in try Folder.names(path) {
                guard let day = CivilDate(name), day <= last else { continue }
                let folder = "\(path)/\(name)"
                for pack in try Folder.names(folder) where pack.hasSuffix(".pack") {
                    try Folder.remove("\(folder)/\(pack)")
                }
                guard unsafe rmdir(folder) == 0 || errno == ENOTEMPTY else {
                    throw SystemError("rmdir", folder)
                }
                removed = true
            }
            if removed { try Folder.flush(path) }
        } catch {
            throw LedgerFailure(error)
        }
    }
}
