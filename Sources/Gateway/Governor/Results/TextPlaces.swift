import InterlockJSON
import InterlockLedger
import InterlockPorts
import InterlockSafety

extension ReportedFindings {
    /// Counts findings by class, rule and the place of their text.
    ///
    /// - Parameter document: the value that was searched, or nil if places in it say nothing.
    mutating func add(_ findings: [ResultFinding], in document: JSONValue?) {
        guard !findings.isEmpty else { return }
        let places = document.map { TextPlaces(of: findings, in: $0) }
        for finding in findings {
            let kind = finding.secretClass
            add(
                kind.rawValue,
                by: kind == .undecodable ? nil : finding.rule.description,
                at: places?.place(of: finding))
        }
    }
}

/// The JSON Pointers of the texts of a document that have a finding, found in one walk. No pointer has a name in which a
/// value was found: it ends before.
private struct TextPlaces {
    private enum Step {
        case index(Int)
        case name(String)
        /// A name with a finding.
        case hidden
    }
    private let wanted: Set<Int>
    private var pointers: [Int: String] = [:]
    private var path: [Step] = []
    /// The index of the next text, counted as `ResultTexts` does.
    private var next = 0

    /// - Parameter findings: all findings in the document. If one is in several texts, the names that have it are not
    ///   known, so that no place is.
    init(of findings: [ResultFinding], in document: JSONValue) {
        var wanted: Set<Int> = []
        for finding in findings {
            guard case .part(let text, _) = finding.extent else {
                self.wanted = []
                return
            }
            wanted.insert(text)
        }
        self.wanted = wanted
        walk(document)
    }

    /// Returns nil if the place is not known, or is the whole document.
    func place(of finding: ResultFinding) -> String? {
        guard case .part(let text, _) = finding.extent, let pointer = pointers[text],
            !pointer.isEmpty
        else { return nil }
        return pointer
    }

    private mutating func walk(_ value: JSONValue) {
        guard pointers.count < wanted.count else { return }
        switch value {
        case .null, .bool: break
        case .integer, .number, .string: take()
        case .array(let items):
            for (index, item) in items.enumerated() {
                path.append(.index(index))
                walk(item)
                path.removeLast()
            }
        case .object(let object):
            for (key, value) in object.members {
                let isHidden = wanted.contains(next)
                take()
                path.append(isHidden ? .hidden : .name(key))
                walk(value)
                path.removeLast()
            }
        }
    }

    private mutating func take() {
        if wanted.contains(next) { pointers[next] = pointer }
        next += 1
    }

    /// The pointer of the path, or of the longest beginning of it that is short enough and has no hidden name.
    private var pointer: String {
        var pointer = ""
        for step in path {
            let token: String
            switch step {
            case .hidden: return pointer
            case .index(let index): token = "/\(index)"
            case .name(let name):
                guard name.utf8.count < ReportedFindings.longestPlace else { return pointer }
                token = "/" + JSONPointer.escaped(name)
            }
            guard pointer.utf8.count + token.utf8.count <= ReportedFindings.longestPlace else {
                return pointer
            }
            pointer += token
        }
        return pointer
    }
}
