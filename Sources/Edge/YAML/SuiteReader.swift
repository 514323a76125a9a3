package import InterlockEvals
import InterlockPolicy

/// Reads a suite of evals from the bytes of its files.
package enum SuiteReader {
    /// A file of a suite, by the path that findings state.
    package struct File: Sendable {
        package let path: String
        package let bytes: [UInt8]

        package init(path: String, bytes: [UInt8]) {
            self.path = path
            self.bytes = bytes
        }
    }

    /// - Parameter cases: the files of `cases/`, in any order: which of two cases with one id is reported depends on
    ///   their paths alone.
    package static func read(_ suite: File, cases: [File]) -> SuiteReading {
        SuiteReading(parsed(suite), cases: cases.sorted { $0.path < $1.path }.map(parsed))
    }

    /// One file of a suite as a tree.
    package static func parsed(_ file: File) -> ParsedEvalFile {
        let reading = readYAML(file.bytes, file: file.path)
        return ParsedEvalFile(
            path: file.path, byteCount: file.bytes.count, root: reading.root,
            findings: reading.findings)
    }
}
