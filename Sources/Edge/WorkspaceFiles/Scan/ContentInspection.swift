import CLinux
import Glibc
import InterlockModel
import InterlockSafety
import InterlockWorkspace

/// Searches the contents of a project's files during a walk, and remembers which files have nothing to be found.
struct ContentInspection {
    /// The largest file that is searched, in bytes. A larger one ends the scan: what was not searched is not shown.
    static let mostFileBytes: Int64 = 16 << 30
    /// The bytes of all files together.
    static let mostBytes: Int64 = 256 << 30

    let scanner: any ContentScanner
    /// The files without findings under the digest of a scanner, by their state.
    private(set) var clean: HashCache
    private(set) var found: [WorkspacePath: SecretFindings] = [:]
    private(set) var files = 0
    private(set) var bytes: Int64 = 0
    /// The files that were not read, because they are known to be clean.
    private(set) var known = 0
    /// The failure of the scanner that ended the walk.
    private(set) var failure: ScanFailure?

    init(_ scanner: any ContentScanner, clean: HashCache) {
        (self.scanner, self.clean) = (scanner, clean)
    }

    /// Searches a file, unless it is known to be clean.
    mutating func inspect(
        _ file: borrowing Descriptor, _ status: stat, _ path: WorkspacePath,
        _ reader: inout FileReader
    ) throws(WorkspaceFailure) {
        let size = Int64(status.st_size)
        files += 1
        bytes += size
        guard size <= Self.mostFileBytes, bytes <= Self.mostBytes else {
            throw WorkspaceFailure(
                .tooLarge, "`\(path.escaped)` is larger than what is searched for secrets")
        }
        if clean.digest(status) == scanner.digest {
            known += 1
            return
        }
        scanner.begin()
        var failure: ScanFailure?
        let count = reader.read(file.number) { part in
            guard failure == nil else { return }
            do throws(ScanFailure) { try scanner.take(part) } catch { failure = error }
        }
        let number = errno
        guard count != nil else { throw .system("read", path, number) }
        let findings = try finish(path, failure)
        // The caller compares the file's state once more before it takes the digest.
        if findings.isEmpty { clean.add(status, scanner.digest) } else { found[path] = findings }
    }

    /// Searches a text that the agent sees in place of a file.
    mutating func inspect(
        text: [UInt8], _ path: WorkspacePath
    ) throws(WorkspaceFailure) {
        files += 1
        bytes += Int64(text.count)
        scanner.begin()
        var failure: ScanFailure?
        do throws(ScanFailure) { try scanner.take(text.span) } catch { failure = error }
        let findings = try finish(path, failure)
        if !findings.isEmpty { found[path] = findings }
    }

    private mutating func finish(
        _ path: WorkspacePath, _ failure: ScanFailure?
    ) throws(WorkspaceFailure) -> SecretFindings {
        do throws(ScanFailure) {
            if let failure { throw failure }
            return try scanner.finish()
        } catch {
            self.failure = error
            throw WorkspaceFailure(.invalid, "`\(path.escaped)` cannot be searched: \(error)")
        }
    }
}
