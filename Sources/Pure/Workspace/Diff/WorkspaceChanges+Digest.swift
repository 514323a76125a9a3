package import InterlockJSON
package import InterlockModel

extension Sequence<WorkspaceChange> {
    /// SHA-256 of the JSON list of the changes, without the list in memory.
    ///
    /// - Parameter each: is called with each change and its bytes.
    package func digest(
        _ hashing: any Hashing, each: (JSONValue, _ bytes: Int) -> Void = { _, _ in }
    ) -> Digest {
        hashing.sha256 { take in
            let (start, comma, end) = (Array("[".utf8), Array(",".utf8), Array("]".utf8))
            take(start.span)
            for (number, change) in enumerated() {
                if number > 0 { take(comma.span) }
                let json = change.json
                let text = json.serialized()
                take(text.span)
                each(json, text.count)
            }
            take(end.span)
        }
    }
}

extension ApplyPlan {
    /// The changes of the plan that people must have approved.
    package var flagged: [WorkspaceChange] { changes.filter { !$0.flags.isEmpty } }

    /// The flags of these, in their order, each once.
    package var flags: [WorkspaceFlag] { Set(flagged.flatMap(\.flags)).sorted() }
}

extension ApplySelection {
    /// The selection with every flag that can be approved: what a person reviews before deciding.
    package init(reviewing paths: [WorkspacePath]) {
        self.init(paths: paths, approved: Set(WorkspaceFlag.allCases.filter(\.isApprovable)))
    }
}
