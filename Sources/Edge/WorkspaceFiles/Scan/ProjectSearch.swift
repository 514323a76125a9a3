import Glibc
package import InterlockModel
package import InterlockSafety
package import InterlockWorkspace

/// A search of what a run would see of a project: all that its preparation hides is left out
/// (docs/specs/coding-agents.md, section 11). Nothing is followed and nothing is written.
package struct ProjectSearch {
    /// The project as the search saw it, with the digests of its files.
    package let base: TreeListing
    /// The findings, in the order of paths.
    package let found: [(path: WorkspacePath, findings: SecretFindings)]
    /// The numbers of files that the run would see, of their bytes, and of files known from an earlier search.
    package let files: Int
    package let bytes: Int64
    package let known: Int
    /// The digests of files, and the files without findings, for the next search.
    package let hashes: HashCache
    package let clean: HashCache

    /// The reason why a project was not searched as a whole.
    package enum Failure: Error {
        case files(WorkspaceFailure)
        case scanner(ScanFailure)
    }

    /// - Parameters:
    ///   - project: the absolute path of the project, without links.
    ///   - hashes: digests of files of earlier runs.
    ///   - clean: the files without findings of earlier searches.
    package init(
        of project: String, hidden: HiddenNames, scanner: any ContentScanner,
        hashing: any Hashing, hashes: HashCache, clean: HashCache
    ) throws(Failure) {
        var scan = ProjectScan(hidden, hashing: hashing, cache: hashes)
        scan.inspection = ContentInspection(scanner, clean: clean)
        do throws(WorkspaceFailure) {
            let root = try Descriptor(project: project)
            (base, self.hashes) = try scan.scan(root)
        } catch {
            if let failure = scan.inspection?.failure { throw .scanner(failure) }
            throw .files(error)
        }
        guard let inspection = scan.inspection else {
            throw .scanner(ScanFailure(.scan, "the search gave no answer"))
        }
        (files, bytes, known) = (inspection.files, inspection.bytes, inspection.known)
        self.clean = inspection.clean
        // Another name of a hidden file is hidden too, which is known at the end of the walk.
        let base = base
        found = inspection.found.filter { path, _ in
            if case .file? = base[path] { true } else { false }
        }.sorted { $0.key < $1.key }.map { (path: $0.key, findings: $0.value) }
    }

    /// Returns the first file of the later listing that was not searched as it is, or nil if each was.
    package func firstUnsearched(in later: TreeListing) -> WorkspacePath? {
        later.entries.first { entry in
            guard case .file(let size, _, let digest, _) = entry.node else { return false }
            guard case .file(let searchedSize, _, let searched, _)? = base[entry.path] else {
                return true
            }
            return size != searchedSize || digest != searched
        }?.path
    }
}
