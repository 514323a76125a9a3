import InterlockEvidencePack
import InterlockJSON
import InterlockModel

extension Invariants {
    /// The input is a control file, a result of tests, the report of a self-test or a questionnaire. A control file has one
    /// spelling and makes a report, a result has one outcome for each test, and a filled questionnaire is read
    /// and begins with no formula.
    package static func evidencePack(_ bytes: [UInt8]) {
        if let control = try? ControlFile(parsing: bytes) {
            precondition(
                (try? control.json.canonical()) == bytes, "a control file has one spelling")
            let report = try? EvidenceReport(head: [:], controls: [bytes], frameworks: [])
            precondition(report?.answer(control.id.rawValue) != nil, "a control has an answer")
            precondition(
                report?.html.contains("<script") == false, "text of a control is no mark-up")
        }
        if let release = try? ReleaseResults(payload: bytes) {
            let ids = Set(texts: release.tests.results.map(\.id))
            precondition(ids.count == release.tests.results.count, "a test has one result")
        }
        if let report = try? ReleaseResults(report: bytes) {
            let payload = try? report.payload.canonical()
            let read = payload.flatMap { try? ReleaseResults(payload: $0) }
            precondition(read == report, "what is signed is read as it was reported")
        }
        if let time = Timestamp(rfc3339: "2026-11-20T03:00:00Z"),
            let leaf = Digest(bytes: [UInt8](repeating: 7, count: 32)),
            let results = DeploymentResults(report: bytes, at: time, index: 1, leaf: leaf)
        {
            precondition(
                (try? TestResults(json: results.payload["tests"])) == results.tests,
                "results are read back")
        }
        guard let questions = try? Questionnaire(parsing: bytes) else { return }
        let filled = questions.filled { _ in "=answer" }
        let first = filled.unicodeScalars.first?.value
        precondition(first != 0x3d && first != 0x40, "the first cell is no formula")
        precondition(
            (try? Questionnaire(parsing: Array(filled.utf8))) != nil, "what was filled is read")
    }
}
