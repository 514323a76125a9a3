package import InterlockModel

/// Collects findings. Reading never stops at the first one.
package struct Findings: Sendable {
    /// The maximum number of reported findings, because a reader fixes the first ones first.
    package static let most = 200
    private var list: [Finding] = []
    package private(set) var hasErrors = false

    package init() {}

    package mutating func add(_ finding: Finding) {
        if finding.code.grade == .error { hasErrors = true }
        // The list is never cut short: a lint that is omitted here would not hold its agent. The limits of
        // files and nodes bound it.
        list.append(finding)
    }

    package mutating func add(
        _ code: FindingCode, at place: PolicyLocation, path: String = "", subject: AgentName? = nil,
        _ message: String, help: String? = nil
    ) { add(Finding(code, at: place, path: path, subject: subject, message, help: help)) }

    /// Adds a finding about a part of the policy as written.
    mutating func add(
        _ code: FindingCode, at part: some PolicyPart, subject: AgentName? = nil, _ message: String,
        help: String? = nil
    ) { add(code, at: part.place, path: part.path, subject: subject, message, help: help) }

    package mutating func add(contentsOf findings: some Sequence<Finding>) {
        for finding in findings { add(finding) }
    }

    /// All findings by file and position, and by code at the same position.
    package var all: [Finding] { list.byPlace }

    /// The findings in the order in which they were added.
    var unsorted: [Finding] { list }

    /// The findings to print: the first `most` of `all`.
    package var reported: [Finding] { Array(all.prefix(Findings.most)) }
}

extension [Finding] {
    /// The findings by file and position, and by code at the same position.
    var byPlace: [Finding] {
        var ranks: [String: Int] = [:]
        for file in Set(map(\.place.file)).sorted() { ranks[file] = ranks.count }
        // Numbers are sorted, because moving or comparing thousands of findings is expensive.
        var order = indices.map { index in
            let place = self[index].place
            return Position(
                file: ranks[place.file] ?? 0, line: place.line, column: place.column, index: index)
        }
        order.sort { a, b in
            if a.file != b.file { return a.file < b.file }
            if a.line != b.line { return a.line < b.line }
            if a.column != b.column { return a.column < b.column }
            return precedes(self[a.index], self[b.index])
        }
        return order.map { self[$0.index] }
    }
}

private struct Position {
    /// The rank of the file's name.
    let file: Int
    let line: Int
    let column: Int
    let index: Int
}

/// The order of two findings at one position.
private func precedes(_ a: Finding, _ b: Finding) -> Bool {
    if a.code != b.code { return a.code.rawValue < b.code.rawValue }
    if a.path != b.path { return a.path < b.path }
    return a.message < b.message
}
