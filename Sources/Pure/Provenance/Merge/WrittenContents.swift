package import InterlockModel

/// The audit log's knowledge of the contents and runs of one change.
package struct WrittenContents: Sendable {
    /// A run whose changes are on record.
    package struct Run: Hashable, Sendable {
        package let agent: AgentName
        package let host: String?
        /// The hash of the record that lists what the run changed.
        package let record: Digest

        package init(agent: AgentName, host: String?, record: Digest) {
            self.agent = agent
            self.host = host
            self.record = record
        }
    }

    /// A run whose changes cannot be read any more, or not all of them.
    package struct Unread: Hashable, Sendable {
        package let run: RunID
        package let reason: String

        package init(run: RunID, reason: String) {
            self.run = run
            self.reason = reason
        }
    }

    package let runs: [RunID: Run]
    /// The runs that wrote a content, the newest last.
    package let writers: [Digest: [RunID]]
    package let unread: [Unread]

    package init(runs: [RunID: Run], writers: [Digest: [RunID]], unread: [Unread]) {
        self.runs = runs
        self.writers = writers
        self.unread = unread
    }

    /// The runs that wrote the file's content, the newest last; empty if the log knows none.
    package func writers(of file: ChangedFile) -> [RunID] {
        file.knownDigest.flatMap { writers[$0] } ?? []
    }
}
