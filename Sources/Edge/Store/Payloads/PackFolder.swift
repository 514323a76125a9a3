import Glibc
package import InterlockModel

/// `state/payloads`: a folder of packs for each day.
package struct PackFolder: Sendable {
    private let path: String

    package init(_ path: String) { self.path = path }

    /// Deletes the packs of this day and of all before. Durable on return; after an error some may be
    /// gone. What is no pack of a day is left alone, with its folder.
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
