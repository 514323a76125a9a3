import InterlockModel

extension EvalReport {
    /// One workflow command for each case that failed, at the line of its file.
    package var annotations: [String] {
        rows.compactMap { row in
            guard let reason = row.reason else { return nil }
            let command = row.isFlaky ? "warning" : "error"
            let file = WorkflowCommandText.property(row.place.file)
            let message = WorkflowCommandText.data("\(row.outcome.id): \(reason)".withMarks)
            return "::\(command) file=\(file),line=\(row.place.line)::\(message)"
        }
    }
}
