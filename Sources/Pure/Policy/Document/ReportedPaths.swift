import InterlockJSON
import InterlockModel

/// The parts of a policy that errors are about. A part with an error may be missing in the document, so that nothing
/// follows from the absence of its name.
struct ReportedPaths: Sendable {
    private var paths: Set<ExactText> = []

    init(_ findings: Findings) {
        for finding in findings.unsorted where finding.code.grade == .error {
            let path = finding.path
            guard !path.isEmpty else { continue }
            paths.insert(ExactText(path))
            for index in path.utf8.indices
            where path.utf8[index] == UInt8(ascii: ".")
                || path.utf8[index] == UInt8(ascii: "[")
            {
                paths.insert(ExactText(String(path[..<index])))
            }
        }
    }

    /// Returns true if an error is about the part or something in it.
    func contains(_ path: String) -> Bool { paths.contains(ExactText(path)) }
}
