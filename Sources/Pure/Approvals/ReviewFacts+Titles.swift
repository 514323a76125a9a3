extension ReviewFacts {
    /// The title of a fact for people, in lower case; nil for a fact of another version, which has its name alone.
    package static func title(of name: String) -> String? {
        switch name {
        case "title": "title"
        case "class": "class"
        case "run_purpose": "purpose of the run"
        case "on_behalf_of": "on behalf of"
        case "asked": "asked"
        case "history": "earlier requests"
        case ReviewDocument.uses: "calls with one approval"
        case ReviewDocument.task: "task of the run"
        case ReviewDocument.taint: "untrusted content"
        case ReviewDocument.taintLevel: "level of the run"
        case ReviewDocument.taintedBy: "call that made the run hostile"
        case ReviewDocument.labels: "origin of values"
        case ReviewDocument.findings: "found in the arguments"
        case ReviewDocument.sideChannel: "sent in addition to the effect"
        default: nil
        }
    }
}
