import CLinux
import Glibc
package import InterlockModel
package import InterlockWorkspace

/// The bytes of a changed file, for its review.
extension RunFolder {
    package enum ReviewedContent: Sendable {
        /// - Parameter old: nil if there was no file; the same for `new`.
        case bytes(old: [UInt8]?, new: [UInt8]?)
        /// The project's file is not the one of the start of the run, so that a comparison would mislead.
        case changedProject
        case tooLarge
        /// Neither side is a file.
        case notFile
    }

    /// - Parameter most: the most bytes of each side.
    package func content(
        of change: WorkspaceChange, most: Int, hashing: any Hashing
    ) throws(WorkspaceFailure) -> ReviewedContent {
        var (old, new): ([UInt8]?, [UInt8]?) = (nil, nil)
        if case .file(let size, _, let digest, _) = change.after {
            guard size <= most else { return .tooLarge }
            let upper = try upper()
            guard let file = Descriptor.beneath(upper.number, change.path, O_RDONLY),
                let bytes = contents(of: file.number, most: most), hashing.sha256(bytes) == digest
            else {
                // A mode that changed alone is in the upper with its content too.
                throw WorkspaceFailure(
                    .changed, "`\(change.path.escaped)` is not as it was listed")
            }
            new = bytes
        }
        if case .file(let size, _, let digest, _) = change.before,
            change.lowerDigest == digest
        {
            guard size <= most else { return .tooLarge }
            let root = try project()
            guard let file = Descriptor.beneath(root.number, change.path, O_RDONLY),
                let bytes = contents(of: file.number, most: most), hashing.sha256(bytes) == digest
            else { return .changedProject }
            old = bytes
        }
        return old == nil && new == nil ? .notFile : .bytes(old: old, new: new)
    }
}
