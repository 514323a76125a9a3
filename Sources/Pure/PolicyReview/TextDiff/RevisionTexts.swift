package import InterlockPolicy

/// The bytes of the files of a revision, as they were read.
package struct RevisionTexts: Sendable, Hashable {
    /// The bytes by path: the policy's own, `interlock.lock`, and the files of other parts. Empty if they were not kept.
    package let files: [String: [UInt8]]

    /// No text is kept of a revision with more bytes.
    package static let mostBytes = 64 << 20
    /// The texts of a revision that were not kept.
    package static let none = RevisionTexts(files: [:])

    private init(files: [String: [UInt8]]) { self.files = files }

    /// - Parameters:
    ///   - policy: the files of the policy folder.
    ///   - lock: the bytes of the lock, or nil if there is none.
    ///   - parts: the files of other parts, by path.
    package init(policy: [PolicyFile], lock: [UInt8]?, parts: [String: [UInt8]]) {
        var files = parts
        for file in policy {
            // A policy folder may have the name of another part, and no file may hide another.
            files[files[file.path] == nil ? file.path : "policy/" + file.path] = file.bytes
        }
        files[PolicyLock.fileName] = lock
        let bytes = files.values.reduce(0) { $0 + $1.count }
        self.init(files: bytes <= Self.mostBytes ? files : [:])
    }
}
